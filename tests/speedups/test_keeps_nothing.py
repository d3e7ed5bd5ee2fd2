"""Memory that C takes is given back, where all goes well and where it does not."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from otel_provenance.matching.batch import _float_text
from otel_provenance.speedups import compiled
from otel_provenance.tags import make_tag

VALUE = {"a": [1, 2.5, None, True, {"b" * 30: "x" * 100, "c@d": ["y"]}], "n": 10**30}
WORDS = [b"ada", b"grace"]
TELLING = frozenset(["abc", "settled"])
LEAVES = compiled.leaf_table(["abc", "settled"])
EDGES = [compiled.edge_table([edge]) for edge in ("ada ", "ad", "1234")]
COMMON = compiled.common_table(["yes", "active"])
KINDS = ("word", "local-part", "domain")
TAGS = [
    make_tag("form", "name", value, b"salt", "t0", 1)
    for value in ("Ada O'Neil Lovelace", "ada@example.org", "größe", "+44 7700 900123", "yes", "a=b", "x" * 99)
]


def fail(value: float) -> str:
    raise RuntimeError("spelled")


def refused(*arguments: Any) -> None:
    with pytest.raises((TypeError, RuntimeError, ValueError, AttributeError)):
        compiled.walk(*arguments)


def refused_leaves(text: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        compiled.settle(text, ["t"], ["around"], [1], LEAVES, TELLING, {})


def refused_edge(edge: str) -> None:
    with pytest.raises(ValueError, match="5 bytes, not of 1 to 4"):
        compiled.edge_table(["a", edge])


def refused_sieve(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be looked for"):
        compiled.sieve_table(["lovelace", text], b"\0\0")


def refused_word(word: str) -> None:
    with pytest.raises(ValueError, match="25 bytes, not of 24"):
        compiled.common_table(["a", word])


def add_needles(tags: list[Any]) -> None:
    compiled.add_needles(tags, KINDS, 1000, {"yes": ()}, *({} for _ in range(4)), *([] for _ in range(6)), len)


def refused_tags(tags: list[Any]) -> None:
    with pytest.raises(TypeError, match="not a tag"):
        add_needles(tags)


CALLS: dict[str, Callable[[], object]] = {
    "normal_ascii": lambda: compiled.normal_ascii("  Ada \t Lovelace \0 x" * 50),
    "plausible_runs": lambda: compiled.plausible_runs(b"aGVsbG8gd29ybGQh deadbeefdeadbeef word" * 20, 0, 300),
    "words": lambda: compiled.words_in(compiled.word_table(WORDS), WORDS, b"ada grace hopper" * 20),
    "grams": lambda: compiled.shares_gram(compiled.gram_table(b"a b c d e f" * 20, 4), b"a b c d", 4),
    "walk": lambda: compiled.walk(VALUE, "", [], [], [], set(), 1000, _float_text),
    "walk past its bound": lambda: compiled.walk([[1] * 9] * 9, "", [], [], [], set(), 10, _float_text),
    "walk, callback fails": lambda: refused({"a": 1e300}, "", [], [], [], set(), 1000, fail),
    "walk, not of json": lambda: refused([{"a": [{1, 2}]}], "", [], [], [], set(), 1000, _float_text),
    "settle": lambda: compiled.settle(
        "abc\0abd\0abc\0settled", ["t"] * 4, ["x"] * 4, ["k"] * 4, LEAVES, TELLING, {"settled": []}
    ),
    "settle, all are left": lambda: compiled.settle("abx\0aby", ["t"] * 2, ["x"] * 2, ["k"] * 2, LEAVES, TELLING, {}),
    "settle, too few": lambda: refused_leaves("abc\0settled"),
    "settle, no place": lambda: refused_leaves("abc"),
    "leaf_edges": lambda: compiled.leaf_edges("ada l\0x-1234" * 20, *EDGES, LEAVES),
    "edge_table, too long": lambda: refused_edge("five5"),
    "trigrams": lambda: compiled.may_hold_any(
        compiled.trigram_table(["ada lovelace", "+44 20 7946"]), "pending\0x" * 9
    ),
    "trigrams, not ASCII": lambda: compiled.trigram_table(["ada", "zoë"]),
    "sieve": lambda: compiled.sift(compiled.sieve_table(["lovelace", "ab"], b"\0\4"), "ada lovelace\0ab" * 20),
    "sieve, too short": lambda: refused_sieve("abc"),
    "common_table": lambda: compiled.common_table(["yes", "active"]),
    "common_table, too long": lambda: refused_word("x" * 25),
    "specificity": lambda: compiled.specificity(COMMON, len, "ada active 12 x9"),
    "specificity, not ASCII": lambda: compiled.specificity(COMMON, len, "grüße"),
    "is_specific": lambda: compiled.is_specific(COMMON, len, "ada 12 x9"),
    "specific_leaves": lambda: compiled.specific_leaves(
        "abc\0ada <ada@x.org>\0grüße an\0settled", COMMON, {"settled": []}, 9
    ),
    "add_needles": lambda: add_needles(TAGS),
    "add_needles, no tags": lambda: refused_tags([*TAGS, None]),
    "add_compacts": lambda: compiled.add_compacts(TAGS, {}, len),
    "add_spelled": lambda: compiled.add_spelled(TAGS, [], len),
    "json_span": lambda: compiled.json_span('[1, "é", {"a": 2}]', False, 1, 100),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_thousand_calls_leave_nothing_behind(call: Callable[[], object]):
    for _ in range(50):
        call()
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(1000):
            call()
        gc.collect()
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert kept < 8_000  # an object of each call would be more
