"""Many leaves as one text: what Python does slowly leaf by leaf, C does at once.

The leaves of a batch are joined by NUL, in their normal form; a place in the joined text tells the leaf.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

END = "\0"
SLICE = 16_384
"""Characters that are cut into words at a time: the list of them is what takes memory."""

WORDS = bytes(i if i >= 128 or chr(i).isalnum() else 32 for i in range(256))
_UNICODE_PUNCTUATION = re.compile(rb"\xe2[\x80\x81][\x80-\xbf]|\xc2[\xa0-\xbf]|\xe3\x80[\x80-\xbf]")
_OTHER_WHITE = re.compile(r"[^\S ]")
NOT_DIGITS = bytes(set(range(256)) - set(b"0123456789\0"))
SEPARATORS = bytes(i for i in range(1, 128) if not chr(i).isalnum())


def normal_bulk(raw: str) -> str:
    """Normal form of every leaf of a joined text, as ``values.normal_text`` makes it."""
    if raw.isascii():
        text = raw.lower()
    else:
        normalize = unicodedata.normalize
        text = normalize("NFKC", normalize("NFKC", normalize("NFKC", raw).casefold()).casefold())
        if _OTHER_WHITE.search(text):
            text = " ".join(text.split())
    if "  " in text or "\n" in text or "\t" in text or "\r" in text or "\x0b" in text or "\x0c" in text:
        text = " ".join(text.split())
    if " \0" in text or "\0 " in text:
        text = text.replace(" \0", END).replace("\0 ", END)
    return text.strip(" ")


def project(text: str, without: bytes) -> str:
    """A text without some ASCII characters."""
    data = text.encode("utf-8", "replace").translate(None, without)
    return data.decode("utf-8", "ignore")


def words_of(text: str) -> list[bytes]:
    """The words of a normal text: runs of letters and digits, UTF-8."""
    if text.isascii():
        return text.encode().translate(WORDS).split()
    return _UNICODE_PUNCTUATION.sub(b" ", text.encode("utf-8", "replace")).translate(WORDS).split()


class Bulk:
    """The joined normal forms of a batch, and which leaf stands where."""

    __slots__ = ("_starts", "leaves", "text")

    def __init__(self, text: str, count: int) -> None:
        self.text = text
        self.leaves = text.split(END) if count else []
        self._starts: list[int] | None = None

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

    def slices(self) -> Iterator[str]:
        """The text in slices that no word is cut by."""
        text, size = self.text, len(self.text)
        at = 0
        while at < size:
            end = min(at + SLICE, size)
            if end < size:
                cut = max(text.rfind(END, at, end), text.rfind(" ", at, end))
                end = cut if cut > at else end
            yield text[at:end]
            at = end

    def common_words(self, anchors: frozenset[bytes]) -> set[bytes]:
        """Which of the anchors occur as words."""
        found: set[bytes] = set()
        for piece in self.slices():
            found |= anchors.intersection(words_of(piece))
        return found

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
