"""Which kinds of search can find anything in a text: all keys that they look for are looked for at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from otel_provenance.speedups import compiled

if TYPE_CHECKING:
    from otel_provenance.matching.index import Needles

CONTAINED: Final = 1
MENTIONED: Final = 2
UNACCENTED: Final = 4
SPACED: Final = 8
SPELLED: Final = 16
MAILBOX: Final = 32
MASKED: Final = 64
ALL: Final = 127
"""Bits of an answer: values, pieces of them, values without their accents, with other separators, in other spellings,
addresses of the same domain, last four digits."""

MOST = 256
"""Values up to which all their keys are laid out for this."""
_TEXT, _SIGNS, _DIGITS, _WHOLE = 0, 1, 2, 4
"""Looked for in the text, in its letters and digits, in its digits; as a whole leaf of these only."""
GRAM = 4
"""Characters from which on a key is looked for anywhere."""
SHORTEST_SPACED, SHORTEST_INSIDE = 8, 5


class Sieve:
    """The keys of a request's values."""

    __slots__ = ("_always", "_table")

    def __init__(self, needles: Needles) -> None:
        self._table: bytes | None = None
        self._always = 0
        """Kinds that have a key too short to be looked for in this way."""
        if compiled and len(needles.contained) <= MOST:
            keys: list[str] = []
            hows: list[int] = []

            def add(texts: Iterable[str], where: int, stage: int) -> None:
                chosen = [text for text in texts if text.isascii()]
                least = 1 if where & _WHOLE else GRAM
                if chosen and min(map(len, chosen)) < least:
                    self._always |= stage
                    return
                keys.extend(chosen)
                hows.extend([where | (stage.bit_length() - 1) << 3] * len(chosen))

            spelled = needles.spelled
            add([tag.normal for tag in needles.contained], _TEXT, CONTAINED)
            add(needles.mentioned.pieces, _TEXT, MENTIONED)
            add([plain for _, plain in needles.unaccented], _TEXT, UNACCENTED)
            add(["@" + domain for domain in needles.domains], _TEXT, MAILBOX)
            add(spelled.last_four, _TEXT, MASKED)
            add([key for key in needles.compact if len(key) >= SHORTEST_SPACED], _SIGNS, SPACED)
            add([key for key in needles.compact if len(key) < SHORTEST_SPACED], _SIGNS | _WHOLE, SPACED)
            add([key for key in spelled.inside if len(key) >= SHORTEST_INSIDE], _DIGITS, SPELLED)
            add([key for key in spelled.digits if len(key) < SHORTEST_INSIDE], _DIGITS | _WHOLE, SPELLED)
            self._table = compiled.sieve_table(keys, bytes(hows))

    def sift(self, text: str) -> int:
        """The kinds of search that may find something in a joined normal text; ALL where that is not known."""
        if self._table is None or not text.isascii():
            return ALL
        found: int = compiled.sift(self._table, text)
        return found | self._always
