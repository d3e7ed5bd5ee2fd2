"""What was seen where, and the matches that follow: neighbours vouch, longer values explain shorter ones."""

from __future__ import annotations

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
    kind: str
    layers: tuple[str, ...]
    """All that was undone or applied, outermost first."""
    bits: float
    text: str
    """What of the normal form was seen."""
    share: float
    """Of the leaf's characters, how many it makes up: 1 for a whole leaf."""


class Sightings:
    """Gathers sightings by path; of several of one tag at one path, the most telling one stands."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._by_path: dict[str, list[Sighting]] = {}

    def add(self, tag: Tag, place: Place, kind: str, transform: str, bits: float, text: str, share: float) -> None:
        """Note that ``text``, a spelling of the tag's data, was seen."""
        budget = self._budget
        if budget.sightings <= 0:
            budget.cut("too_many_leaves")
            return
        budget.sightings -= 1
        layers = origin_of(place).layers
        if transform:
            layers = (*layers, *transform.split(">"))
        path = path_of(place)
        new = Sighting(tag, kind, layers, bits, text, share)
        here = self._by_path.get(path)
        if here is None:
            self._by_path[path] = [new]
            return
        for at, old in enumerate(here):
            if old.tag is tag:
                if _rank(new) > _rank(old):
                    here[at] = new
                return
        here.append(new)

    def matches(self) -> tuple[Match, ...]:
        """What is sure enough to be reported, in the order in which places were first seen."""
        vouchers: dict[str, set[str]] = {}  # path of an object → tags that vouch in it
        for path, here in self._by_path.items():
            for sighting in here:
                if sighting.bits >= STRONG_BITS:
                    vouchers.setdefault(beside(path), set()).add(sighting.tag.tag_id)
        found: list[Match] = []
        for path, here in self._by_path.items():
            nearby = vouchers.get(beside(path))
            coverage = 1.0 if len(here) == 1 else min(1.0, sum({s.text: s.share for s in here}.values()))
            for sighting in here:
                tag, kind, layers, bits, _, share = sighting
                sure = confidence(
                    bits,
                    kind,
                    likeness(tag.field, path),
                    neighbour=nearby is not None and (len(nearby) > 1 or tag.tag_id not in nearby),
                    coverage=share if len(here) == 1 else coverage,
                    layers=len(layers),
                    explained=len(here) > 1 and _is_explained(sighting, here),
                )
                if sure >= REPORTED:
                    found.append(Match(tag.tag_id, path, kind, ">".join(layers), sure))
        return tuple(found) if len(found) <= MOST_PER_TAG else _surest(found)


def _rank(sighting: Sighting) -> tuple[int, float, int]:
    return _KINDS[sighting.kind], sighting.bits, -len(sighting.layers)


_KINDS = {"exact": 3, "digest": 2, "contains": 1, "part": 0}


def _surest(found: list[Match]) -> tuple[Match, ...]:
    by_tag: dict[str, list[Match]] = {}
    for match in found:
        by_tag.setdefault(match.tag_id, []).append(match)
    for tag_id, of_tag in by_tag.items():
        if len(of_tag) > MOST_PER_TAG:
            by_tag[tag_id] = sorted(of_tag, key=lambda m: -m.confidence)[:MOST_PER_TAG]
    return tuple([match for of_tag in by_tag.values() for match in of_tag])


def _is_explained(sighting: Sighting, here: list[Sighting]) -> bool:
    """Whether a longer value of another tag covers it, or it is a piece of a value where another is whole."""
    if sighting.kind not in ("contains", "part"):
        return False
    text = sighting.text
    return any(
        other.tag.normal != sighting.tag.normal
        and (
            (len(other.text) > len(text) and text in other.text) or (sighting.kind == "part" and other.kind == "exact")
        )
        for other in here
    )
