"""Leaves that are only a piece of a value: its beginning, its last four digits, an excerpt, a changed copy."""

from __future__ import annotations

import re

from otel_provenance.matching.batch import Batch
from otel_provenance.matching.budget import Budget
from otel_provenance.matching.confidence import NEARLY_ALL, NEIGHBOUR
from otel_provenance.matching.edges import ELLIPSIS, LONGEST_MASKED
from otel_provenance.matching.fingerprints import WORDY
from otel_provenance.matching.forms import compact
from otel_provenance.matching.index import LONG, Needles
from otel_provenance.matching.masked import find_masked
from otel_provenance.matching.places import Place
from otel_provenance.matching.quotations import find_quotations
from otel_provenance.matching.sightings import Sightings
from otel_provenance.matching.specificity import specificity
from otel_provenance.matching.stock import telling_bits
from otel_provenance.tags import Tag

EXCERPT = 20
"""Characters of the shortest excerpt that is looked for."""

CHANGED = 40
"""Characters of the shortest leaf that is looked at for a changed copy, or a quotation, of a long value."""
MOST_LOOKED_AT = 512
"""Leaves of a batch that are looked at in this way."""
LONGEST_JOINED = 200
"""Characters of a leaf that values in a row may make up."""
BITS_EACH = 7.0
"""What four words in a row say that are the same."""

_MASKED = re.compile(
    r"()[*x\u2022\u00b7#.\u2026 \-]+(\d{4})|([\w+ \-]{1,12}?)[ \-]*(?:[*x\u2022\u00b7#\u2026][ \-]?){2,}(\w{0,6})"
)
_LAST_FOUR = re.compile(r"last.?(?:4|four|digits)|.suffix|ending", re.IGNORECASE)
IN_A_ROW = 3
"""Values that vouch for each other, whatever stands around them."""
ONE_WORD, LITTLE = 10.5, 8.0
"""Bits of the words of a beginning, below which it is one of many letters'; and what it then says."""
FOUND = 0.1
"""More than what the same text says that was found by itself: this sighting tells of the others."""


def find_pieces(
    batch: Batch, needles: Needles, sightings: Sightings, budget: Budget, *, may_be_masked: bool = True
) -> None:
    """Add the leaves that are pieces of values; ``may_be_masked``: whether last four digits may stand in one."""
    leaves = batch.bulk.leaves
    begun, rows, ended = needles.edges.of(batch.bulk)
    for at in begun:
        shown = leaves[at].rstrip(ELLIPSIS)
        for tag in needles.begun_by(shown):
            if tag.normal.startswith(shown) and _is_truncated(shown, leaves[at], tag.normal):
                bits = specificity(shown)
                if len(tag.normal) >= LONG and shown.count(" ") >= IN_A_ROW and telling_bits(shown) < ONE_WORD:
                    bits = LITTLE  # a letter that begins like many others
                sightings.add(tag, batch.places[at], "part", "truncate", bits, shown, 1.0)
        if "*" in leaves[at] and len(leaves[at]) <= LONGEST_MASKED:
            _masked(batch, at, needles.begun_by(leaves[at][:4]), sightings)
    if len(needles.whole) > 1:
        if needles.ideographs:
            rows = sorted({*rows, *[at for at, leaf in enumerate(leaves) if leaf[:1] in needles.openings]})
        rows = [at for at in rows if len(leaves[at]) <= LONGEST_JOINED and _may_begin_row(leaves[at], needles)]
        for at in rows[:MOST_LOOKED_AT]:
            if budget.expired():
                break
            _joined(batch, at, needles, sightings)
    fours = needles.spelled.last_four
    if fours:
        for at in ended:
            leaf = leaves[at]
            if len(leaf) == 4:
                # a name that says so leaves nothing to chance but the digits
                bits = 13.9 if _LAST_FOUR.search(_name_of(batch.places[at])) else 8.0
                for tag in fours.get(leaf, ()):
                    sightings.add(tag, batch.places[at], "part", "last-4", bits, leaf, 1.0)
            elif len(leaf) <= LONGEST_MASKED:
                _masked(batch, at, fours.get(leaf[-4:], []), sightings)
        if may_be_masked:
            find_masked(batch, needles.spelled, sightings, budget)
    if (needles.long or needles.ideographic) and not budget.expired():
        find_quotations(batch, needles, sightings, budget)
    if needles.long and not budget.expired():
        _excerpts(batch, needles, sightings, budget)


def _is_truncated(shown: str, leaf: str, normal: str) -> bool:
    """Whether a beginning was cut off on purpose, rather than being a shorter value: ``Anna Schmid`` is another."""
    length = len(shown)
    cut_to = length % 5 == 0 or length & (length - 1) == 0 or length + 1 in (32, 64, 128, 256)
    return length < len(normal) and (shown != leaf or cut_to or length <= 0.75 * len(normal))


def _name_of(place: Place) -> str:
    return str(place[1]) if type(place) is tuple else place.path


