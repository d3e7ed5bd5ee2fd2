"""What C answers is what Python answers, question by question."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from otel_provenance import values
from otel_provenance.matching import bulk, runs
from otel_provenance.matching.batch import Batch, Telling, _float_text
from otel_provenance.matching.budget import Budget
from otel_provenance.matching.edges import STEM, Edges
from otel_provenance.matching.fingerprints import K, grams_of
from otel_provenance.matching.json_pieces import SPAN, json_pieces
from otel_provenance.matching.places import Origin, Place, is_value, names_of, path_of
from otel_provenance.matching.undo import Digest, undo_layers
from otel_provenance.speedups import compiled

ASCII = st.text(st.sampled_from("aZ09 \t\n\r\x0b\x0c\x1c\x1f\x00\x7f.@-_" + string.ascii_letters), max_size=60)
RUNS = st.text(st.sampled_from("abcdefgxyzABCDEFGXYZ0123456789+/-_ .é"), max_size=60)
WORDS = st.text(st.sampled_from("abc12 .,\0-é中"), max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(st.text(max_size=8) | st.text("ab@", min_size=25, max_size=30), inner, max_size=6)
    ),
    max_leaves=60,
)


@given(ASCII)
@example("")
@example(" ")
@example("\0 \0")
@example("a \0 \0 b ")
def test_normal_form(text: str):
    assert compiled.normal_ascii(text) == bulk._normal_ascii(text)


@given(st.text(st.characters(max_codepoint=127)))
def test_normal_form_of_any_ascii(text: str):
    assert compiled.normal_ascii(text) == bulk._normal_ascii(text)


@given(ASCII)
def test_normal_form_of_a_value(text: str):
    fast = values.normal_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "normal_ascii", None)
        assert fast == values.normal_text(text) == " ".join(text.lower().split())


def test_what_is_normal_is_not_made_anew():
    text = "ada lovelace\0ada@example.org"
    assert compiled.normal_ascii(text) is text


@given(RUNS, st.integers(1, 40))
def test_runs(text: str, most: int):
    expected = [run for some in runs._runs(text) for run in some]
    data = text.encode("ascii", "replace")
    found, at = [], 0
    while at < len(data):
        some, at = compiled.plausible_runs(data, at, most)
        found += some
    assert list(dict.fromkeys(found)) == expected


@given(st.text(st.sampled_from("abgzABGZ0127+/-_ ."), max_size=60), st.integers(0, 70), st.integers(1, 40))
def test_runs_of_a_text_and_of_its_bytes(text: str, at: int, most: int):
    assert compiled.plausible_runs(text, at, most) == compiled.plausible_runs(text.encode(), at, most)


def test_a_text_that_is_one_run_is_not_copied():
    text = "YWRhIGxvdmVsYWNl" * 100
    (run,), end = compiled.plausible_runs(text, 0, 10)
    assert run is text
    assert end == len(text)
    with pytest.raises(TypeError):
        compiled.plausible_runs(7, 0, 10)


@given(WORDS, st.lists(st.sampled_from([b"a", b"abc", b"12", b"c1", "é".encode(), b"zz"])))
def test_words(text: str, words: list[bytes]):
    words = list(dict.fromkeys(words))
    found = compiled.words_in(compiled.word_table(words), words, bulk.ascii_or_spaced(text))
    assert found == set(words) & set(bulk.words_of(text))


@given(WORDS, WORDS, st.integers(1, 5))
def test_grams(one: str, other: str, length: int):
    def grams(text: str) -> set[tuple[bytes, ...]]:
        words = bulk.words_of(text)
        return set(zip(*(words[at:] for at in range(length)), strict=False))

    table = compiled.gram_table(bulk.ascii_or_spaced(one), length)
    assert compiled.shares_gram(table, bulk.ascii_or_spaced(other), length) == bool(grams(one) & grams(other))


def test_many_grams_are_told_apart():
    """Of a hundred thousand that are not there none is said to be: the slot and what it holds say different bits."""
    words = " ".join(f"w{at}" for at in range(100_000))
    others = " ".join(f"v{at}" for at in range(100_000))
    assert not compiled.shares_gram(compiled.gram_table(words.encode(), K), others.encode(), K)
    assert compiled.shares_gram(compiled.gram_table(words.encode(), K), b"x w7 w8 w9 w10 y", K)
    assert len(list(grams_of(bulk.words_of("a b c d e")))) == 2


def leaves_of(batch: Batch) -> list[tuple[str, str]]:
    return [(path_of(place), text) for place, text in zip(batch.places, batch.texts, strict=True)]


def is_name(place: tuple[Place, str | int], text: str) -> bool:
    return place[1] == text and isinstance(place[1], str) and is_value(place[1])


def own_leaves(batch: Batch) -> list[tuple[str, str]]:
    pairs = zip(batch.places, batch.texts, strict=True)
    return sorted((path_of(place), text) for place, text in pairs if not is_name(place, text))


def names_in(batch: Batch) -> set[str]:
    """Keys that are values: told of once, wherever they were met first."""
    return {text for place, text in zip(batch.places, batch.texts, strict=True) if is_name(place, text)}


@settings(max_examples=300)
@given(JSON)
def test_leaves_of_a_structure(value: object):
    value = json.loads(json.dumps(value))
    if not isinstance(value, (dict, list)):
        value = [value]
    pure, fast = Batch(), Batch()
    pure.walk(value, Origin("root"), Budget(1_000_000))
    fast.walk_json(value, Origin("root"), Budget(1_000_000))
    assert leaves_of(fast) == leaves_of(pure)


def test_leaves_have_a_bound():
    budget = Budget(1_000_000)
    budget.leaves = 10
    batch = Batch()
    batch.walk_json([[1] * 8, [2] * 8], Origin(""), budget)
    assert (len(batch.texts), len(batch.places), budget.reason) == (10, 10, "too_many_leaves")


def test_a_structure_that_json_does_not_make_is_refused():
    with pytest.raises(TypeError, match="json"):
        compiled.walk([{1, 2}], Origin(""), [], [], [], set(), 10, _float_text)
    with pytest.raises(TypeError):
        compiled.walk([], Origin(""), (), [], [], set(), 10, _float_text)


def test_an_error_in_a_callback_is_passed_on():
    def fail(value: float) -> str:
        raise RuntimeError("spelled")

    with pytest.raises(RuntimeError, match="spelled"):
        compiled.walk({"a": {"b": [1e300]}}, Origin(""), [], [], [], set(), 10, fail)


LEAVES = st.lists(
    st.sampled_from(["", "a", "ab", "abc", "abd", "äöü", "ä" * 70, "b" * 70, "settled", "yes"]), min_size=1
)


@given(LEAVES, st.lists(st.sampled_from([0, "name", "list"]), min_size=9, max_size=9))
def test_what_leaves_tell(leaves: list[str], keys: list[Any]):
    batch = Batch()
    for at, leaf in enumerate(leaves):
        batch.add(leaf, Origin("origin") if at % 5 == 4 else ((Origin("origin"), "around"), keys[at % 9]))
    telling = Telling(frozenset(["a", "abd", "äöü", "ä" * 70, "settled", "yes", "never"]), {"settled": [], "äöü": []})
    assert telling.table is not None
    groups, rest = batch.settle(telling)
    telling.table = None
    batch.forget()
    slow_groups, slow_rest = batch.settle(telling)
    assert list(groups.items()) == list(slow_groups.items())
    assert leaves_of(rest) == leaves_of(slow_rest)
    assert (rest.bulk.text, rest.bulk.leaves) == (slow_rest.bulk.text, slow_rest.bulk.leaves)


def test_many_leaves_are_told_apart():
    """Long ones that are alike at both ends and in length, too."""
    leaves = [f"{'x' * 80}{at:06}{'y' * 80}" for at in range(3000)] * 2
    batch = Batch()
    batch.walk_json(leaves, Origin(""), Budget(1_000_000))
    groups, rest = batch.settle(Telling(frozenset(leaves[7:9]), {leaves[8]: []}))
    assert groups == {(leaves[7], ""): [7, 3007], (leaves[8], ""): [8, 3008]}
    assert rest.texts == leaves[:8] + leaves[9:3000]


def test_leaves_with_lone_surrogates():
    batch = Batch()
    batch.walk_json(["abc \ud800", "abc"], Origin(""), Budget(1_000_000))
    groups, rest = batch.settle(Telling(frozenset(["abc"]), {"abc": []}))
    assert (groups, rest.texts) == ({("abc", ""): [1]}, ["abc \ud800"])
    assert Telling(frozenset(["\ud800"]), {}).table is None


SIGNS = st.text(st.sampled_from("abcdefgxyzABCDEFGXYZ0123456789+/-_ .%&\\='<\n;"), max_size=60)


@given(st.lists(SIGNS | RUNS, max_size=3))
@example(["0" * 41 + "\n" + "0" * 41])
def test_nothing_is_undone_of_what_is_plain(texts: list[str]):
    batch = Batch()
    for at, text in enumerate(texts):
        batch.add(text, (Origin(""), at))
    if batch.raw.isascii() and compiled.is_plain(batch.raw):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("otel_provenance.matching.undo.compiled", None)
            digests: list[Digest] = []
            assert list(undo_layers(batch, digests, Budget(1_000_000))) == digests == []


@pytest.mark.parametrize("text", ["Ada Lovelace", "ada@example.org", "it's 12.50", "left at the neighbour's", ""])
def test_what_is_plain(text: str):
    assert compiled.is_plain(text)


@pytest.mark.parametrize(
    "text", ["a%20b", "a&b", "a\\b", "a=b", "it''s", "<b", "a+b", "R3JhY2UgSG9wcGVy", "deadbeefdeadbeef"]
)
def test_what_is_not_plain(text: str):
    assert not compiled.is_plain(text)


KEYS = st.sampled_from(["name", "e-mail", "x" * 401, 0, 7, 1.5, None, True, ("a", "b")])


@given(st.sampled_from(["", "path.to"]), st.lists(KEYS, max_size=5))
def test_names_of_a_place(path: str, keys: list[Any]):
    place: Any = Origin(path, ("json",))
    for key in keys:
        place = place, key
    fast = names_of(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("otel_provenance.matching.places.compiled", None)
        assert fast == names_of(place)


@pytest.mark.parametrize(
    ("text", "texts", "arounds", "keys", "error", "said"),
    [
        ("a\0b\0c", ["", ""], ["", ""], ["", ""], ValueError, "not so many leaves"),
        ("a", ["", ""], ["", ""], ["", ""], ValueError, "not so many leaves"),
        ("a", [""], [""], [], ValueError, "different lengths"),
        ("a", [""], [], [""], ValueError, "different lengths"),
        ("abc", [""], ["around"], [1], TypeError, "not a place"),
    ],
)
def test_what_is_no_batch_is_refused(text, texts, arounds, keys, error, said):
    table = compiled.leaf_table(["abc"])
    with pytest.raises(error, match=said):
        compiled.settle(text, texts, arounds, keys, table, frozenset(["abc"]), {})


ENDS = st.text("ab12 .é", max_size=6)


@given(
    st.lists(st.builds(lambda one, other, size: one + "m" * size + other, ENDS, ENDS, st.sampled_from([0, 0, 26, 50]))),
    st.lists(st.text("ab12 é", min_size=1, max_size=4)),
    st.booleans(),
)
def test_edges_of_leaves(leaves: list[str], edges: list[str], known_for_long: bool):
    joined = bulk.Bulk(bulk.END.join(leaves), len(leaves))
    beginnings = edges + ([leaf[:STEM] for leaf in leaves[::2]] if known_for_long else [])
    fours = [edge for edge in edges if len(edge) == 4]
    found = Edges(beginnings, edges, fours).of(joined)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("otel_provenance.matching.edges.compiled", None)
        assert found == Edges(beginnings, edges, fours).of(joined)


@settings(max_examples=300)
@given(JSON, st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t:\r\n")]), st.booleans(), st.integers(1, 40))
def test_json_in_spans(value: object, separators: tuple[str, str], ensure_ascii: bool, span: int):
    if not isinstance(value, (dict, list)):
        value = [value]
    text = json.dumps(value, separators=separators, ensure_ascii=ensure_ascii)
    pure, fast = Batch(), Batch()
    pure.walk(json.loads(text), Origin(""), Budget(1_000_000))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("otel_provenance.matching.json_pieces.SPAN", span)
        for place, piece, _ in json_pieces(text, Origin("")):
            fast.walk_json(piece, place, Budget(1_000_000))
    assert own_leaves(fast) == own_leaves(pure)
    assert names_in(fast) == names_in(pure)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1,}',
        "[1,]",
        "[1,,2]",
        "[1 2]",
        '{"a" 1}',
        "[1",
        '["a',
        '["\\',
        "[1]]",
        "[1}",
        '{"a": [1}',
        "[,1]",
        "[1],",
    ],
)
@pytest.mark.parametrize("span", [3, SPAN])
def test_what_is_no_json_is_refused(text: str, span: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("otel_provenance.matching.json_pieces.SPAN", span)
    with pytest.raises(ValueError):  # noqa: PT011 - whichever of json's
        list(json_pieces(text, Origin("")))


@pytest.mark.parametrize("table", [b"", b"x" * 7, b"\0" * 8, b"\0" * 24, b"\0" * 40])
def test_what_is_no_table_is_refused(table: bytes):
    with pytest.raises(ValueError, match="no table"):
        compiled.words_in(table, [], b"a")
    with pytest.raises(ValueError, match="no table"):
        compiled.shares_gram(table, b"a", 1)
    with pytest.raises(ValueError, match="16 words"):
        compiled.gram_table(b"a", 17)
