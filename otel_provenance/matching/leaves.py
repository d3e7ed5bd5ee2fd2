"""The specific values of a payload by themselves: what links requests, and what other services' tags match."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from otel_provenance.matching.batch import Batch
from otel_provenance.matching.model import Leaf
from otel_provenance.matching.places import Paths
from otel_provenance.matching.sightings import Sightings
from otel_provenance.matching.specificity import COMMON_TABLE, is_specific, specificity
from otel_provenance.matching.spellings import addresses, names_beside_addresses
from otel_provenance.speedups import compiled
from otel_provenance.values import hash_normal

if TYPE_CHECKING:
    from otel_provenance.matching.tag_index import TagIndex

MOST_LEAVES = 256
MOST_LOOKED_AT = 512
SHORTEST, LONGEST = 6, 1024
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
        told = {} if self._upstream else self._whole
        found, count = _specific_leaves(batch, told, self._left)
        known = self._specific
        for at, leaf, is_known in found:
            specific = is_known
            if specific is None:
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
        self._left = max(0, self._left - count)

    def _is_told(self, piece: str) -> bool:
        """Whether a value of the request itself is or holds this piece of a text: then it comes from there."""
        return not self._upstream and (piece in self._whole or piece in self._index.pieces)

    def _add(self, batch: Batch, at: int, normal: str) -> None:
        leaf = _leaf((self._paths.at(batch.places.arounds[at], batch.places.keys[at]), normal))
        if not self._upstream:
            self.leaves[leaf] = None
        elif leaf not in self.leaves:
            self.leaves[leaf] = None
            self._add_upstream(batch, at, normal)

    def _add_upstream(self, batch: Batch, at: int, normal: str) -> None:
        """What tags of other services it is, or they are in it."""
        if self._salt is not None:
            for tag in self._upstream.get(hash_normal(normal, self._salt), ()):
                share = len(normal) / len(batch.bulk.leaves[at])
                kind = "exact" if share == 1 else "contains"
                self._sightings.add(tag, batch.places[at], kind, "", specificity(normal), normal, share)


_leaf = partial(tuple.__new__, Leaf)
"""A Leaf of the items of a tuple, at half the price of naming them."""
Found = list[tuple[int, str, "bool | None"]]
"""(number, leaf, whether it is specific, or None where that is to be asked)"""


def _specific_leaves(batch: Batch, told: dict[str, Any], most: int) -> tuple[Found, int]:
    """Of the leaves of six characters and more, but for what a match tells of, those that may be specific or hold an
    address; and how many there are."""
    text = batch.bulk.text
    if compiled and text.isascii() and batch.texts:
        those: tuple[Found, int] = compiled.specific_leaves(text, COMMON_TABLE, told, most)
        return those
    chosen = [(at, leaf, None) for at, leaf in enumerate(batch.bulk.leaves) if len(leaf) >= SHORTEST]
    return [one for one in chosen[:most] if one[1] not in told], len(chosen)
