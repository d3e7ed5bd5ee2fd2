"""Edges across requests, processes and services: a value that an event carries was known before.

    leaf of an event ─ keyed hash ─ tag, or stored value ─ who carried it? ─ edge, with the write that carried it

An event's span says the hashes of its specific values that no tag of its own request explains (``leaves``). Each
is looked up among the tags of all requests and the values of all writes. A tag becomes an edge if a write
carried its data, and was not rolled back: ``via_event_id``. Without such a write the tag still counts, for
less, if nothing in the record had the value before it came in. It works in both directions in time: a tag
or a write that arrives late finds the events that carried its value already.

Confidence. One subject (a user, else a row, else a request) that a value can come from: 0.9 with a write that
carried it, 0.6 without, half of that if a write of it was rolled back. Several: divided by their number, so
that a name that two people share ties neither; but if another value of the same event points to one of them
alone, it is that one. An identifier of a person (an address, a number) is the same person's wherever it comes
from. A value that very many requests brought in makes edges only to those that another value of the event
points to.

Pure but for reading ``connection``.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from otel_provenance.tables.rows import Row, Rows

CARRIED: Final = 0.9
QUEUED: Final = 0.85
SEEN: Final = 0.6
FAINTEST: Final = 0.2
"""An edge that is less likely is not recorded."""
MOST_TAGS: Final = 32
"""A value with more tags is a hub."""
MOST_EDGES: Final = 8
"""For each value of an event."""
_MOST_SINKS: Final = 64
_SAME_PERSON: Final = ("user.contact", "user.unique_id", "user.government_id", "user.financial", "user.account")
_SHOWN: Final = 0.5

_KNOWN_SINKS = """
SELECT j.value FROM json_each(?) j WHERE EXISTS (SELECT 1 FROM data_events d WHERE d.value_hash = j.value)
 OR (SELECT count(*) FROM (SELECT 1 FROM leaves l WHERE l.value_hash = j.value LIMIT 2)) > 1"""
_KNOWN_SOURCES = """
SELECT j.value FROM json_each(?) j WHERE EXISTS (SELECT 1 FROM leaves l WHERE l.value_hash = j.value)"""
_TAGS = """
SELECT d.tag_id, d.request_id, d.occurred_at, d.category, r.user_id FROM data_events d LEFT JOIN requests r
 ON r.request_id = d.request_id WHERE d.value_hash = ? ORDER BY d.tag_id DESC LIMIT ?"""
_TAGS_OF_REQUESTS = """
SELECT d.tag_id, d.request_id, d.occurred_at, d.category, r.user_id FROM json_each(?) j JOIN data_events d
 ON d.request_id = j.value LEFT JOIN requests r ON r.request_id = d.request_id WHERE d.value_hash = ? LIMIT ?"""
_WRITES_OF_TAGS = """
SELECT m.tag_id, 'exact', '', m.confidence, s.event_id, s.occurred_at, s.table_name, s.column_name, s.primary_key
 FROM json_each(?) j CROSS JOIN tag_matches m ON m.tag_id = j.value JOIN storage_events s ON s.event_id = m.event_id
 WHERE m.kind IN ('exact', 'contains') AND s.outcome <> 'rolled_back' AND s.operation <> 'delete' LIMIT ?"""
_WRITES_OF_VALUE = """
SELECT m.tag_id, m.kind, m.transform, m.confidence, s.event_id, s.occurred_at, s.table_name, s.column_name,
 s.primary_key, l.location, d.request_id, d.occurred_at, d.category, r.user_id
 FROM (SELECT event_id, location, field FROM leaves WHERE value_hash = ? ORDER BY event_id DESC LIMIT ?) l
 JOIN storage_events s ON s.event_id = l.event_id AND s.column_name = l.field
 JOIN tag_matches m ON m.event_id = l.event_id
 LEFT JOIN data_events d ON d.tag_id = m.tag_id LEFT JOIN requests r ON r.request_id = d.request_id
 WHERE s.outcome <> 'rolled_back' AND s.operation <> 'delete' LIMIT ?"""
_QUEUED = """
SELECT DISTINCT m.tag_id FROM json_each(?) j CROSS JOIN tag_matches m ON m.tag_id = j.value JOIN share_events q
 ON q.event_id = m.event_id WHERE q.channel = 'queue'"""
_ROLLED_BACK = """
SELECT DISTINCT m.tag_id FROM json_each(?) j CROSS JOIN tag_matches m ON m.tag_id = j.value JOIN storage_events s
 ON s.event_id = m.event_id WHERE s.outcome = 'rolled_back'"""
_SEEN = "SELECT event_id FROM leaves WHERE value_hash = ? ORDER BY event_id LIMIT 4"
_SINKS = "SELECT event_id, location, field FROM leaves WHERE value_hash = ? ORDER BY event_id DESC LIMIT ?"
_STORAGE = "SELECT * FROM storage_events WHERE event_id = ?"
_SHARE = "SELECT request_id, occurred_at FROM share_events WHERE event_id = ?"


class _Tag(NamedTuple):
    tag_id: str
    request_id: str | None
    occurred_at: str | None
    category: str | None
    user_id: str | None


class _Write(NamedTuple):
    """A write that carried a tag's data."""

    tag_id: str
    kind: str
    transform: str
    confidence: float
    event_id: str
    occurred_at: str
    table: str | None
    column: str | None
    key: str | None


