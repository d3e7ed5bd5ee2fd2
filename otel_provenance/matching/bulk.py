"""Many leaves as one text: what Python does slowly leaf by leaf, C does at once.

The leaves of a batch are joined by NUL, in their normal form; a place in the joined text tells the leaf.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from otel_provenance.matching.budget import Budget
from otel_provenance.speedups import compiled
from otel_provenance.values import compatible

END = "\0"
MANY = 256
"""Leaves from which on their room counts for more than the time to cut them again."""
SLICE = 16_384
"""Characters that are cut into words, and the like, at a time: what that takes on the way is memory."""
FOLDED = 4_096
"""Characters that are brought into normal form at a time, where a text is not ASCII: each may stand for eighteen."""
LONGEST_CLUSTER = 1_024
"""Characters within which every text that is written has one that it can be cut at."""
GROWN = 2
"""How many times as long as a text its normal form may become."""
_STARTER = re.compile(
    "[\0-\u02ff\u0370-\u0482\u048a-\u0590\u05d0-\u060f\u061b-\u064a\u0671-\u06d5\u0904-\u0939\u0e01-\u0e30\u0e40-\u0e46"
    "\u1e00-\u20cf\u2100-\u2cee\u3041-\u3096\u30a1-\u30fa\u3105-\u3130\u3190-\ua66e\uac00-\ud7a3\uff01-\uff9d"
    "\U0001f000-\U0001faff]"
)
"""What is never joined to the character before it (NFC_Quick_Check=Yes, class 0), nor is what it is folded to."""

WORDS = bytes(i if i >= 128 or chr(i).isalnum() else 32 for i in range(256))
_UNICODE_PUNCTUATION = re.compile(rb"\xe2[\x80\x81][\x80-\xbf]|\xc2[\xa0-\xbf]|\xe3\x80[\x80-\xbf]")
_WHITE = ("\n", "\r", "\t", *"\x0b\x0c\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029")
"""What white space there is after NFKC, besides spaces."""
NOT_DIGITS = bytes(set(range(256)) - set(b"0123456789\0"))
SEPARATORS = bytes(i for i in range(1, 128) if not chr(i).isalnum())


def normal_bulk(raw: str, budget: Budget | None = None) -> str:
    """Normal form of every leaf of a joined text, as ``values.normal_text`` has it; empty past a budget."""
    if raw.isascii():
        return normal_ascii(raw)
    text = ""
    for part in _folded(raw, budget):
        text += part  # in place, where nobody else has it: to join a list of the parts takes twice the room
    return _single_spaced(text)


def _folded(raw: str, budget: Budget | None) -> Iterator[str]:
    """A text in lower case and NFKC, window by window: what is made on the way takes three times its room and more."""
    at, left = 0, GROWN * len(raw)
    for end in _windows(raw):
        if budget is not None and at:
            if left < 0:  # one character of Unicode may stand for eighteen
                budget.cut("too_large")
            if left < 0 or budget.expired():
                yield END * raw.count(END, at)
                return
        window = raw[at:end]
        at = end
        if window.isascii():
            text = window.lower()
        else:
            text = _compatible(_compatible(window).casefold())
            folded = text.casefold()
            if folded != text:
                text = _compatible(folded)
        left -= len(text)
        yield text


def _windows(raw: str) -> Iterator[int]:
    """Where a text can be cut so that its parts have the same normal form as all of it."""
    at = 0
    while len(raw) - at > FOLDED:
        found = _STARTER.search(raw, at + FOLDED, at + FOLDED + LONGEST_CLUSTER)
        at = found.start() if found else at + FOLDED + LONGEST_CLUSTER
        if at >= len(raw):
            break
        yield at
    yield len(raw)


def _normal_ascii(raw: str) -> str:
    return _single_spaced(raw.lower())


normal_ascii: Callable[[str], str] = compiled.normal_ascii if compiled else _normal_ascii


def _single_spaced(text: str) -> str:
    for white in _WHITE:
        if white in text:
            text = text.replace(white, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    if " \0" in text or "\0 " in text:
        text = text.replace(" \0", END).replace("\0 ", END)
    return text.strip(" ")


def _compatible(text: str) -> str:
    # to ask whether there is anything to do is cheaper than to do it
    return text if unicodedata.is_normalized("NFKC", text) else compatible(text)


def project(text: str, without: bytes) -> str:
    """A text without some ASCII characters; the text itself where it has none of them."""
    if len(text) <= SLICE:
        return _projected(text, without)
    found = ""
    for at in range(0, len(text), SLICE):
        found += _projected(text[at : at + SLICE], without)  # in place, as above
    return text if len(found) == len(text) else found


def _projected(text: str, without: bytes) -> str:
    return text.encode("utf-8", "replace").translate(None, without).decode("utf-8", "ignore")


def words_of(text: str) -> list[bytes]:
    """The words of a normal text: runs of letters and digits, UTF-8."""
    return spaced(text).split()


def spaced(text: str) -> bytes:
    """UTF-8 of a text with nothing but spaces between its words."""
    if text.isascii():
        return text.encode().translate(WORDS)
    if len(text) <= SLICE:
        return _spaced(text)
    return b"".join([_spaced(text[at : at + SLICE]) for at in range(0, len(text), SLICE)])


def _spaced(text: str) -> bytes:
    return _UNICODE_PUNCTUATION.sub(b" ", text.encode("utf-8", "replace")).translate(WORDS)


def slices(data: bytes, separator: bytes) -> Iterator[bytes]:
    """Bytes in slices that end at a separator: to cut all of it into words at once takes too much memory."""
    at, size = 0, len(data)
    while at < size:
        end = min(at + SLICE, size)
        if end < size:
            cut = data.find(separator, end)
            end = cut if cut >= 0 else size
        yield data[at:end]
        at = end


class Vocabulary:
    """Words that are looked for in texts."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self._words = frozenset(words)
        self._listed = list(self._words)
        self._table: bytes | None = compiled.word_table(self._listed) if compiled else None

    def common(self, text: str, budget: Budget) -> set[bytes]:
        """Which of the words occur in a normal text."""
        found: set[bytes] = set()
        if self._table is not None:
            found = compiled.words_in(self._table, self._listed, ascii_or_spaced(text))
            return found
        for piece in slices(spaced(text), b" "):
            found |= self._words.intersection(piece.split())
            if budget.expired():
                break
        return found


