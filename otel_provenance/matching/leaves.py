"""The specific values of a payload by themselves: what links requests, and what other services' tags match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otel_provenance.matching.batch import Batch
from otel_provenance.matching.model import Leaf
from otel_provenance.matching.places import path_of
from otel_provenance.matching.sightings import Sightings
from otel_provenance.matching.specificity import specificity
from otel_provenance.matching.spellings import addresses
from otel_provenance.values import hash_normal

if TYPE_CHECKING:
    from otel_provenance.matching.tag_index import TagIndex

MOST_LEAVES = 256
MOST_LOOKED_AT = 1024
LONGEST = 1024
"""Characters of a leaf that is told of."""
SPECIFIC_BITS = 14.0


class LeafCollector:
    """Gathers leaves as (path, normal form), each once, up to a bound."""

    def __init__(self, index: TagIndex, sightings: Sightings) -> None:
        self.leaves: list[Leaf] = []
        self._seen: set[Leaf] = set()
        self._left = MOST_LOOKED_AT
        self._upstream = index.needles.upstream
        self._salt = index.salt
        self._sightings = sightings

    def collect(self, batch: Batch) -> None:
        """Add the specific leaves of a batch, and the addresses inside its texts."""
        for at, leaf in enumerate(batch.bulk.leaves):
            if len(leaf) < 6:
                continue
            if self._left <= 0 or len(self.leaves) >= MOST_LEAVES:
                return
            self._left -= 1
            if len(leaf) <= LONGEST:
                self._add(batch, at, leaf)
            if "@" in leaf and len(leaf) > 6:
                for address in addresses(leaf, 64):
                    if address != leaf:
                        self._add(batch, at, address)

    def _add(self, batch: Batch, at: int, normal: str) -> None:
        bits = specificity(normal)
        if bits < SPECIFIC_BITS:
            return
        leaf = Leaf(path_of(batch.places[at]), normal)
        if leaf in self._seen or len(self.leaves) >= MOST_LEAVES:
            return
        self._seen.add(leaf)
        self.leaves.append(leaf)
        if self._upstream and self._salt is not None:
            for tag in self._upstream.get(hash_normal(normal, self._salt), ()):
                whole = normal == batch.bulk.leaves[at]
                share = len(normal) / len(batch.bulk.leaves[at])
                kind = "exact" if whole else "contains"
                self._sightings.add(tag, batch.places[at], kind, "", bits, normal, share)