class _Sink(NamedTuple):
    """A value in an event, to be explained."""

    event_id: str
    location: str
    field: str
    is_piece: bool = False


class _Candidate(NamedTuple):
    """A tag that may be where a value came from."""

    tag: _Tag
    subject: str
    confidence: float
    """Were it the only one."""
    kind: str
    transform: str
    via: str | None
    row: tuple[str | None, str | None]


class _Event(NamedTuple):
    """What is known of the event that a sink is in."""

    request_id: str | None
    occurred_at: str
    storage: Row | None


def find_links(connection: sqlite3.Connection, rows: Rows) -> Rows:
    """The edges that freshly inserted rows make possible, and the columns' own storage events that they need."""
    batch = _sinks_of(rows)
    sources = {row[5] for row in rows.data_events}
    sources.update(row[10] for row in rows.storage_events if row[10] is not None)
    known = _values(connection, _KNOWN_SINKS, batch)
    arrived = _values(connection, _KNOWN_SOURCES, sources)
    finder = _Finder(connection)
    for value_hash in sorted({*known, *arrived}):
        sinks = list(batch.get(value_hash, ()))
        if value_hash in arrived:  # a tag or write has come: events that carried its value may be here already
            sinks += [
                sink
                for sink in (_Sink(*row) for row in connection.execute(_SINKS, (value_hash, _MOST_SINKS)))
                if sink not in sinks and sink._replace(is_piece=True) not in sinks
            ]
        for sink in sinks:
            finder.explain(value_hash, sink)
    return finder.links()