def ascii_or_spaced(text: str) -> bytes | str:
    """A text, or UTF-8 of it, with words told apart by what is not a letter, a digit, or a byte from 128 on."""
    return text if text.isascii() else spaced(text)


class Bulk:
    """The joined normal forms of a batch, and which leaf stands where."""

    __slots__ = ("_count", "_leaves", "_starts", "shares_words", "text", "words")

    def __init__(self, text: str, count: int, leaves: list[str] | None = None) -> None:
        self.text = text
        self._count = count
        self._leaves = leaves
        """What ``text`` was joined of, where it is at hand: not cut again."""
        self._starts: list[int] | None = None
        self.shares_words: bool | None = None
        """Whether it has words in a row of a long value; None while nobody has asked."""
        self.words: set[bytes] | None = None
        """Its words that values and pieces of them have; None while nobody has asked."""

    @property
    def leaves(self) -> list[str]:
        """The leaves one by one."""
        if self._leaves is None:
            self._leaves = self.text.split(END) if self._count else []
        return self._leaves

    def forget_leaves(self) -> None:
        """Where there are many: each is an object of its own, cut again if somebody asks."""
        if self._count > MANY:
            self._leaves = self._starts = None

    @property
    def starts(self) -> list[int]:
        """Where each leaf begins."""
        if self._starts is None:
            ends = accumulate([len(leaf) + 1 for leaf in self.leaves])
            self._starts = [0, *ends]
        return self._starts

    def leaf_at(self, position: int) -> int:
        """Number of the leaf that a position lies in."""
        return bisect_right(self.starts, position) - 1

    def find_all(self, needle: str, most: int = 64) -> Iterator[int]:
        """Where a text occurs, at most so often."""
        at = self.text.find(needle)
        while at >= 0 and most:
            yield at
            most -= 1
            at = self.text.find(needle, at + 1)


def join(texts: Iterable[str]) -> str:
    """Leaves as one raw text; a NUL inside a leaf becomes a space."""
    texts = list(texts)
    raw = END.join(texts)
    if raw.count(END) != len(texts) - 1:
        raw = END.join([t.replace(END, " ") for t in texts])
    return raw
