"""What was seen where, and the matches that follow: neighbours vouch, longer values explain shorter ones."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from otel_provenance.matching.budget import Budget
from otel_provenance.matching.confidence import REPORTED, STRONG_BITS, confidence
from otel_provenance.matching.model import Match
from otel_provenance.matching.names import likeness
from otel_provenance.matching.places import Place, beside, origin_of, path_of
from otel_provenance.tags import Tag

MOST_PER_TAG = 32
"""Places of one tag that are reported for one payload: the surest ones."""


class Sighting(NamedTuple):
    """Data of a tag at a place, before it is weighed."""

    tag: Tag
    path: str
    kind: str
    layers: tuple[str, ...]
    """All that was undone or applied, outermost first."""
    bits: float
    text: str
    """What of the normal form was seen."""
    share: float
    """Of the leaf's characters, how many it makes up: 1 for a whole leaf."""


class Sightings:
    """Gathers sightings; of several of one tag at one path, the one with the fewest steps stands."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._best: dict[tuple[str, str], Sighting] = {}

    def add(self, tag: Tag, place: Place, kind: str, transform: str, bits: float, text: str, share: float) -> None:
        """Note that ``text``, a spelling of the tag's data, was seen."""
        if self._budget.sightings <= 0:
            self._budget.cut("too_many_leaves")
            return
        self._budget.sightings -= 1
        layers = origin_of(place).layers
        if transform:
            layers = (*layers, *transform.split(">"))
        new = Sighting(tag, path_of(place), kind, layers, bits, text, min(share, 1.0))
        key = tag.tag_id, new.path
        old = self._best.get(key)
        if old is None or _rank(new) > _rank(old):
            self._best[key] = new

    def matches(self) -> tuple[Match, ...]:
        """What is sure enough to be reported, tag by tag in the order in which they were first seen."""
        by_path: dict[str, list[Sighting]] = defaultdict(list)
        for sighting in self._best.values():
            by_path[sighting.path].append(sighting)
        vouchers: dict[str, set[str]] = defaultdict(set)  # path of an object → tags that vouch in it
        for path, here in by_path.items():
            for sighting in here:
                if sighting.bits >= STRONG_BITS:
                    vouchers[beside(path)].add(sighting.tag.tag_id)
        found: dict[str, list[Match]] = defaultdict(list)
        for path, here in by_path.items():
            coverage = min(1.0, sum(s.share for s in {s.text: s for s in here}.values()))
            nearby = vouchers.get(beside(path), set())
            for sighting in here:
                match = _weigh(sighting, here, coverage, nearby)
                if match.confidence >= REPORTED:
                    found[match.tag_id].append(match)
        return tuple([m for of_tag in found.values() for m in _surest(of_tag)])


def _rank(sighting: Sighting) -> tuple[int, float, int]:
    return _KINDS[sighting.kind], sighting.bits, -len(sighting.layers)


_KINDS = {"exact": 3, "digest": 2, "contains": 1, "part": 0}


def _surest(of_tag: list[Match]) -> list[Match]:
    if len(of_tag) <= MOST_PER_TAG:
        return of_tag
    return sorted(of_tag, key=lambda m: -m.confidence)[:MOST_PER_TAG]


def _weigh(sighting: Sighting, here: list[Sighting], coverage: float, nearby: set[str]) -> Match:
    tag = sighting.tag
    # ranked before the prior knows of it: a value that stands whole in its own leaf explains pieces of others
    explained = sighting.kind in ("contains", "part") and any(
        other.tag.value != tag.value
        and (
            (len(other.text) > len(sighting.text) and sighting.text in other.text)
            or (sighting.kind == "part" and other.kind == "exact")
        )
        for other in here
    )
    sure = confidence(
        sighting.bits,
        sighting.kind,
        likeness(tag.field, sighting.path),
        neighbour=bool(nearby - {tag.tag_id}),
        coverage=coverage,
        layers=len(sighting.layers),
        explained=explained,
    )
    return Match(tag.tag_id, sighting.path, sighting.kind, ">".join(sighting.layers), sure)