def _sinks_of(rows: Rows) -> dict[str, list[_Sink]]:
    sinks: dict[str, list[_Sink]] = defaultdict(list)
    places = set()
    for value_hash, event_id, location, field in rows.leaves:
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
        self._known: dict[str, tuple[list[_Tag], list[_Write], bool]] = {}
        self._found: dict[str, list[tuple[_Sink, str, list[_Candidate], bool]]] = defaultdict(list)
        """Event → its values: where, hash, candidates, whether it is a hub."""

    def explain(self, value_hash: str, sink: _Sink) -> None:
        """Find what a value of an event may have come from."""
        event = self._event(sink.event_id)
        if event is None or self._is_own(sink):
            return
        tags, writes, is_hub = self._sources(value_hash)
        candidates = self._candidates(value_hash, sink, event, tags, writes)
        if candidates or is_hub:
            self._found[sink.event_id].append((sink, value_hash, candidates, is_hub))

    def links(self) -> Rows:
        """What was found, as rows."""
        rows = Rows()
        for event_id, found in self._found.items():
            event = self._event(event_id)
            assert event is not None
            requests, places = _pointed_to(found)
            for sink, value_hash, candidates, is_hub in found:
                if is_hub:
                    candidates = self._hub_candidates(value_hash, sink, event, requests) or []
                edges = _weighed(candidates, requests, places)
                if edges:
                    target = _target(rows, sink, value_hash, event, edges[0][1])
                    rows.tag_matches += [_edge(sink, target, candidate, sure) for candidate, sure in edges]
        return rows

    def _candidates(
        self, value_hash: str, sink: _Sink, event: _Event, tags: Sequence[_Tag], writes: Sequence[_Write]
    ) -> list[_Candidate]:
        by_id = {tag.tag_id: tag for tag in tags if tag.request_id != event.request_id or tag.request_id is None}
        cells: dict[object, _Write] = {}
        for write in sorted(writes, key=lambda w: w.occurred_at):
            if write.occurred_at <= event.occurred_at and write.event_id.partition("/")[0] != sink.event_id:
                # what was written to a cell last is what can be read from it
                cells[(write.table, write.column, write.key) if write.key else write.event_id, write.transform] = write
        best = {w.tag_id: w for w in sorted(cells.values(), key=lambda w: w.occurred_at) if w.tag_id in by_id}
        if best:
            return [
                _Candidate(
                    by_id[tag_id],
                    _subject(by_id[tag_id], write),
                    CARRIED * write.confidence,
                    write.kind,
                    write.transform,
                    write.event_id,
                    (write.table, write.key),
                )
                for tag_id, write in best.items()
            ]
        if writes:  # whoever carried it did so later, or for others
            return []
        return self._uncarried(value_hash, event, list(by_id.values()))

    def _uncarried(self, value_hash: str, event: _Event, tags: Sequence[_Tag]) -> list[_Candidate]:
        before = [tag for tag in tags if tag.occurred_at is not None and tag.occurred_at <= event.occurred_at]
        if not before:
            return []
        ids = _json(tag.tag_id for tag in before)
        queued = {tag_id for (tag_id,) in self._connection.execute(_QUEUED, (ids,))}
        refused = {tag_id for (tag_id,) in self._connection.execute(_ROLLED_BACK, (ids,))}
        first = min(tag.occurred_at or "" for tag in before)
        earlier = any(
            seen is not None and seen.occurred_at < first
            for seen in (self._event(event_id) for (event_id,) in self._connection.execute(_SEEN, (value_hash,)))
        )
        newest: dict[str, _Candidate] = {}
        for tag in sorted(before):
            if tag.tag_id in queued or not earlier:
                sure = QUEUED if tag.tag_id in queued else SEEN / 2 if tag.tag_id in refused else SEEN
                subject = _subject(tag, None)
                newest[subject] = _Candidate(tag, subject, sure, "exact", "", None, (None, None))
        return list(newest.values())

    def _hub_candidates(self, value_hash: str, sink: _Sink, event: _Event, requests: Iterable[str]) -> list[_Candidate]:
        wanted = _json(requests)
        tags = [_Tag(*row) for row in self._connection.execute(_TAGS_OF_REQUESTS, (wanted, value_hash, MOST_TAGS))]
        return self._candidates(value_hash, sink, event, tags, self._writes(tags)) if tags else []

    def _sources(self, value_hash: str) -> tuple[list[_Tag], list[_Write], bool]:
        known = self._known.get(value_hash)
        if known is None:
            tags = [_Tag(*row) for row in self._connection.execute(_TAGS, (value_hash, MOST_TAGS + 1))]
            is_hub = len(tags) > MOST_TAGS and not _is_identifier(tags[0])
            writes = [] if is_hub else self._writes(tags)
            if not is_hub:
                for row in self._connection.execute(_WRITES_OF_VALUE, (value_hash, MOST_TAGS, MOST_TAGS * 2)):
                    write, location, tag = _Write(*row[:9]), row[9], _Tag(row[0], *row[10:])
                    if location != "column":  # a digest of what was stored
                        write = write._replace(kind="digest", transform=location)
                    writes.append(write)
                    if tag not in tags:
                        tags.append(tag)
            known = self._known[value_hash] = [] if is_hub else tags, writes, is_hub
        return known

    def _writes(self, tags: Sequence[_Tag]) -> list[_Write]:
        ids = _json(tag.tag_id for tag in tags)
        return [_Write(*row) for row in self._connection.execute(_WRITES_OF_TAGS, (ids, MOST_TAGS * 2))]

    def _event(self, event_id: str) -> _Event | None:
        if event_id not in self._events:
            storage = self._connection.execute(_STORAGE, (event_id,)).fetchone()
            share = None if storage else self._connection.execute(_SHARE, (event_id,)).fetchone()
            found = (storage[1], storage[2], storage) if storage else (*share, None) if share else None
            self._events[event_id] = None if found is None else _Event(*found)
        return self._events[event_id]

    def _is_own(self, sink: _Sink) -> bool:
        """Whether a tag of the event's own request is known to be there: ids of one origin begin alike."""
        origin = sink.event_id.partition(".")[0]
        return any(
            tag_id.partition(".")[0] == origin
            for (tag_id,) in self._connection.execute(
                "SELECT tag_id FROM tag_matches WHERE event_id = ? AND location = ? AND field = ?", sink[:3]
            )
        )


