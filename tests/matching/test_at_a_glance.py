"""What is told without a search is what a search tells: rows of values as they came, and texts that share nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otel_provenance.matching import TagIndex, match_tags
from otel_provenance.matching.sieve import ALL, Sieve
from otel_provenance.matching.trigrams import Trigrams
from otel_provenance.tags import Tag, make_tag


def tags_of(**fields: str) -> list[Tag]:
    return [make_tag("form", name, value, b"salt", f"t-{name}", 0) for name, value in fields.items()]


def without_a_glance(patch: pytest.MonkeyPatch) -> None:
    """Everything is searched."""
    patch.setattr(Trigrams, "may_share", lambda self, text: True)
    patch.setattr(TagIndex, "settled", {})
    patch.setattr(Sieve, "sift", lambda self, text: ALL)


WORDS = st.sampled_from(["ada", "li", "bo", "anna", "lovelace", "o'neill", "door", "the", "en", "us", "x"])
DAYS = st.dates().map(
    lambda d: (
        d.isoformat(),
        f"{d.day}.{d.month}.{d.year}",
        f"{d.month}/{d.day}/{d.year % 100:02}",
        f"{d:%d %B} {d.year}",
        f"{d.year}{d:%m%d}",
    )
)
NUMBERS = st.tuples(
    st.integers(0, 10**6) | st.integers(0, 99).map(lambda n: n * 1000), st.sampled_from(["%d", "%.2f", "%e", "00%d"])
).map(lambda pair: pair[1] % pair[0])
PHONES = st.integers(0, 10**7 - 1).map(lambda n: (f"+44 20 {n:07}", f"020{n:07}", f"(0)20 {n:07}", f"0044 20-{n:07}"))
CODES = st.text("ab1-. e7*", min_size=1, max_size=9)
TEXTS = (
    st.lists(WORDS, min_size=1, max_size=9).map(" ".join)
    | (DAYS | PHONES).flatmap(st.sampled_from)
    | NUMBERS
    | CODES
    | st.sampled_from(["ada@example.org", "a.da+x@example.org", "LS3 4DY", "4242 4242 4242 4242", "pending"])
)


def changed(value: str) -> st.SearchStrategy[str]:
    """The value, another one, and what is made of it on its way."""
    return TEXTS | st.sampled_from(
        [
            value,
            value.upper(),
            value[:7],
            value[-4:],
            "****" + value[-4:],
            "x " + value,
            value.replace(" ", "").replace("-", ""),
            " ".join(reversed(value.split(" "))),
            "/".join(reversed(value.split("-"))),
            value.replace(".", ","),
        ]
    )


@st.composite
def requests(draw: st.DrawFn) -> tuple[list[Tag], dict[str, str]]:
    names = draw(st.lists(st.sampled_from(["name", "email", "born", "qty", "city", "note"]), min_size=1, unique=True))
    fields = {name: draw(TEXTS) for name in names}
    columns = draw(st.lists(st.sampled_from([*names, "id", "memo", "other"]), min_size=1, max_size=5, unique=True))
    return tags_of(**fields), {
        column: draw(st.sampled_from(list(fields.values())).flatmap(changed)) for column in columns
    }


def answers(tags: list[Tag], row: dict[str, str]) -> list[Any]:
    index = TagIndex(tags)
    alone = [match_tags(text, index, field=name).matches for name, text in row.items()]
    rows = [index.match_row(row.items(), with_leaves=True) for _ in range(4)]  # other tables from the third on
    body = match_tags(json.dumps(row).encode(), index, media_type="application/json", with_leaves=True)
    told = [[(r.matches, r.leaves, r.inspected) for r in results] for results in [*rows, [body]]]
    return [alone, match_tags(row, index).matches, told]


def are_the_same(tags: list[Tag], row: dict[str, str]) -> None:
    """At a glance, and by search alone."""
    told = answers(tags, row)
    with pytest.MonkeyPatch.context() as patch:
        without_a_glance(patch)
        assert told == answers(tags, row)


@given(requests())
@settings(max_examples=400)
def test_a_glance_tells_what_a_search_tells(request_: tuple[list[Tag], dict[str, str]]):
    are_the_same(*request_)


@st.composite
def unchanged(draw: st.DrawFn) -> tuple[list[Tag], dict[str, str]]:
    tags, columns = draw(requests())
    values = st.sampled_from([str(tag.value) for tag in tags]).flatmap(
        lambda v: st.sampled_from([v, v.upper(), v + " "])
    )
    return tags, {column: draw(values) for column in [*columns, "label"]}


@given(unchanged())
@settings(max_examples=400)
def test_rows_of_values_as_they_came(request_: tuple[list[Tag], dict[str, str]]):
    are_the_same(*request_)


def test_neighbours_vouch_for_a_value_that_says_little():
    index = TagIndex(tags_of(email="ada@example.org", qty="7"))
    beside = index.match_row([("mail", "ada@example.org"), ("amount", "7"), ("state", "x")])
    assert [match.tag_id for match in beside[0]] == ["t-email"]
    assert [match.tag_id for match in beside[1]] == []  # a 7 under another name: neighbours alone do not do
    named = index.match_row([("mail", "ada@example.org"), ("qty", "7")])
    assert [(match.tag_id, match.kind) for match in named[1]] == [("t-qty", "exact")]


@pytest.mark.parametrize("value", [":\u00af", "\u00f1", "zo\u00eb", "x\u0302yz", "e\u0301 \u00a8"])
def test_keys_too_short_to_be_looked_for_at_once(value: str):
    tags = tags_of(name=value, email="ada@example.org")
    (found,) = match_tags("to ada@example.org, a note", tags)
    assert found.tag_id == "t-email"
