"""One pass over a text finds what looking for each key in it would find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance.speedups import compiled

TEXT, SIGNS, DIGITS, WHOLE = 0, 1, 2, 4
ALPHABET = "ab12-. @"
TEXTS = st.lists(st.text(ALPHABET, max_size=12), max_size=6).map("\0".join)
ANYWHERE = st.tuples(st.text(ALPHABET, min_size=4, max_size=6), st.sampled_from([TEXT, SIGNS, DIGITS]))
ALONE = st.tuples(st.text(ALPHABET, min_size=1, max_size=6), st.sampled_from([TEXT, SIGNS, DIGITS])).map(
    lambda key: (key[0], key[1] | WHOLE)
)


def looked_for(text: str, key: str, how: int) -> bool:
    kept = {TEXT: lambda c: True, SIGNS: str.isalnum, DIGITS: str.isdigit}[how & 3]
    parts = ["".join(filter(kept, part)) for part in text.split("\0")]
    return key in parts if how & WHOLE else any(key in part for part in parts)


@given(TEXTS, st.lists(ANYWHERE | ALONE, max_size=31))
def test_what_occurs(text: str, keys: list[tuple[str, int]]):
    table = compiled.sieve_table(
        [key for key, _ in keys], bytes([how | (at % 31) << 3 for at, (_, how) in enumerate(keys)])
    )
    expected = sum(1 << at for at, (key, how) in enumerate(keys) if looked_for(text, key, how))
    assert compiled.sift(table, text) == expected


def test_many_keys_that_begin_alike():
    keys = [f"same{number}" for number in range(500)]
    table = compiled.sieve_table(keys, bytes([8] * 499 + [16]))
    assert compiled.sift(table, "x same499 x") == 0b110  # same4 and same49 too
    assert compiled.sift(table, "x sam e499 x") == 0


@pytest.mark.parametrize(
    ("texts", "kinds"), [(["abc"], b"\0"), ([""], b"\4"), (["abcd"], b"\3"), (["abcd"], b""), (["\ud800bcd"], b"\0")]
)
def test_what_cannot_be_looked_for(texts: list[str], kinds: bytes):
    with pytest.raises(ValueError):  # noqa: PT011 - UnicodeEncodeError is one
        compiled.sieve_table(texts, kinds)


@pytest.mark.parametrize("table", [b"", b"x" * 20, b"\xff" * 64])
def test_no_table(table: bytes):
    with pytest.raises(ValueError, match="no table"):
        compiled.sift(table, "text")
    with pytest.raises(ValueError, match="no table"):
        compiled.may_hold_any(table, "text")
