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

CHANGED = 40
"""Characters of the shortest leaf that is looked at for a changed copy, or a quotation, of a long value."""
WORDY = 9
"""Spaces from which on an excerpt has four whole words, so that it shares them with its value."""
MOST_LOOKED_AT = 512
"""Leaves of a batch that are looked at in this way."""
LONGEST_JOINED = 48
BITS_EACH = 7.0
"""What four words in a row say that are the same."""

_MASKED = re.compile(r"[*x\u2022\u00b7#.\u2026 \-]*\d{4}")
_ELLIPSIS = ".\u2026 "


def find_pieces(batch: Batch, needles: Needles, sightings: Sightings, budget: Budget) -> None:
    """Add the leaves that are pieces of values."""
    leaves = batch.bulk.leaves
    beginnings = needles.beginnings
    for at in [at for at, leaf in enumerate(leaves) if leaf[:4] in beginnings]:
        shown = leaves[at].rstrip(_ELLIPSIS)
        for tag in needles.begun_by(shown):
            if tag.normal.startswith(shown) and _is_truncated(shown, leaves[at], tag.normal):
                sightings.add(tag, batch.places[at], "part", "truncate", specificity(shown), shown, 1.0)
        _joined(batch, at, needles, sightings)
    fours = needles.spelled.last_four
    if fours:
        for at in [at for at, leaf in enumerate(leaves) if leaf[-4:] in fours]:
            if len(leaves[at]) <= 24 and _MASKED.fullmatch(leaves[at]):
                step, bits = ("last-4", 8.0) if len(leaves[at]) == 4 else ("mask", 14.0)
                for tag in fours[leaves[at][-4:]]:
                    sightings.add(tag, batch.places[at], "part", step, bits, leaves[at][-4:], 1.0)
    if needles.long and not budget.expired():
        _excerpts(batch, needles, sightings, budget)


def _is_truncated(shown: str, leaf: str, normal: str) -> bool:
    """Whether a beginning was cut off on purpose, rather than being a shorter value: ``Anna Schmid`` is another."""
    length = len(shown)
    cut_to = length % 5 == 0 or length & (length - 1) == 0 or length + 1 in (32, 64, 128, 256)
    return length < len(normal) and (shown != leaf or cut_to or length <= 0.75 * len(normal))


def _joined(batch: Batch, at: int, needles: Needles, sightings: Sightings) -> None:
    """Two values with nothing between them: ``gracehopper``."""
    leaf = batch.bulk.leaves[at]
    if len(leaf) > LONGEST_JOINED:
        return
    for cut in range(3, len(leaf) - 2):
        first, second = needles.whole.get(leaf[:cut]), needles.whole.get(leaf[cut:])
        if first and second:
            for tags, text in ((first, leaf[:cut]), (second, leaf[cut:])):
                for tag in tags:
                    bits, share = needles.bits_of(text), len(text) / len(leaf)
                    sightings.add(tag, batch.places[at], "contains", "joined", bits, text, share)


def _excerpts(batch: Batch, needles: Needles, sightings: Sightings, budget: Budget) -> None:
    leaves = batch.bulk.leaves
    long_enough = [at for at, leaf in enumerate(leaves) if len(leaf) >= EXCERPT][:MOST_LOOKED_AT]
    if not long_enough:
        return
    fingerprints = needles.fingerprints
    any_shared = fingerprints.any_in([leaves[at] for at in long_enough], budget)
    if budget.expired():
        return
    fewest = None if any_shared or fingerprints.are_searched else WORDY
    for at in long_enough:
        leaf = leaves[at]
        if fewest is not None and leaf.count(" ") >= fewest:
            continue
        shown = leaf.strip(_ELLIPSIS)
        shared_with = fingerprints.shared_with(leaf) if any_shared and len(leaf) >= CHANGED else []
        for tag in fingerprints.holding(shown, shared_with):
            if len(shown) < len(tag.normal) and not tag.normal.startswith(shown):
                sightings.add(tag, batch.places[at], "part", "excerpt", specificity(shown), shown, 1.0)
        for tag, shared, all_of_it in shared_with:
            if shared > 1 and tag.normal not in leaf and leaf not in tag.normal:
                bits = min(BITS_EACH * shared, 40.0)
                sightings.add(tag, batch.places[at], "part", "fingerprint", bits, leaf, shared / all_of_it)
        if budget.expired():
            return
