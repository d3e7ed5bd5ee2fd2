"""Many leaves at once have the normal form that each has by itself."""

from __future__ import annotations

from unicodedata import combining, decomposition, normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from otel_provenance.matching import bulk
from otel_provenance.matching.budget import Budget
from otel_provenance.matching.bulk import END, SEPARATORS, Bulk, join, normal_bulk, project, words_of
from otel_provenance.values import normal_text

texts = st.text(st.characters(exclude_characters=END, exclude_categories=["Cs"]), max_size=12) | st.text(
    "aA \t\n\x1c\x85\u2028\u00a0\u1680ßİ\u0301", max_size=12
)


@given(st.lists(texts, min_size=1, max_size=6), st.sampled_from([1, 4, 4_096]))
@example(["a\t b", " c ", ""], 4)
def test_normal_form_of_many(leaves, slice_size):
    former, bulk.FOLDED = bulk.FOLDED, slice_size
    try:
        assert normal_bulk(join(leaves)).split(END) == [normal_text(leaf) for leaf in leaves]
    finally:
        bulk.FOLDED = former


def test_what_a_text_is_cut_at_is_never_joined_to_what_is_before_it():
    every = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    pairs = [
        found for c in every if " " in (found := decomposition(c)) and found[0] != "<" and normalize("NFC", c) == c
    ]
    joined = {chr(int(pair.split()[1], 16)) for pair in pairs}
    joined |= {chr(code) for code in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))}  # vowels and finals of Hangul
    assert len(joined) > 100
    for c in filter(bulk._STARTER.match, every):
        folded = normalize("NFKC", c).casefold()
        for form in (
            c,
            normalize("NFKC", c),
            normalize("NFKD", c),
            normalize("NFKC", folded),
            normalize("NFKD", folded),
        ):
            assert form == "" or (not combining(form[0]) and form[0] not in joined), hex(ord(c))


@pytest.mark.parametrize("marks", ["\u0301\u0316", "\uff9e\u0316", "\u0f73\u0316"])
def test_a_letter_with_very_many_marks_takes_no_time_to_speak_of(marks):
    """Sorted as they are, two hundred thousand marks would take minutes."""
    text = "a" + marks * 100_000
    assert len(normal_text(text)) > 200_000
    few = "a" + marks * 7
    assert normal_text(few) == normalize("NFKC", normalize("NFKC", few).casefold())
    assert normal_bulk(join([text[:1_000], "b"])).split(END) == [normal_text(text[:1_000]), "b"]


def test_what_grows_in_normal_form_is_bounded():
    budget = Budget(10_000_000)
    leaves = ["Ada \u00c9", "\ufdfa" * 100_000, "Grace"]
    normal = normal_bulk(join(leaves), budget)
    assert budget.reason == "too_large"
    assert len(normal) < bulk.GROWN * 100_000 + 18 * (bulk.FOLDED + bulk.LONGEST_CLUSTER)
    ada, long, grace = normal.split(END)
    assert (ada, grace) == ("ada \u00e9", "")
    assert normal_text(leaves[1]).startswith(long)


@given(st.text("a- .\u00e9\u4e2d", max_size=40))
def test_projection(text):
    expected = "".join(c for c in text if not (c.isascii() and not c.isalnum()))
    former, bulk.SLICE = bulk.SLICE, 7
    try:
        assert project(text, SEPARATORS) == expected
    finally:
        bulk.SLICE = former


@given(st.lists(texts, min_size=1, max_size=6))
def test_a_place_tells_the_leaf(leaves):
    joined = Bulk(join(leaves), len(leaves))
    assert joined.leaves == leaves
    at = 0
    for number, leaf in enumerate(leaves):
        for _ in range(len(leaf) + 1):
            assert joined.leaf_at(at) == number
            at += 1


def test_a_nul_inside_a_leaf_is_no_border():
    assert join(["a\0b", "c"]).split(END) == ["a b", "c"]


@given(st.lists(st.from_regex(r"[a-zé]{1,6}", fullmatch=True), max_size=8))
def test_words(words):
    assert words_of(", ".join(words)) == [word.encode() for word in words]
