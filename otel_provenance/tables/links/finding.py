"""From a batch of rows to its edges: which values are to be explained, by what, and in which event."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from otel_provenance.tables.links import sources, weighing
from otel_provenance.tables.links.sources import CarryingWrite, Sources, SourceTag
from otel_provenance.tables.links.weighing import Candidate
from otel_provenance.tables.rows import DIGEST, Row, Rows

_MOST_SINKS: Final = 64
_SHOWN: Final = 0.5

_KNOWN: Final = """
SELECT j.value FROM json_each(?) j WHERE EXISTS (SELECT 1 FROM data_events d WHERE d.value_hash = j.value)
 OR (SELECT count(*) FROM (SELECT 1 FROM leaves l WHERE l.value_hash = j.value LIMIT 2)) > 1"""
_CARRIED: Final = """
SELECT j.value FROM json_each(?) j WHERE EXISTS (SELECT 1 FROM leaves l WHERE l.value_hash = j.value)"""
_FIRST: Final = "SELECT event_id FROM leaves WHERE value_hash = ? ORDER BY event_id LIMIT 4"
_SINKS: Final = f"""
SELECT event_id, location, field FROM leaves WHERE value_hash = ? AND location NOT LIKE '{DIGEST}%'
 ORDER BY event_id DESC LIMIT ?"""
_STORAGE: Final = "SELECT * FROM storage_events WHERE event_id = ?"
_SHARE: Final = "SELECT request_id, occurred_at FROM share_events WHERE event_id = ?"
_EDGES: Final = "SELECT tag_id, kind FROM tag_matches WHERE event_id = ? AND location = ? AND field = ?"
_EDGES_WITHIN: Final = "SELECT tag_id FROM tag_matches WHERE event_id = ?1 AND location = ?2 AND instr(field, ?3) = 1"


_NOWHERE: Final = Sources([], [])


class _Sink(NamedTuple):
    """A value in an event, to be explained."""

    event_id: str
    location: str
    field: str
    is_piece: bool = False


class _Event(NamedTuple):
    """What is known of the event that a sink is in."""

    request_id: str | None
    occurred_at: str
    storage: Row | None


class _Found(NamedTuple):
    """What was found for one value of an event."""

    sink: _Sink
    value_hash: str
    candidates: Sequence[Candidate]
    is_hub: bool


def find_links(connection: sqlite3.Connection, rows: Rows) -> Rows:
    """The edges that freshly inserted rows make possible, and the columns' own storage events that they need."""
    batch = _sinks_of(rows)
    arrived = {row[5] for row in rows.data_events}
    arrived.update(row[10] for row in rows.storage_events if row[10])
    known = _values(connection, _KNOWN, batch)
    carried = _values(connection, _CARRIED, arrived)
    finder = _Finder(connection)
    for value_hash in sorted({*known, *carried}):
        sinks = list(batch.get(value_hash, ()))
        if value_hash in carried:  # a tag or write has come: events that carried its value may be here already
            places = {sink[:3] for sink in sinks}
            waiting = connection.execute(_SINKS, (value_hash, _MOST_SINKS))
            sinks += [_Sink(*place) for place in waiting if place not in places]
        for sink in sinks:
            finder.explain(value_hash, sink)
    return finder.links()


def _sinks_of(rows: Rows) -> dict[str, list[_Sink]]:
    sinks: dict[str, list[_Sink]] = defaultdict(list)
    places = set()
    for value_hash, event_id, location, field in rows.leaves:
        if location.startswith(DIGEST):
            continue
        place = (event_id, location, field)
        # the value as a whole comes first, then the addresses in it
        sinks[value_hash].append(_Sink(*place, place in places))
        places.add(place)
    return sinks


def _values(connection: sqlite3.Connection, query: str, hashes: Iterable[str]) -> set[str]:
    wanted = json.dumps(sorted(hashes))
    return {value for (value,) in connection.execute(query, (wanted,))} if wanted != "[]" else set()


