"""Rows whose values are values of the request as they came, as of most rows that a request writes: nothing is left in
them to be searched, and what is seen at a column is all that it holds."""

from __future__ import annotations

from typing import NamedTuple

from otel_provenance.matching.confidence import CERTAIN_BITS, LAYER, REPORTED, STRONG_BITS, confidence
from otel_provenance.matching.index import Needles
from otel_provenance.matching.model import Match
from otel_provenance.matching.names import likeness, names_of_keys, names_of_path
from otel_provenance.matching.respelling import respelling
from otel_provenance.matching.search import MOST_OF_A_VALUE, WEAK_BITS, named_alike
from otel_provenance.tags import Tag

_CERTAIN = CERTAIN_BITS["exact"]


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

    def matches(self, needles: Needles) -> list[Match] | None:
        """What a search of the row would tell; None where it has more to weigh than this: the pieces that a value is of
        others, values of very many tags or at two columns."""
        if not needles.parts.keys().isdisjoint(self.normals) or len(set(self.normals)) < len(self.normals):
            return None
        seen: list[tuple[float, list[Tag]]] = []
        strong: set[str] = set()
        for column, normal in zip(self.columns, self.normals, strict=True):
            tags, bits = needles.whole[normal], needles.bits_of(normal)
            if len(tags) > MOST_OF_A_VALUE:
                return None
            if bits < WEAK_BITS:
                tags = named_alike(normal, tags, bits, needles, names_of_keys((column,)))
            elif bits >= STRONG_BITS:
                strong.update([tag.tag_id for tag in tags])
            seen.append((bits, tags))
        found: list[Match] = []
        for column, text, normal, (bits, tags) in zip(*self, seen, strict=True):
            for tag in tags:
                step = "" if tag.value == text else respelling(tag.value, text) if tag.normal == normal else "boolean"
                sure, layers = 1.0, step.count(">") + 1 if step else 0
                if bits - LAYER * layers < _CERTAIN:
                    alike = likeness(names_of_path(tag.field), names_of_keys((column,)))
                    is_vouched = len(strong) > (tag.tag_id in strong)
                    sure = confidence(bits, "exact", alike, is_vouched, 1.0, layers, False)
                if sure >= REPORTED:
                    found.append(Match(tag.tag_id, column, "exact", step, sure))
        return found
