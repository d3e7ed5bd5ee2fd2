"""The tables of what is looked for are the same, whether C or Python makes them: what they hold, and in what order."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from otel_provenance.matching import index, spelled_needles
from otel_provenance.matching.index import LONGEST, TRUTHS, Needles
from otel_provenance.speedups import compiled
from otel_provenance.tags import Tag, make_tag
from tests.matching.blind import cases

KINDS = ("word", "local-part", "domain")
WORDS = [
    "ada",
    "anna-maria",
    "o'neil",
    "(x)",
    "...",
    "a",
    "17",
    "4242",
    "é",
    "größe",
    "true",
    "42%",
    "b,",
    "\0",
    "12:30",
]
SEVERAL = st.builds(
    lambda words, between: between.join(words),
    st.lists(st.sampled_from(WORDS), max_size=8),
    st.sampled_from([" ", "-", "@", ".", ""]),
)
VALUES = st.one_of(
    SEVERAL,
    st.sampled_from(
        [
            *("", "yes", "a@b.org", "ab@c.org", "abc@d.org", "abc@d", "@x.org", "a@b@c.org", "{}", '"q"', "a=b", "1e9"),
            *("山田太郎", "山田", "x" * 40, "12 ab " * 11, "o'" + "y" * 63, "o'" + "y" * 62, "abc\ud800", "1920-04-23"),
            *("a b c d", "a b c d e", "b, a", "one two three four five six", "a " * 7, "+44 7700 900123"),
            *(None, 7, True, 2.5, b"bytes"),
        ]
    ),
    st.text("0123456789 :e.-", max_size=12),
    st.text(st.characters(max_codepoint=0x17F), max_size=70),
)
FIELDS = st.sampled_from(["name", "email", "", "user.name", "a.b.c"])
HELD = (
    "whole",
    "parts",
    "beginnings",
    "domains",
    "upstream",
    "contained",
    "booleans",
    "long",
    "wide",
    "ideographs",
    "_short",
    "_quoted",
)
MADE = ("keys", "structured", "unaccented", "compact", "openings")


def tables(tags: list[Tag], is_fast: bool) -> list[Any]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (index, spelled_needles):
            patch.setattr(module, "compiled", compiled if is_fast else None)
        needles = Needles(tags)
        found = [getattr(needles, name) for name in HELD + MADE]
        found += [list(table.items()) for table in found if isinstance(table, dict)]  # in order
        return [*found, {name: table for name, table in vars(needles.spelled).items() if name != "_whole"}]


@settings(max_examples=600)
@given(st.lists(st.tuples(FIELDS, VALUES, st.sampled_from(["form", "form", "form", "upstream"])), max_size=12))
@example([("name", "x" * (LONGEST + 1), "form"), ("name", "é" * (LONGEST + 1), "form")])
def test_tables(values: list[tuple[str, Any, str]]):
    tags = [make_tag(source, field, value, b"salt", f"t{at}", 1) for at, (field, value, source) in enumerate(values)]
    assert tables(tags, is_fast=True) == tables(tags, is_fast=False)


def test_tables_of_requests_of_eighteen_locales():
    for case in random.Random(3).sample(list(cases()), 400):
        assert tables(list(case.tags), is_fast=True) == tables(list(case.tags), is_fast=False)


def test_what_is_no_tag_is_refused():
    for tag in ((), ("t", "form", "field", "x"), "tag", None):
        with pytest.raises(TypeError, match="not a tag"):
            compiled.add_compacts([tag], {}, print)


def test_an_error_of_python_is_passed_on():
    tag = make_tag("form", "field", "größe", b"salt", "t0")
    with pytest.raises(RuntimeError, match="handed over"):
        compiled.add_spelled([tag], [], fail)
    with pytest.raises(RuntimeError, match="handed over"):
        compiled.add_needles([tag], KINDS, LONGEST, TRUTHS, *({} for _ in range(4)), *([] for _ in range(6)), fail)


def test_tags_that_change_while_they_are_added():
    tags = [make_tag("form", "field", value, b"salt", f"t{at}") for at, value in enumerate(["größe", "ab", "größe"])]
    compiled.add_compacts(tags, {}, partial(lambda tag: tags.clear()))
    assert not tags


def fail(tag: Tag) -> None:
    raise RuntimeError("handed over")