def _masked(batch: Batch, at: int, tags: list[Tag], sightings: Sightings) -> None:
    """What is left of a value beside asterisks or dots: ``424242******4242``, ``+48*****712``."""
    found = _MASKED.fullmatch(batch.bulk.leaves[at])
    if not found:
        return
    begins, ends = compact(found[1] or found[3] or ""), compact(found[2] or found[4] or "")
    shown = len(begins) + len(ends)
    if shown < 4:
        return
    for tag in tags:
        bare = compact(tag.normal)
        if len(bare) > shown and bare.startswith(begins) and bare.endswith(ends):
            bits = 14.0 + 2.0 * (shown - 4)
            sightings.add(tag, batch.places[at], "part", "mask", bits, ends or begins, 1.0)


def _joined(batch: Batch, at: int, needles: Needles, sightings: Sightings) -> None:
    """Values in a row, each too short to count by itself: ``75004 paris``, the lines of a postal address."""
    leaf = batch.bulk.leaves[at]
    rows, between = _rows(leaf, needles)
    found = [text for row in rows for text in row]
    length, size = sum(map(len, found)), len(leaf) - between
    all_of_it = len(found) > 1 and length >= NEARLY_ALL * size
    step = "joined" if length == len(leaf) else ""
    for row in rows:
        if all_of_it or len(set(row)) >= IN_A_ROW:
            for text in row:
                bits = needles.bits_of(text) + (FOUND if all_of_it else NEIGHBOUR)
                for tag in needles.whole[text]:
                    # seen with what ends it: in ``anna schmidt <anna.schmidt@…>`` the address does not cover it
                    sightings.add(tag, batch.places[at], "contains", step, bits, text + " ", len(text) / size)


def _rows(leaf: str, needles: Needles) -> tuple[list[list[str]], int]:
    """The values that follow one another with nothing but separators between them, and how many separators."""
    rows: list[list[str]] = [[]]
    here, touching, between = 0, False, 0
    while here < len(leaf):
        value = _longest_at(leaf, here, needles)
        if value is not None and not (touching and leaf[here - 1 : here + 1].isdigit()):
            rows[-1].append(value)
            here, touching = here + len(value), True
        elif not leaf[here].isalnum():
            here, touching, between = here + 1, False, between + 1
        elif touching:
            return [], 0  # the value was the beginning of a longer word
        else:
            while here < len(leaf) and leaf[here].isalnum():
                here += 1
            rows.append([])
    return rows, between


def _may_begin_row(leaf: str, needles: Needles) -> bool:
    value = _longest_at(leaf, 0, needles)
    if value is None:
        return False
    end = len(value)
    return not (value[-1].isdigit() and leaf[end : end + 1].isdigit())  # 17 does not begin 1739.99


def _longest_at(leaf: str, here: int, needles: Needles) -> str | None:
    left = len(leaf) - here
    for opening in (leaf[here : here + 2], leaf[here]):
        for length in needles.openings.get(opening, ()):
            if length <= left and (value := leaf[here : here + length]) in needles.whole:
                return value
    return None


def _excerpts(batch: Batch, needles: Needles, sightings: Sightings, budget: Budget) -> None:
    leaves = batch.bulk.leaves
    long_enough = [at for at, leaf in enumerate(leaves) if len(leaf) >= EXCERPT][:MOST_LOOKED_AT]
    if not long_enough:
        return
    fingerprints = needles.fingerprints
    any_shared = batch.bulk.shares_words
    if any_shared is not False:
        any_shared = fingerprints.any_in([leaves[at] for at in long_enough], budget)
    if budget.expired():
        return
    if not any_shared:
        fewer = fingerprints.wordy if batch.bulk.shares_words is False else WORDY
        if not fingerprints.are_searched:
            long_enough = [at for at in long_enough if leaves[at].count(" ", 0, 100) < fewer > leaves[at].count(" ")]
        elif batch.bulk.shares_words is False:
            is_held = fingerprints.is_held
            long_enough = [
                at
                for at in long_enough
                if leaves[at].count(" ", 0, 100) < fewer > leaves[at].count(" ") and is_held(leaves[at].strip(ELLIPSIS))
            ]
        else:
            long_enough = [at for at in long_enough if fingerprints.is_held(leaves[at].strip(ELLIPSIS))]
    for at in long_enough:
        leaf = leaves[at]
        shown = leaf.strip(ELLIPSIS)
        shared_with = fingerprints.shared_with(leaf) if any_shared and len(leaf) >= CHANGED else []
        for tag in fingerprints.holding(shown, shared_with):
            if len(shown) < len(tag.normal) and not tag.normal.startswith(shown):
                bits = min(specificity(shown), telling_bits(shown))
                sightings.add(tag, batch.places[at], "part", "excerpt", bits, shown, 1.0)
        for tag, shared, all_of_it in shared_with:
            if shared > 1 and tag.normal not in leaf and leaf not in tag.normal:
                bits = min(BITS_EACH * shared, 40.0)
                sightings.add(tag, batch.places[at], "part", "fingerprint", bits, leaf, shared / all_of_it)
        if budget.expired():
            return
