"""A row is matched in one search: at least what its values give one by one, each at its own column."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otel_provenance.identifiers import IdSequence, new_request_id
from otel_provenance.matching import TagIndex
from otel_provenance.tags import TagSet

FIELDS = {
    "email": "grace.hopper@example.org",
    "name": "Grace Brewster Hopper",
    "phone": "+44 7700 900123",
    "born": "1906-12-09",
    "amount": "84.50",
    "city": "Arlington",
    "quantity": "2",
    "note": "Please ring twice, and mind the moth in relay 70.",
}


def index() -> TagIndex:
    tags = TagSet(IdSequence(new_request_id()), b"salt" * 8)
    for name, value in FIELDS.items():
        tags.add("form", name, value)
    return TagIndex(tags.known())


def fields_of(tags: TagIndex, result: Any) -> set[str]:
    names = {tag.tag_id: tag.field for tag in tags.tags}
    return {names[match.tag_id] for match in result if match.confidence >= 0.5}


def test_each_value_is_found_at_its_column() -> None:
    tags = index()
    row = [
        ("email", "Grace.Hopper@example.org "),
        ("full_name", "Grace Brewster Hopper"),
        ("born_on", date(1906, 12, 9)),
        ("amount", Decimal("84.5")),
        ("total_amount", Decimal("84.50")),
        ("details", {"city": "Arlington", "notes": ["Please ring twice, and mind the moth in relay 70."]}),
        ("id", 7),
        ("nothing", None),
        ("blob", b"\x00\x01"),
    ]
    found = dict(zip([column for column, _ in row], tags.match_row(row), strict=True))
    assert {column: fields_of(tags, result) for column, result in found.items() if result} == {
        "email": {"email"},
        "full_name": {"name"},
        "born_on": {"born"},
        "amount": {"amount"},
        "total_amount": {"amount"},
        "details": {"city", "note"},
    }
    assert {match.field for match in found["details"]} == {"details.city", "details.notes.0"}


def test_leaves_come_from_their_columns() -> None:
    row = [("token", "zq81-vkw2-99fj-ppx3"), ("profile", {"mail": "someone.else@example.net"}), ("id", 3)]
    token, profile, number = index().match_row(row, with_leaves=True)
    assert [leaf.field for leaf in token.leaves] == ["token"]
    assert [leaf.field for leaf in profile.leaves] == ["profile.mail"]
    assert not number.leaves


@pytest.mark.parametrize("column", ["a.b", "details"])
def test_a_dot_in_a_column_name_is_no_path(column: str) -> None:
    tags = index()
    found = tags.match_row([(column, FIELDS["email"]), ("name", FIELDS["name"])])
    assert [fields_of(tags, result) for result in found] == [{"email"}, {"name"}]


def test_what_is_too_long_is_looked_through_by_itself() -> None:
    tags = index()
    text = "x " * 5000 + FIELDS["email"]
    short, long = tags.match_row([("name", FIELDS["name"]), ("text", text)], limit=20_000)
    assert fields_of(tags, short) == {"name"}
    assert fields_of(tags, long) == {"email"}
    assert long.inspected == "full"


def test_a_limit_is_each_value_s_own() -> None:
    tags = index()
    long = "y " * 300 + FIELDS["email"]
    first, second = tags.match_row([("a", long), ("b", long.upper())], limit=700)
    assert fields_of(tags, first) == fields_of(tags, second) == {"email"}


values = st.one_of(
    st.sampled_from([*FIELDS.values(), "GRACE.HOPPER@EXAMPLE.ORG", "unrelated", "84.5", ""]),
    st.integers(0, 100),
    st.text(max_size=12),
    st.booleans(),
    st.none(),
    st.sampled_from([date(1906, 12, 9), Decimal("84.5"), 2.0, b"bytes"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(values, max_size=8), st.integers(0, 4))
def test_no_less_than_value_by_value(some: list[Any], rows_before: int) -> None:
    tags = index()
    for _ in range(rows_before):
        tags.match_row([("other", "something else")])
    columns = ["email", "name", "phone", "born", "amount", "total", "quantity", "x"]
    row = list(zip(columns, some, strict=False))
    one_by_one = [fields_of(tags, tags.match_value(column, value)) for column, value in row]
    together = [fields_of(tags, result) for result in tags.match_row(row)]
    assert len(together) == len(one_by_one)
    for alone, beside in zip(one_by_one, together, strict=True):
        assert alone <= beside


def test_mailboxes_in_a_text_are_leaves_unless_the_request_brought_them_in() -> None:
    text = "Zoë Núñez <zoe@example.com> asks: where is it? Copy: Grace Brewster Hopper <grace.hopper@example.org>"
    (found,) = index().match_row([("prompt", text)], with_leaves=True)
    leaves = {leaf.normal for leaf in found.leaves}
    assert {"zoe@example.com", "zoë núñez"} <= leaves
    assert not {"grace.hopper@example.org", "grace brewster hopper"} & leaves


def test_a_column_without_a_name_may_open_into_something_nested() -> None:
    tags = index()
    row = [("", '{"person": {"mail": "grace.hopper@example.org"}}'), ("note", '["Grace Brewster Hopper"]')]
    assert [fields_of(tags, result) for result in tags.match_row(row)] == [{"email"}, {"name"}]
    (first, _) = tags.match_row(row)
    assert [match.field for match in first] == ["person.mail"]
