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

from otel_provenance.matching.bulk import words_of
from otel_provenance.tags import Tag

K = 4
WINDOW = 5
T = WINDOW + K - 1
"""Words of a shared run that is certain to be noticed: 8."""
LONGEST = 131_072
"""Characters of a leaf or value that are looked at."""

Gram = tuple[bytes, ...]


def grams_of(words: list[bytes]) -> Iterable[Gram]:
    """All runs of K words."""
    return zip(*(words[at:] for at in range(K)), strict=False)


def fingerprints(words: list[bytes]) -> set[Gram]:
    """The K-grams that winnowing keeps."""
    grams = list(grams_of(words))
    hashes = [crc32(b" ".join(gram)) for gram in grams]
    kept: set[Gram] = set()
    for start in range(max(1, len(grams) - WINDOW + 1)):
        window = range(start, min(start + WINDOW, len(grams)))
        if window:
            kept.add(grams[min(window, key=lambda at: (hashes[at], -at))])  # the rightmost of equals
    return kept


class Fingerprints:
    """The fingerprints of long values, and whose they are."""

    def __init__(self, tags: list[Tag]) -> None:
        self._of: dict[Gram, list[int]] = {}
        self.tags: list[Tag] = []
        self.counts: list[int] = []
        for tag in tags:
            words = words_of(tag.normal[:LONGEST])
            if len(words) >= T:
                kept = fingerprints(words)
                for gram in kept:
                    self._of.setdefault(gram, []).append(len(self.tags))
                self.tags.append(tag)
                self.counts.append(len(kept))
        self._all = frozenset(self._of)
        self._pairs: dict[tuple[bytes, bytes], dict[int, None]] | None = None
        self._long = list(tags)

    def may_hold(self, excerpt: str) -> list[Tag]:
        """The values that have the second and third word of an excerpt in a row: the first may be cut."""
        words = words_of(excerpt[:200])[1:3]
        if len(words) < 2:
            return self._long if len(self._long) <= 8 else []
        if self._pairs is None:
            self._pairs = {}
            for number, tag in enumerate(self._long):
                own = words_of(tag.normal[:LONGEST])
                for pair in pairwise(own):
                    self._pairs.setdefault(pair, {})[number] = None
        return [self._long[number] for number in self._pairs.get((words[0], words[1]), ())]

    def shared_with(self, normal: str) -> list[tuple[Tag, int, int]]:
        """(tag, how many of its fingerprints a text has, of how many), for each tag that shares any."""
        if not self._all:
            return []
        shared = self._all.intersection(grams_of(words_of(normal[:LONGEST])))
        counts: dict[int, int] = {}
        for gram in shared:
            for number in self._of[gram]:
                counts[number] = counts.get(number, 0) + 1
        return [(self.tags[number], count, self.counts[number]) for number, count in sorted(counts.items())]
