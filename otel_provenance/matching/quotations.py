"""Runs of a long value inside a longer text: a quotation in a prompt, a preview in a mail, a copy with a word changed.

Where a text shares no words in a row with any long value, which is asked at the speed of C, nothing is searched.
Else every few characters of the value there is an anchor; where one stands in the text, the run is what is the same
before and behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from otel_provenance.matching.batch import Batch
from otel_provenance.matching.budget import Budget
from otel_provenance.matching.bulk import Bulk
from otel_provenance.matching.index import SHORT, Needles
from otel_provenance.matching.sightings import Sightings
from otel_provenance.matching.stock import is_ideographic, telling_bits
from otel_provenance.tags import Tag

SHORTEST, ANCHOR = 24, 14
"""Characters of the shortest run, and of what is looked for: half an anchor apart, one is in every such run."""
SHORTEST_IDEOGRAPHS, ANCHOR_IDEOGRAPHS = 10, 6
LOOKED_AT = 4_096
"""Characters of a value, from its beginning, whose runs are looked for."""
MOST_PLACES = 8
"""Places of an anchor that are looked at."""
_STRIDE = 32
_NUMBER_NEXT = re.compile(r"[^\w\0]{0,3}\d")


def find_quotations(batch: Batch, needles: Needles, sightings: Sightings, budget: Budget) -> None:
    """Add the texts that hold a run of a long value, but not all of it."""
    bulk = batch.bulk
    tags: list[Tag] = []
    if needles.long and needles.fingerprints.any_in_bulk(bulk, budget):
        tags += needles.fingerprints.sharing(bulk, budget)
    if needles.ideographic and not bulk.text.isascii():
        tags += [tag for tag in needles.ideographic if tag not in tags]
    for tag in tags:
        if budget.expired():
            return
        if tag.normal not in bulk.text:
            _quoted(tag, batch, sightings, budget)


def _quoted(tag: Tag, batch: Batch, sightings: Sightings, budget: Budget) -> None:
    bulk = batch.bulk
    shortest = SHORTEST_IDEOGRAPHS if is_ideographic(tag.normal) else SHORTEST
    said: dict[int, dict[str, float]] = {}
    others: set[int] = set()
    for start, run, goes_on in _runs(tag.normal[:LOOKED_AT], bulk, budget):
        at = bulk.leaf_at(start)
        if goes_on and len(tag.normal) <= SHORT:
            others.add(at)  # the same street, another house
        if len(run) >= shortest:
            said.setdefault(at, {})[run] = telling_bits(run)
    for at, runs in said.items():
        if at in others:
            continue
        leaf, longest = bulk.leaves[at], max(runs, key=len)
        share = sum(map(len, runs)) / len(leaf)
        sightings.add(tag, batch.places[at], "part", "excerpt", min(60.0, sum(runs.values())), longest, min(1.0, share))


def _runs(normal: str, bulk: Bulk, budget: Budget) -> Iterator[tuple[int, str, bool]]:
    """(place in the text, run, whether both go on with a number of their own) of what a value and a text share."""
    text = bulk.text
    size = ANCHOR_IDEOGRAPHS if is_ideographic(normal) else ANCHOR
    ends: dict[int, int] = {}  # a run by how far its place in the text is from that in the value
    for at in range(0, len(normal) - size + 1, size // 2):
        for start in bulk.find_all(normal[at : at + size], MOST_PLACES):
            if ends.get(start - at, 0) > start:
                continue
            before = _same_before(normal, at, text, start)
            ends[start - at] = end = start + size + _same_from(normal, at + size, text, start + size)
            begin = start - before
            there = at + end - start
            other_number = _number_in(normal[there : there + _STRIDE]) and _number_in(text[end : end + _STRIDE])
            yield start, _whole_words(normal, at - before, text, begin, end - begin), other_number
        if budget.expired():
            return


def _same_before(one: str, at: int, other: str, there: int) -> int:
    count = 0
    while count < min(at, there, _STRIDE) and one[at - count - 1] == other[there - count - 1]:
        count += 1
    return count


def _same_from(one: str, at: int, other: str, there: int) -> int:
    count, stride = 0, _STRIDE
    while stride:
        piece = one[at + count : at + count + stride]
        if len(piece) == stride and piece == other[there + count : there + count + stride]:
            count += stride
        else:
            stride //= 2
    return count


def _number_in(rest: str) -> bool:
    return _NUMBER_NEXT.match(rest) is not None


def _whole_words(normal: str, at: int, text: str, there: int, size: int) -> str:
    """A run without the halves of words at its ends that only look alike; what a text was cut at stays."""
    run = normal[at : at + size]
    if is_ideographic(run):
        return run.strip()
    if run[0].isalnum() and normal[at - 1 : at].isalnum() and text[there - 1 : there].isalnum():
        run = run.partition(" ")[2]
    if (
        run[-1:].isalnum()
        and normal[at + size : at + size + 1].isalnum()
        and text[there + size : there + size + 1].isalnum()
    ):
        run = run.rpartition(" ")[0]
    return run.strip()
