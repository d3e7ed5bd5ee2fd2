"""Whether a small text can hold anything of any value: most that an application adds of its own cannot, and are told so
by one look, for which none of the other tables is made.

Whatever is found of a value has three letters or digits in a row of it, if one leaves out all between them; so have
numbers and phone numbers in other spellings, of their digits. What has not is

- a leaf of less than three letters or digits, or with asterisks;
- a date, in other orders: two groups of digits, or one of six or more, where any value may be a date;
- a number of one or two digits besides the zeros around them, where any value is;
- a number with an exponent;
- a row of values that begins with one of less than three letters or digits.

Such leaves may hold something. A name with the last words first is told by values that are read in a ring.
"""

from __future__ import annotations

from collections.abc import Iterable

from otel_provenance.speedups import compiled

LONGEST = 2_048
"""Characters of a text that is looked at: longer ones nearly always share something."""
MOST = 8_192
"""Characters of all values together that are noted: of more, every text has something."""


class Trigrams:
    """The trigrams of values, in their normal form."""

    __slots__ = ("_table",)

    def __init__(self, values: Iterable[str]) -> None:
        noted = [*values] if compiled else []
        self._table: bytes | None = compiled.trigram_table(noted) if 0 < sum(map(len, noted)) <= MOST else None

    def may_share(self, text: str) -> bool:
        """Whether any leaf of a joined normal text may hold something of a value; True also where that is not known."""
        if self._table is None or len(text) > LONGEST or not text.isascii():
            return True
        found: bool = compiled.may_hold_any(self._table, text)
        return found
