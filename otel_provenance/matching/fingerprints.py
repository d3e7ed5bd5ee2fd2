"""Long texts with some words changed, or quoted in part: fingerprints by robust winnowing.

Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003. The
unit is the word. Of the K-grams of a value, the one with the least hash in every window of WINDOW is kept, so
that any run of T = WINDOW + K - 1 words that a payload shares with it has at least one that was kept, and
nothing shorter than K words is ever noticed. Of the payload every K-gram is looked up.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from zlib import crc32

from otel_provenance.matching.budget import Budget
from otel_provenance.matching.bulk import END, Bulk, ascii_or_spaced, slices, spaced, words_of
from otel_provenance.matching.lazily import lazily
from otel_provenance.matching.stock import STOCK_WORDS
from otel_provenance.speedups import compiled
from otel_provenance.tags import Tag

K = 4
WINDOW = 5
T = WINDOW + K - 1
"""Words of a shared run that is certain to be noticed: 8."""
FEWEST = 2 * T
"""Words of the shortest value that has fingerprints."""
LONGEST = 131_072
"""Characters of a leaf or value that are looked at."""

LITTLE = 4_096
"""Characters of all long values that are searched for each excerpt rather than looked up by words."""
WORDY = 9
"""Spaces from which on an excerpt has K whole words, so that it shares them with its value."""
FEW = K - 1
"""Words in a row by which a quotation of so little text is noticed."""
_STOCK = frozenset(word.encode() for word in STOCK_WORDS)

Gram = tuple[bytes, ...]


def grams_of(words: list[bytes], length: int = K) -> Iterable[Gram]:
    """All runs of K words, or as many."""
    return zip(*(words[at:] for at in range(length)), strict=False)


def fingerprints(words: list[bytes]) -> set[Gram]:
    """The K-grams that winnowing keeps: of each window the one with the least hash."""
    grams = list(grams_of(words))
    hashes = list(map(crc32, map(b" ".join, grams)))
    windows = zip(*(hashes[at:] for at in range(min(WINDOW, len(hashes)))), strict=False)
    least = set(map(min, windows))
    return {gram for gram, hashed in zip(grams, hashes, strict=True) if hashed in least}


class GramSet:
    """All runs of as many words of a text, to ask whether another text has any of them."""

    def __init__(self, text: str, length: int = K) -> None:
        self.length = length
        self._table: bytes | None = None
        self._grams: frozenset[Gram] = frozenset()
        if compiled:
            self._table = compiled.gram_table(ascii_or_spaced(text), length)
        else:
            self._grams = frozenset(grams_of(words_of(text), length))

    def any_in(self, text: str, budget: Budget) -> bool:
        """Whether a text has any of the grams; True also where time was up before that was known."""
        if self._table is not None:
            found: bool = compiled.shares_gram(self._table, ascii_or_spaced(text), self.length)
            return found
        before: list[bytes] = []
        for piece in slices(spaced(text), b" "):
            words = before + piece.split()
            if budget.expired() or not self._grams.isdisjoint(grams_of(words, self.length)):
                return True
            before = words[1 - self.length :]
        return False


class Fingerprints:
    """The fingerprints of long values, and whose they are; computed when a payload first asks."""

    def __init__(self, tags: list[Tag]) -> None:
        self._long = list(tags)
        self._counts: dict[int, int] = {}

    @lazily
    def _of(self) -> dict[Gram, list[int]]:
        found: dict[Gram, list[int]] = {}
        for number, tag in enumerate(self._long):
            words = words_of(tag.normal[:LONGEST])
            if len(words) >= FEWEST:
                kept = {gram for gram in fingerprints(words) if not _STOCK.issuperset(gram)}
                self._counts[number] = len(kept)
                for gram in kept:
                    found.setdefault(gram, []).append(number)
        return found

    @lazily
    def _pairs(self) -> dict[tuple[bytes, bytes], dict[int, None]]:
        found: dict[tuple[bytes, bytes], dict[int, None]] = {}
        for number, tag in enumerate(self._long):
            for pair in pairwise(words_of(tag.normal[:LONGEST])):
                found.setdefault(pair, {})[number] = None
        return found

    @property
    def are_searched(self) -> bool:
        """Whether ``holding`` searches all of the values."""
        return self._joined is not None

    @property
    def wordy(self) -> int:
        """Spaces from which on an excerpt shares as many words with its value as ``any_in_bulk`` asks for."""
        return WORDY if self._joined is None else WORDY - 2 * (K - FEW)

    @lazily
    def _joined(self) -> str | None:
        """All long values, where they are so little text that to search it is the quickest answer."""
        if sum([len(tag.normal) for tag in self._long]) > LITTLE:
            return None
        return END.join([tag.normal for tag in self._long])

    @lazily
    def _grams(self) -> GramSet:
        """Every run of K words of every value, and those across the seam of two: quicker to make than what is kept."""
        return GramSet(END.join([tag.normal[:LONGEST] for tag in self._long]), K if self._joined is None else FEW)

    def holding(self, excerpt: str, shared: list[tuple[Tag, int, int]]) -> list[Tag]:
        """The values that an excerpt stands in; ``shared`` is what ``shared_with`` says of it."""
        if self._joined is None:
            return [tag for tag in self.may_hold(excerpt, shared) if excerpt in tag.normal]
        return [tag for tag in self._long if excerpt in tag.normal] if excerpt in self._joined else []

    def is_held(self, excerpt: str) -> bool:
        """Where all of the values are searched: whether an excerpt stands in any."""
        return self._joined is not None and excerpt in self._joined

    def may_hold(self, excerpt: str, shared: list[tuple[Tag, int, int]] | None = None) -> list[Tag]:
        """The values that an excerpt may be of; ``shared`` is what ``shared_with`` said, if it was asked."""
        words = words_of(excerpt[:200])
        if len(words) >= T + 2 and self._of and len(self._counts) == len(self._long):
            # so long a run shares a fingerprint for certain, even where its first and last words are cut
            return [tag for tag, _, _ in (self.shared_with(excerpt) if shared is None else shared)]
        words = words[1:3]
        if len(words) < 2:
            return self._long if len(self._long) <= 8 else []
        return [self._long[number] for number in self._pairs.get((words[0], words[1]), ())]

    def may_share(self, text: str) -> bool:
        """Whether a text may be, or hold, a run of a value: it has two words in a row of one, or hardly any words."""
        words = words_of(text)
        return (len(words) < 3 and bool(self.may_hold(text))) or not self._pairs.keys().isdisjoint(pairwise(words))

    def sharing(self, bulk: Bulk, budget: Budget) -> list[Tag]:
        """The values that a joined text shares words in a row with."""
        grams = GramSet(bulk.text, self._grams.length)
        return [tag for tag in self._long if grams.any_in(tag.normal[:LONGEST], budget)]

    def any_in_bulk(self, bulk: Bulk, budget: Budget) -> bool:
        """Whether a joined text shares K words with a value."""
        if bulk.shares_words is None:
            bulk.shares_words = self._grams.any_in(bulk.text, budget)
        return bulk.shares_words

    def any_in(self, leaves: list[str], budget: Budget) -> bool:
        """Whether any of many texts shares K words with a value: asked of all at once, which mostly settles it."""
        if self._joined is not None and not self._of:  # little text, which ``holding`` searches
            return False
        return self._grams.any_in(END.join(leaves), budget)

    def shared_with(self, normal: str) -> list[tuple[Tag, int, int]]:
        """(tag, how many of its fingerprints a text has, of how many), for each tag that shares any."""
        if not self._of:
            return []
        shared = self._of.keys() & grams_of(words_of(normal[:LONGEST]))
        counts: dict[int, int] = {}
        for gram in shared:
            for number in self._of[gram]:
                counts[number] = counts.get(number, 0) + 1
        return [(self._long[number], count, self._counts[number]) for number, count in sorted(counts.items())]
