"""Many leaves at once have the normal form that each has by itself."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from otel_provenance.matching import bulk
from otel_provenance.matching.bulk import END, Bulk, join, normal_bulk, words_of
from otel_provenance.values import normal_text

texts = st.text(st.characters(exclude_characters=END, exclude_categories=["Cs"]), max_size=12) | st.text(
    "aA \t\n\x1c\x85\u2028\u00a0\u1680ßİ\u0301", max_size=12
)


@given(st.lists(texts, min_size=1, max_size=6), st.sampled_from([4, 16_384]))
@example(["a\t b", " c ", ""], 4)
def test_normal_form_of_many(leaves, slice_size):
    former, bulk.SLICE = bulk.SLICE, slice_size
    try:
        assert normal_bulk(join(leaves)).split(END) == [normal_text(leaf) for leaf in leaves]
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
