"""Rows whose values are values of the request as they came, as of most rows that a request writes: nothing is left in
them to be searched."""

from __future__ import annotations

from typing import NamedTuple

from otel_provenance.matching.batch import Batch
from otel_provenance.matching.budget import Budget
from otel_provenance.matching.index import Needles
from otel_provenance.matching.model import Match
from otel_provenance.matching.places import Origin, Places
from otel_provenance.matching.search import whole_leaves
from otel_provenance.matching.sightings import Sightings

_ROW = Origin("")


class WholeRow(NamedTuple):
    """Values of a row that are settled as a whole: in parallel, what they stand under, their texts and normal forms."""

    columns: list[str]
    texts: list[str]
    normals: list[str]

    def add(self, column: str, text: str, normal: str) -> None:
        """One more."""
        self.columns.append(column)
        self.texts.append(text)
        self.normals.append(normal)

    def matches(self, needles: Needles, limit: int) -> tuple[Match, ...]:
        """What a search of the row would tell."""
        batch, sightings = Batch(), Sightings(Budget(limit))
        batch.texts, batch.places = self.texts, Places([_ROW] * len(self.texts), self.columns)
        groups = {(normal, self.columns[at]): [at] for at, normal in enumerate(self.normals)}
        whole_leaves(batch, groups, needles, sightings)
        return sightings.matches()
