"""Leaves that are only a piece of a value: its beginning, its last four digits, an excerpt, a changed copy."""

from __future__ import annotations

import re

from otel_provenance.matching.batch import Batch
from otel_provenance.matching.budget import Budget
from otel_provenance.matching.index import Needles
from otel_provenance.matching.sightings import Sightings
from otel_provenance.matching.specificity import specificity

EXCERPT = 20
"""Characters of the shortest excerpt that is looked for."""

_MASKED = re.compile(r"[*x\u2022\u00b7#.\u2026 \-]*\d{4}")
_ELLIPSIS = ".\u2026 "


def find_pieces(batch: Batch, needles: Needles, sightings: Sightings, budget: Budget) -> None:
    """Add the leaves that are pieces of values."""
    leaves = batch.bulk.leaves
    beginnings, whole = needles.beginnings, needles.whole
    for at in [at for at, leaf in enumerate(leaves) if leaf[:4] in beginnings and leaf not in whole]:
        shown = leaves[at].rstrip(_ELLIPSIS)
        for tag in beginnings.get(shown[:4], ()):
            if len(shown) < len(tag.normal) and tag.normal.startswith(shown):
                sightings.add(tag, batch.places[at], "part", "truncate", specificity(shown), shown, 1.0)
    if needles.spelled.last_four:
        _last_four(batch, needles, sightings)
    if needles.long and not budget.expired():
        _excerpts(batch, needles, sightings, budget)


def _last_four(batch: Batch, needles: Needles, sightings: Sightings) -> None:
    fours = needles.spelled.last_four
    for at, leaf in enumerate(batch.bulk.leaves):
        if 4 <= len(leaf) <= 24 and leaf[-4:] in fours and _MASKED.fullmatch(leaf):
            step, bits = ("last-4", 8.0) if len(leaf) == 4 else ("mask", 14.0)
            for tag in fours[leaf[-4:]]:
                sightings.add(tag, batch.places[at], "part", step, bits, leaf[-4:], 1.0)


def _excerpts(batch: Batch, needles: Needles, sightings: Sightings, budget: Budget) -> None:
    for at, leaf in enumerate(batch.bulk.leaves):
        if len(leaf) < EXCERPT or leaf in needles.whole:
            continue
        shown = leaf.strip(_ELLIPSIS)
        for tag in needles.long:
            if len(shown) < len(tag.normal) and shown in tag.normal and not tag.normal.startswith(shown):
                sightings.add(tag, batch.places[at], "part", "excerpt", specificity(shown), shown, 1.0)
        if budget.expired():
            return
