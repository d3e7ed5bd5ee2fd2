"""How the values begin and end: a look at the first and the last characters leaves few leaves to be pieces of them."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable

from otel_provenance.matching.bulk import Bulk
from otel_provenance.speedups import compiled

HEAD, PAIR, TAIL = 4, 2, 4
"""Characters of a beginning, of the opening of a row of values, and of an end."""
STEM = 32
"""Characters for which a leaf must begin like a value, if it is longer than LONGEST_MASKED."""
LONGEST_MASKED = 48
"""Characters of a leaf that may be a value of which asterisks hide a part."""
ELLIPSIS = ".\u2026 "

Found = tuple[list[int], list[int], list[int]]
"""Leaves that may be the beginning of a value, whose first two characters are one's, and that end like one."""


class Edges:
    """Look-up of leaves by their first and last characters."""

    def __init__(self, beginnings: Collection[str], pairs: Iterable[str], tails: Iterable[str]) -> None:
        self._heads = frozenset([head for head in beginnings if len(head) == HEAD])
        self._stems = frozenset([stem for stem in beginnings if len(stem) == STEM])
        self._pairs = frozenset([pair for pair in pairs if len(pair) == PAIR])
        self._tails = frozenset(tails)
        self._tables: list[bytes] = []
        if compiled:
            self._tables = [compiled.edge_table(_ascii(edges)) for edges in (self._heads, self._pairs, self._tails)]
            self._tables.append(compiled.leaf_table(_ascii(self._stems)))

    def of(self, bulk: Bulk) -> Found:
        """The leaves that have one, by number; perhaps a few more, for two edges may have one hash."""
        if compiled and bulk.text.isascii():
            found: Found = compiled.leaf_edges(bulk.text, *self._tables)
            return found
        leaves = bulk.leaves
        begun = _those(leaves, self._heads, slice(HEAD))
        return (
            [at for at in begun if self._may_be_begun(leaves[at])],
            _those(leaves, self._pairs, slice(PAIR)),
            _those(leaves, self._tails, slice(-TAIL, None)),
        )

    def _may_be_begun(self, leaf: str) -> bool:
        """Whether a leaf that begins like a value may do so for long, or says that it goes on."""
        return len(leaf) <= LONGEST_MASKED or leaf[:STEM] in self._stems or leaf[-1] in ELLIPSIS


def _those(leaves: list[str], edges: Container[str], part: slice) -> list[int]:
    return [at for at, leaf in enumerate(leaves) if leaf[part] in edges] if edges else []


def _ascii(edges: Iterable[str]) -> list[str]:
    return [edge for edge in edges if edge.isascii()]
