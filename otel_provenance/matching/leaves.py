"""The specific values of a payload by themselves: what links requests, and what other services' tags match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otel_provenance.matching.batch import Batch
from otel_provenance.matching.model import Leaf
from otel_provenance.matching.places import Paths
from otel_provenance.matching.sightings import Sightings
from otel_provenance.matching.specificity import is_specific, specificity
from otel_provenance.matching.spellings import addresses, names_beside_addresses
from otel_provenance.values import hash_normal

if TYPE_CHECKING:
    from otel_provenance.matching.tag_index import TagIndex

MOST_LEAVES = 256
MOST_LOOKED_AT = 512
LONGEST = 1024
"""Characters of a leaf that is told of."""


class LeafCollector:
    """Gathers leaves as (path, normal form), each once, up to a bound."""

    def __init__(self, index: TagIndex, sightings: Sightings) -> None:
        self.leaves: dict[Leaf, None] = {}
        self._left = MOST_LOOKED_AT
        self._upstream = index.needles.upstream
        self._whole = index.needles.whole
        self._index = index
        self._salt = index.salt
        self._sightings = sightings
        self._paths = Paths()
        self._specific: dict[str, bool] = {}

    def collect(self, batch: Batch) -> None:
        """Add the specific leaves of a batch, and the addresses inside its texts with the names beside them."""
        leaves = batch.bulk.leaves
        chosen = [at for at, leaf in enumerate(leaves) if len(leaf) >= 6]
        told = {} if self._upstream else self._whole
        known = self._specific
        for at in chosen[: self._left]:
            leaf = leaves[at]
            if leaf in told:
                continue  # a match tells of it
            specific = known.get(leaf)  # many objects have the same value
            if specific is None:
                specific = known[leaf] = len(leaf) <= LONGEST and is_specific(leaf)
            if specific:
                self._add(batch, at, leaf)
            if "@" in leaf and (" " in leaf or ":" in leaf or "=" in leaf):
                for address in addresses(leaf, 64):
                    if address != leaf and not self._is_told(address):
                        self._add(batch, at, address)
                for name in names_beside_addresses(leaf) if "<" in leaf else ():
                    if is_specific(name) and not self._is_told(name):
                        self._add(batch, at, name)
            if len(self.leaves) >= MOST_LEAVES:
                break
        self._left = max(0, self._left - len(chosen))

    def _is_told(self, piece: str) -> bool:
        """Whether a value of the request itself is or holds this piece of a text: then it comes from there."""
        return not self._upstream and (piece in self._whole or piece in self._index.pieces)

    def _add(self, batch: Batch, at: int, normal: str) -> None:
        leaf = Leaf(self._paths.of(batch.places[at])[0], normal)
        if leaf in self.leaves:
            return
        self.leaves[leaf] = None
        if self._upstream and self._salt is not None:
            for tag in self._upstream.get(hash_normal(normal, self._salt), ()):
                share = len(normal) / len(batch.bulk.leaves[at])
                kind = "exact" if share == 1 else "contains"
                self._sightings.add(tag, batch.places[at], kind, "", specificity(normal), normal, share)