def _is_identifier(tag: _Tag) -> bool:
    return tag.category is not None and tag.category.startswith(_SAME_PERSON)


def _subject(tag: _Tag, write: _Write | None) -> str:
    """Whose a value is, as far as the record can tell people apart."""
    if _is_identifier(tag):
        return "the same person"
    if tag.user_id is not None:
        return f"user {tag.user_id}"
    if write is not None and write.key is not None:
        return f"row {write.table} {write.key}"
    return f"request {tag.request_id}"


def _pointed_to(
    found: Sequence[tuple[_Sink, str, list[_Candidate], bool]],
) -> tuple[set[str], set[tuple[str | None, str | None]]]:
    """The requests, and the rows, that values of an event point to when each is taken alone."""
    requests: set[str] = set()
    rows: set[tuple[str | None, str | None]] = set()
    for _, _, candidates, _ in found:
        if len({candidate.subject for candidate in candidates}) == 1:
            requests.update(c.tag.request_id for c in candidates if c.tag.request_id is not None)
            rows.update(c.row for c in candidates if c.row[1] is not None)
    return requests, rows


def _weighed(
    candidates: Sequence[_Candidate], requests: set[str], places: set[tuple[str | None, str | None]]
) -> list[tuple[_Candidate, float]]:
    """The likely ones, with how likely each is, likeliest first."""
    pointed = [c for c in candidates if c.tag.request_id in requests or c.row in places]
    likely = len({c.subject for c in pointed})
    all_subjects = len({c.subject for c in candidates})
    weighed = []
    for candidate in candidates:
        if 0 < likely < all_subjects:
            sure = candidate.confidence / likely if candidate in pointed else candidate.confidence / all_subjects / 2
        else:
            sure = candidate.confidence / all_subjects
        if sure >= FAINTEST:
            weighed.append((candidate, round(sure, 3)))
    weighed.sort(key=lambda pair: (-pair[1], pair[0].tag.tag_id))
    return weighed[:MOST_EDGES]


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


def _edge(sink: _Sink, event_id: str, candidate: _Candidate, confidence: float) -> Row:
    kind = "contains" if sink.is_piece and candidate.kind == "exact" else candidate.kind
    transform = candidate.transform
    return (
        event_id,
        candidate.tag.tag_id,
        sink.location,
        sink.field,
        kind,
        transform,
        confidence,
        candidate.via,
    )


def _json(values: Iterable[str]) -> str:
    return json.dumps(list(values))
