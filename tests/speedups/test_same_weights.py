"""How much a value says, and which leaves say enough, is in C what it is in Python, to the last bit."""

from __future__ import annotations

import json
import lzma
import random
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from otel_provenance.matching import TagIndex, leaves, specificity
from otel_provenance.matching.batch import Batch
from otel_provenance.matching.budget import Budget
from otel_provenance.matching.common import COMMON_WORDS
from otel_provenance.matching.leaves import LeafCollector
from otel_provenance.matching.places import Origin
from otel_provenance.matching.sightings import Sightings
from otel_provenance.speedups import compiled
from otel_provenance.tags import make_tag
from otel_provenance.values import normal_form

CASES = Path(__file__).parents[1] / "matching/blind/cases.jsonl.xz"
PATTERNS = (
    specificity.EMAIL,
    specificity.UUID,
    specificity.IPV4,
    specificity.DATE,
    specificity.NUMBER,
)
SHAPED = st.one_of([st.from_regex(pattern, fullmatch=True) for pattern in PATTERNS])
WORDS = st.sampled_from([*sorted(COMMON_WORDS)[::40], "ada", "x9", "12", "00", "2014-12-31", "10.", "@", ".", "aa"])
SEVERAL = st.lists(WORDS, max_size=8).flatmap(
    lambda words: st.sampled_from([" ", "", "-", "."]).map(lambda s: s.join(words))
)
NUMBERS = st.text("0123456789" * 3 + "+-,.e:t /\n", max_size=24)
CODES = st.text("012ab-_ .\0Z", max_size=45)
ADDRESSES = st.text("ab0_.-@%Z\n", max_size=20)
ANY = st.text(st.characters(max_codepoint=127), max_size=210)
TEXTS = st.one_of(SHAPED, SEVERAL, NUMBERS, CODES, ADDRESSES, ANY, st.text(max_size=20))


def check(text: str) -> None:
    assert specificity.specificity(text) == specificity._specificity(text), text
    assert specificity.is_specific(text) == specificity._is_specific(text), text


@settings(max_examples=2000)
@given(TEXTS)
@example("")
@example("1." + "0" * 250)
@example("ada@" + "b" * 63 + ".org")
@example("ada@" + "b" * 64 + ".org")
@example("a" * 64 + "@b.org")
@example("a" * 65 + "@b.org")
@example("ada@" + "b." * 8 + "org")
@example("ada@" + "b." * 9 + "org")
@example("ada@b." + "o" * 63)
@example("ada@b." + "o" * 64)
@example("ada@b.o")
@example("ada@b.Org")
@example("\ud800 lone")
def test_bits(text: str):
    check(text)
    check(text.lower())


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)
    else:
        yield normal_form(value)


def test_bits_of_all_that_requests_of_eighteen_locales_have():
    with lzma.open(CASES, "rt", encoding="utf-8") as lines:
        texts = {text for line in lines for text in texts_in(json.loads(line))}
    for text in texts.union(*[text.split(" ")[:20] for text in texts]):
        check(text)
    assert len(texts) > 10_000


def test_bits_of_what_stands_beside_each_other_in_the_order_of_characters():
    pick = random.Random(7)
    signs = string.printable
    for _ in range(20_000):
        shape = pick.choice(
            ("0123456789", "0123456789.", "0123456789-", "ab", "abcdef0123456789-", signs, "2013-0405t:")
        )
        check("".join(pick.choices(shape, k=pick.choice((1, 2, 5, 6, 8, 10, 16, 36, 40, 41)))))


def test_a_common_word_is_told_from_all_others():
    """By what it says, not by its hash alone."""
    for word in COMMON_WORDS:
        assert specificity.specificity(word) == specificity.COMMON
    for number in range(50_000):
        check(f"w{number}")


LEAVES = st.lists(
    st.sampled_from(
        [
            "",
            "yes",
            "active",
            "ada lovelace",
            "aaaaaa",
            "told already",
            "ada <ada@x.org>",
            "x" * 1024,
            "x y" * 400,
            "to:bob.b@example.org " * 60,
            "ä" * 5,
            "ä" * 6,
            "grüße an alle",
            "mail=ö@x.org",
            "12345",
            "123456",
            "5a5b7c",
        ]
    )
    | TEXTS,
    min_size=1,
    max_size=12,
)


@settings(max_examples=500)
@given(LEAVES, st.sampled_from([1, 3, 512]), st.sampled_from([1, 2, 256]))
def test_leaves_that_are_specific(texts: list[str], looked_at: int, most: int):
    index = TagIndex([make_tag("form", "field", "told already", b"salt", "t0")])
    told = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leaves, "MOST_LEAVES", most)
        patch.setattr(leaves, "MOST_LOOKED_AT", looked_at)
        for is_fast in (True, False):
            patch.setattr(leaves, "compiled", compiled if is_fast else None)
            batch = Batch()
            for at, text in enumerate(texts):
                batch.add(text, (Origin(""), at))
            collector = LeafCollector(index, Sightings(Budget(1_000)))
            collector.collect(batch)
            told.append((list(collector.leaves), collector._left))
    assert told[0] == told[1]


def test_leaves_that_are_not_ascii_are_left_to_python():
    assert compiled.specific_leaves("größe 12\0häää\0hääääh".encode(), specificity.COMMON_TABLE, {}, 9) == (
        [(0, "größe 12", None), (2, "hääääh", None)],
        2,
    )


def test_what_is_no_table_is_refused():
    with pytest.raises(ValueError, match="25 bytes"):
        compiled.common_table(["x" * 25])
    for broken in (None, (b"", b""), (b"\0" * 32, "x"), (b"\0" * 32,)):
        for call in (compiled.specificity, compiled.is_specific):
            with pytest.raises((TypeError, ValueError)):
                call(broken, len, "abc")
        with pytest.raises((TypeError, ValueError)):
            compiled.specific_leaves("abc", broken, {}, 1)
    table = compiled.common_table([])
    with pytest.raises(TypeError):
        compiled.specificity(table, len, 7)
    with pytest.raises(TypeError):
        compiled.is_specific(table, len)
    with pytest.raises(RuntimeError, match="spelled"):
        compiled.specificity(table, _fail, "ä")


def _fail(text: str) -> float:
    raise RuntimeError("spelled")
