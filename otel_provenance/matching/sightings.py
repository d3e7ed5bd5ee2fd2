"""What was seen where, and the matches that follow: neighbours vouch, longer values explain shorter ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from functools import partial
from math import log2

from otel_provenance.matching.boundaries import alone
from otel_provenance.matching.budget import Budget
from otel_provenance.matching.bulk import END
from otel_provenance.matching.confidence import CERTAIN_BITS, LAYER, NEARLY_ALL, REPORTED, STRONG_BITS, confidence
from otel_provenance.matching.model import Match
from otel_provenance.matching.names import Names, likeness, names_of_path
from otel_provenance.matching.places import Paths, Place, names_of
from otel_provenance.tags import Tag

MOST_WEAK = 6
"""Places up to which a value that says nothing by itself is reported where nothing vouches for it."""
MOST_AT_A_PLACE = 256
"""Tags that are told of at one place."""
MOST_PER_TAG = 32
"""Places of one tag that are reported for one payload: the surest ones."""


Sighting = tuple[Tag, str, tuple[str, ...], float, str, float, str]
"""(tag, kind, layers undone or applied, bits, text that was seen, its share of the leaf's characters, the leaf)."""


class Sightings:
    """Gathers sightings by path; of several of one tag at one path, the most telling one stands."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._weak: dict[str, int] = {}
        self._by_path: dict[str, tuple[Place, list[Sighting]]] = {}
        self._paths = Paths()

    def add(
        self, tag: Tag, place: Place, kind: str, transform: str, bits: float, text: str, share: float, leaf: str = ""
    ) -> None:
        """Note that ``text``, a spelling of the tag's data, was seen; in ``leaf``, where it may stand again."""
        budget = self._budget
        if budget.sightings <= 0:
            budget.cut("too_many_leaves")
            return
        budget.sightings -= 1
        path, layers = self._paths.of(place)
        if transform:
            layers = (*layers, *transform.split(">"))
        known = self._by_path.get(path)
        if known is None:
            self._by_path[path] = place, [(tag, kind, layers, bits, text, share, leaf)]
            return
        here = known[1]
        new = tag, kind, layers, bits, text, share, leaf
        for at, old in enumerate(here):
            if old[0] is tag:
                if _rank(new) > _rank(old):
                    here[at] = new
                return
        if len(here) >= MOST_AT_A_PLACE:  # each is weighed against the others
            budget.cut("too_many_leaves")
            return
        here.append(new)

    def is_full(self) -> bool:
        """Whether no more are taken, which the result then tells."""
        if self._budget.sightings > 0:
            return False
        self._budget.cut("too_many_leaves")
        return True

    def first_of(self, tags: list[Tag], most: int) -> list[Tag]:
        """The first of too many tags, which the result then tells."""
        if len(tags) <= most:
            return tags
        self._budget.cut("too_many_leaves")
        return tags[:most]

    def count_weak(self, tags: list[Tag], places: int) -> None:
        """So many places more of values that say nothing by themselves."""
        for tag in tags:
            self._weak[tag.tag_id] = self._weak.get(tag.tag_id, 0) + places

    def rare_of(self, tags: list[Tag]) -> list[Tag]:
        """Of such values, those that are not at so many places that none of them means it."""
        return [tag for tag in tags if self._weak[tag.tag_id] <= MOST_WEAK]

    def matches(self) -> tuple[Match, ...]:
        """What is sure enough to be reported, in the order in which places were first seen."""
        vouchers: dict[str, set[str]] | None = None
        found: list[Match] = []
        for path, (place, here) in self._by_path.items():
            if len(here) == 1:
                tag, kind, layers, bits, _, coverage, _ = here[0]
                if bits - LAYER * len(layers) >= CERTAIN_BITS[kind]:
                    found.append(_match((tag.tag_id, path, kind, ">".join(layers) if layers else "", 1.0)))
                    continue
                joined = False
            else:
                texts = {text: share for *_, text, share, _ in here}
                coverage = min(1.0, sum(texts.values()))
                joined = len(texts) > 1 and coverage >= NEARLY_ALL
            if vouchers is None:  # what is certain does without
                vouchers = self._vouchers()
            self._weigh(here, path, place, vouchers.get(path.rpartition(".")[0], _NOBODY), coverage, joined, found)
        return tuple(found) if len(found) <= MOST_PER_TAG else _surest(found)

    def _vouchers(self) -> dict[str, set[str]]:
        """Path of an object → ids of the tags that vouch in it."""
        vouchers: dict[str, set[str]] = {}
        for path, (_, here) in self._by_path.items():
            for sighting in here:
                if sighting[3] >= STRONG_BITS:
                    around = path.rpartition(".")[0]  # the object or list that it is in
                    known = vouchers.get(around)
                    if known is None:
                        vouchers[around] = {sighting[0].tag_id}
                    else:
                        known.add(sighting[0].tag_id)
        return vouchers

    def _weigh(
        self,
        here: list[Sighting],
        path: str,
        place: Place,
        nearby: Set[str],
        coverage: float,
        joined: bool,
        found: list[Match],
    ) -> None:
        names: Names | None = None
        whole = _NOBODY
        longest = 0
        if len(here) > 1:
            whole = {sighting[0].normal for sighting in here if sighting[1] == "exact"}
            longest = max([len(sighting[4]) for sighting in here])
        for sighting in here:
            tag, kind, layers, bits, *_ = sighting
            tag_id, count = tag.tag_id, len(layers)
            seen_at = self._weak.get(tag_id, 1)
            if seen_at > 1:  # the odds are shared by the places that it may have come to
                bits -= log2(seen_at)
            explained = longest > 0 and kind in _EXPLICABLE and _is_explained(sighting, here, longest, whole)
            sure = 1.0
            if explained or bits - LAYER * count < CERTAIN_BITS[kind]:
                if names is None:
                    names = names_of(place)
                neighbour = joined or len(nearby) > (tag_id in nearby)
                alike = likeness(names_of_path(tag.field), names)
                sure = confidence(bits, kind, alike, neighbour, coverage, count, explained)
                if sure < REPORTED:
                    continue
            found.append(_match((tag_id, path, kind, ">".join(layers) if count else "", sure)))


_NOBODY: Set[str] = frozenset()
_match = partial(tuple.__new__, Match)
"""A Match of the items of a tuple, at half the price of naming them."""


def _rank(sighting: Sighting) -> tuple[int, float, int]:
    _, kind, layers, bits, *_ = sighting
    return _KINDS[kind], bits, -len(layers)


_EXPLICABLE = frozenset(("contains", "part"))
_KINDS = {"exact": 3, "digest": 2, "contains": 1, "part": 0}


def _surest(found: list[Match]) -> tuple[Match, ...]:
    counts = Counter([match[0] for match in found])
    if max(counts.values()) <= MOST_PER_TAG:
        return tuple(found)
    by_tag: dict[str, list[Match]] = {}
    for match in found:
        by_tag.setdefault(match.tag_id, []).append(match)
    for tag_id, of_tag in by_tag.items():
        if len(of_tag) > MOST_PER_TAG:
            by_tag[tag_id] = sorted(of_tag, key=lambda m: -m.confidence)[:MOST_PER_TAG]
    return tuple([match for of_tag in by_tag.values() for match in of_tag])


def _is_explained(sighting: Sighting, here: list[Sighting], longest: int, whole: Set[str]) -> bool:
    """Whether longer values of other tags cover it wherever it stands, or it is a piece where another is whole;
    ``longest`` is the length of the longest text here, ``whole`` are the values that are all of the leaf."""
    tag, kind, _, _, text, _, leaf = sighting
    if kind == "part" and whole and whole != {tag.normal}:
        return True
    if len(text) == longest:
        return False
    covers = [
        other[4]
        for other in here
        if text in other[4]
        and text != other[4]
        and other[0].normal != tag.normal
        and not _is_document_of(other[0], tag)
    ]
    return bool(covers) and not _stands_elsewhere(text, covers, leaf)


def _is_document_of(one: Tag, tag: Tag) -> bool:
    """Whether a value was taken out of another, a document: where that goes on as it is, both go on."""
    return one.source == tag.source and (not one.field or tag.field.startswith(one.field + "."))


def _stands_elsewhere(text: str, covers: list[str], leaf: str) -> bool:
    """Whether a text stands in a leaf outside of what covers it: ``anna`` in ``anna <anna@example.org>``."""
    for cover in sorted(covers, key=len, reverse=True):
        if cover not in leaf:
            return False  # seen in another spelling, or another layer
        leaf = leaf.replace(cover, END)
    start = leaf.find(text)
    while start >= 0:
        if alone(leaf, start, start + len(text)):
            return True
        start = leaf.find(text, start + 1)
    return False
