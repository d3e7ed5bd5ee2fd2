"""Which tags' data a payload holds, how it was changed, and how sure that is. Pure: no I/O, no globals.

payload → layers undone (decoding) → leaves → look-ups in the index of the tags → matches

Two doors: ``match_tags(payload, index, …)`` for the parts of a call and for anything structured, and
``index.match_value(column, value, with_leaves=False)`` for one scalar column value of a written row, which
answers in a microsecond or two where nothing matches. Both return a MatchResult. ``TagIndex(tags, salt=…)``
takes the salt where tags of other services (source ``upstream``) are to be recognised by their hash.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from otel_provenance.matching import flat_json
from otel_provenance.matching.batch import Batch
from otel_provenance.matching.budget import SMALL, Budget
from otel_provenance.matching.digests import look_up
from otel_provenance.matching.leaves import LeafCollector
from otel_provenance.matching.model import Leaf, Match, MatchResult
from otel_provenance.matching.opening import open_source
from otel_provenance.matching.places import Origin
from otel_provenance.matching.search import search
from otel_provenance.matching.sightings import Sightings
from otel_provenance.matching.specificity import MOST
from otel_provenance.matching.tag_index import TagIndex
from otel_provenance.matching.undo import Digest, Source, open_nested_json, take_large, undo_layers
from otel_provenance.tags import Tag

__all__ = ["Leaf", "Match", "MatchResult", "TagIndex", "match_tags"]


def match_tags(
    payload: Any,
    tags: Iterable[Tag] | TagIndex,
    *,
    field: str = "",
    media_type: str | None = None,
    limit: int = 1_048_576,
    with_leaves: bool = False,
) -> MatchResult:
    """Which of ``tags`` have data in ``payload``.

    ``payload`` is text, bytes, a scalar or a structure of mappings and sequences; ``field`` the name that it
    stands under; ``media_type`` its declared content type, parameters included, guessed where there is none;
    ``limit`` the characters or bytes that are looked into; ``with_leaves`` asks for its specific values too.
    """
    index = tags if isinstance(tags, TagIndex) else TagIndex(tags)
    if not index.tags and not with_leaves:
        return MatchResult()
    if type(payload) is bytes and not field and len(payload) <= min(limit, flat_json.LONGEST):
        told = flat_json.told_at_once(payload, media_type, index, with_leaves)
        if told is not None:
            return told
    size = len(payload) if isinstance(payload, (str, bytes, bytearray, memoryview)) else 0
    budget = Budget(limit, size=size)
    if size > limit:
        payload = payload[:limit]
        budget.cut("too_large")
    sightings = Sightings(budget)
    digests: list[Digest] = []
    collector = LeafCollector(index, sightings) if with_leaves or index.needles.upstream else None
    waiting: deque[Source] = deque()
    content, origin = payload, Origin(field)
    batch, held = Batch(), 0
    while True:
        length = len(content) if isinstance(content, (str, bytes)) else 0
        if batch.texts and held + length > SMALL:  # what is searched at once takes several times its room
            waiting.extend(_look_through(batch, index, sightings, digests, collector, budget))
            batch, held = Batch(), 0
        held += length
        as_it_came = index.needles.structured_text(content)
        if as_it_came is not None:
            batch.add(as_it_came, origin)  # its own leaves besides
        for _ in open_source(content, origin, media_type, batch, budget):
            waiting.extend(_look_through(batch, index, sightings, digests, collector, budget))
            batch.clear()  # the same one is filled again
        if held > SMALL or not waiting or len(batch.texts) > 256:
            waiting.extend(_look_through(batch, index, sightings, digests, collector, budget))
            if waiting:
                batch, held = Batch(), 0
        if not waiting or budget.expired():
            break
        (content, origin), media_type = waiting.popleft(), None
    if digests and index.tags:
        look_up(digests, index.digests, sightings, budget)
    leaves = collector.leaves if collector is not None and with_leaves else ()
    matches = index.with_twins(sightings.matches())
    return MatchResult(matches, "partial" if budget.reason else "full", budget.reason, tuple(leaves))


def _look_through(
    batch: Batch,
    index: TagIndex,
    sightings: Sightings,
    digests: list[Digest],
    collector: LeafCollector | None,
    budget: Budget,
) -> list[Source]:
    """Search a batch, and undo what is encoded in it."""
    found = take_large(batch)
    open_nested_json(batch, index.needles, budget)
    budget.look_at_once(len(batch.raw))
    batch.normalise(budget)
    if collector is not None:
        collector.collect(batch)
        batch.bulk.forget_leaves()
    if batch.binaries and index.needles.binaries:
        _whole_binaries(batch, index, sightings)
    rest = search(batch, index.needles, sightings, budget)
    found += undo_layers(rest, digests, budget)
    return found


def _whole_binaries(batch: Batch, index: TagIndex, sightings: Sightings) -> None:
    """What was uploaded and goes on byte for byte is itself, and not looked into."""
    left = []
    for data, place in batch.binaries:
        tags = index.needles.binaries.get(data, ())
        for tag in tags:
            sightings.add(tag, place, "exact", "", MOST, tag.normal, 1.0)
        if not tags:
            left.append((data, place))
    batch.binaries = left
