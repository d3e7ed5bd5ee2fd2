"""Values that others were taken out of: a CSV file, an XML body. They hold more than themselves."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from otel_provenance.tags import Tag

SHORTEST = 16
"""Characters of a value that others are taken out of."""


def documents_among(whole: Mapping[str, list[Tag]]) -> frozenset[str]:
    """Of values by their normal form, those that are a document."""
    fields = [tag.field for tags in whole.values() for tag in tags]
    if all(fields) and "." not in "".join(fields):
        return frozenset()  # as it mostly is
    around: set[tuple[str, str]] = set()
    for tag in chain.from_iterable(whole.values()):
        place = tag.field
        while place:
            place = place.rpartition(".")[0]
            if (tag.source, place) in around:
                break
            around.add((tag.source, place))
    return frozenset(
        [
            normal
            for normal, tags in whole.items()
            if len(normal) >= SHORTEST and any((tag.source, tag.field) in around for tag in tags)
        ]
    )