class _Finder:
    """Finds candidates value by value, then decides event by event."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._events: dict[str, _Event | None] = {}
        self._sources: dict[str, Sources | None] = {}
        """Hash → where it may come from; None for a hub."""
        self._found: dict[str, list[_Found]] = defaultdict(list)
        """Event → its values."""

    def explain(self, value_hash: str, sink: _Sink) -> None:
        """Find what a value of an event may have come from."""
        # asked for another event already: an address that all calls go to
        if self._sources.get(value_hash) == _NOWHERE:
            return
        event = self._event(sink.event_id)
        if event is None or self._is_explained(sink, event):
            return
        known = self._known(value_hash)
        candidates = [] if known is None else self._candidates(value_hash, sink, event, known)
        if candidates or known is None:
            self._found[sink.event_id].append(_Found(sink, value_hash, candidates, known is None))

    def links(self) -> Rows:
        """What was found, as rows."""
        rows = Rows()
        for event_id, values in self._found.items():
            event = self._event(event_id)
            if event is None:
                continue
            context = weighing.context_of(value.candidates for value in values)
            for sink, value_hash, candidates, is_hub in values:
                if is_hub and context.pointed:
                    within = sources.sources_within(self._connection, value_hash, context.pointed)
                    candidates = self._candidates(value_hash, sink, event, within)
                edges = weighing.weigh(candidates, context)
                if edges:
                    target = _target(rows, sink, value_hash, event, edges[0][1])
                    rows.tag_matches += [_edge(sink, target, *edge) for edge in edges]
        return rows

    def _candidates(self, value_hash: str, sink: _Sink, event: _Event, known: Sources) -> list[Candidate]:
        origin = _origin(sink.event_id)  # tells the event's own request while no row of it is here yet
        tags = {
            tag.tag_id: tag
            for tag in known.tags
            if _origin(tag.tag_id) != origin and (tag.request_id is None or tag.request_id != event.request_id)
        }
        cells: dict[object, CarryingWrite] = {}
        for write in sorted(known.writes, key=lambda w: w.occurred_at):
            if write.occurred_at <= event.occurred_at and write.event_id.partition("/")[0] != sink.event_id:
                # what was written to a cell last is what can be read from it
                cell = (write.table, write.column, write.key) if write.key else write.event_id
                cells[cell, write.transform] = write
        last = {write.tag_id: write for write in sorted(cells.values(), key=lambda w: w.occurred_at)}
        carried = [weighing.carried_by(tags[tag_id], write) for tag_id, write in last.items() if tag_id in tags]
        if carried or known.writes:  # if there are only later ones, whoever carried it did so for others
            return carried
        return self._uncarried(value_hash, event, tags.values())

    def _uncarried(self, value_hash: str, event: _Event, tags: Iterable[SourceTag]) -> list[Candidate]:
        before = [tag for tag in tags if tag.occurred_at is not None and tag.occurred_at <= event.occurred_at]
        if not before:
            return []
        queued = sources.queued_of(self._connection, before)
        refused = sources.rolled_back_of(self._connection, before)
        first = min(tag.occurred_at or "" for tag in before)
        seen = [self._event(event_id) for (event_id,) in self._connection.execute(_FIRST, (value_hash,))]
        was_known = any(earlier is not None and earlier.occurred_at < first for earlier in seen)
        newest: dict[str, Candidate] = {}
        for tag in sorted(before):
            if tag.tag_id in queued:
                candidate = weighing.seen_in(tag, weighing.QUEUED)
            elif not was_known:
                candidate = weighing.seen_in(tag, weighing.SEEN / (2 if tag.tag_id in refused else 1))
            else:
                continue
            newest[candidate.subject] = candidate
        return list(newest.values())

    def _known(self, value_hash: str) -> Sources | None:
        if value_hash not in self._sources:
            tags = sources.tags_of(self._connection, value_hash)
            is_hub = len(tags) > sources.MOST_TAGS and not weighing.is_identifier(tags[0])
            self._sources[value_hash] = None if is_hub else sources.sources_of(self._connection, value_hash, tags)
        return self._sources[value_hash]

    def _event(self, event_id: str) -> _Event | None:
        if event_id not in self._events:
            share = self._connection.execute(_SHARE, (event_id,)).fetchone()
            storage = None if share else self._connection.execute(_STORAGE, (event_id,)).fetchone()
            found = (storage[1], storage[2], storage) if storage else (*share, None) if share else None
            self._events[event_id] = None if found is None else _Event(*found)
        return self._events[event_id]

    def _is_explained(self, sink: _Sink, event: _Event) -> bool:
        """Whether a tag of the event's own request is known to be that value; ids of one origin begin alike.

        A written column that carries one, as a whole or in a part of it, has no other; a text may hold an earlier
        value beside it.
        """
        if sink.is_piece and event.storage is None:
            return False
        origin = _origin(sink.event_id)
        if any(
            _origin(tag_id) == origin and (event.storage is not None or kind in ("exact", "digest"))
            for tag_id, kind in self._connection.execute(_EDGES, sink[:3])
        ):
            return True
        if event.storage is None:
            return False
        within = self._connection.execute(_EDGES_WITHIN, (sink.event_id, sink.location, f"{sink.field}."))
        return any(_origin(tag_id) == origin for (tag_id,) in within)


def _origin(some_id: str) -> str:
    """What all ids of one request, or of one process outside requests, begin with."""
    return some_id.partition(".")[0]


def _target(rows: Rows, sink: _Sink, value_hash: str, event: _Event, confidence: float) -> str:
    """The event that the edge belongs to: a written column has one of its own."""
    storage = event.storage
    if storage is None or confidence < _SHOWN:
        return sink.event_id
    column = sink.field.partition(".")[0]
    if storage[7] == column:
        return sink.event_id
    event_id = f"{sink.event_id}/{sink.field}"
    rows.storage_events.append((event_id, *storage[1:7], column, *storage[8:10], value_hash, 1, *storage[12:]))
    return event_id


def _edge(sink: _Sink, event_id: str, candidate: Candidate, confidence: float) -> Row:
    kind = "contains" if sink.is_piece and candidate.kind == "exact" else candidate.kind
    place = (sink.location, sink.field)
    return (event_id, candidate.tag.tag_id, *place, kind, candidate.transform, confidence, candidate.via)
