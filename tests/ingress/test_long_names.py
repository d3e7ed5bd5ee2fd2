"""Clients choose the names of fields: however long they are, what is kept of them is short."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from otel_provenance import ingress
from otel_provenance.fieldnames import LONGEST_NAME, kept_name
from otel_provenance.identifiers import IdSequence, new_request_id
from otel_provenance.matching import TagIndex, match_tags
from otel_provenance.tags import TagSet, make_tag

LONG = "n" * 200_000
MANY = 500


def as_json(tags: TagSet) -> None:
    ingress.json_body(tags, {LONG: list(range(MANY))})


def as_nested_json(tags: TagSet) -> None:
    ingress.json_body(tags, {LONG: {LONG: {f"key{at}": at for at in range(MANY)}}})


def as_xml(tags: TagSet) -> None:
    document = f"<r><{LONG}>{''.join(f'<a>{at}</a>' for at in range(MANY))}</{LONG}></r>"
    ingress.raw_body(tags, document.encode(), "application/xml", "", 1_048_576)


def as_form(tags: TagSet) -> None:
    ingress.form(tags, [(LONG, "1"), (f"{LONG}[a]", json.dumps(list(range(MANY))))])


def as_query(tags: TagSet) -> None:
    ingress.query(tags, f"{LONG}=1&{LONG}.b=2")


@pytest.mark.parametrize("take", [as_json, as_nested_json, as_xml, as_form, as_query])
def test_a_name_of_any_length_costs_little_memory_and_is_kept_short(take: Callable[[TagSet], Any]):
    tags = TagSet(IdSequence(new_request_id()), b"salt")
    tracemalloc.start()
    try:
        take(tags)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert tags.tags
    assert max(len(tag.field) for tag in tags.tags) <= LONGEST_NAME
    assert peak < 20_000_000  # five hundred names of their length would be a hundred megabytes and more


def test_of_a_long_name_the_end_is_kept():
    assert kept_name("a" * LONGEST_NAME) == "a" * LONGEST_NAME
    assert kept_name("x" * 1000 + ".email") == "..." + "x" * (LONGEST_NAME - 9) + ".email"
    assert make_tag("json", "x" * 1000 + ".email", "ada@example.org", b"salt", "t").field.endswith(".email")


def test_a_match_below_a_long_name_has_a_short_path():
    index = TagIndex([make_tag("form", "email", "ada@example.org", b"salt", "t")])
    (match,) = match_tags({LONG: {"to": "ada@example.org"}}, index)
    assert (match.tag_id, len(match.field)) == ("t", LONGEST_NAME)
    ((found,),) = index.match_row([(LONG, {"to": "ada@example.org"})])
    assert len(found.field) == LONGEST_NAME
    first, second = index.match_row([("note", {LONG: "ada@example.org"}), (LONG, "ada@example.org")])
    assert first[0].field.startswith("note.n")
    assert second[0].tag_id == "t"
