"""The life of a value: where it entered, was stored, was overwritten, was sent and was deleted."""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

from otel_provenance.reports.edges import carried_by, destinations_of, made_of, sightings_of
from otel_provenance.reports.lives import Step, about_requests, flat, lives, row_step, step_of, tags_of
from otel_provenance.reports.rows import RowKey, row_events
from otel_provenance.tables import RecordError

MOST_ENTRIES: Final = 50
"""A value that came in more often than this is told by its newest entries."""


class Life(NamedTuple):
    """What the record knows of one value, or of one row."""

    entries: int
    """How often it came in; the steps tell of the newest of them."""
    requests: int
    users: int
    stored_in: tuple[str, ...]
    sent_to: tuple[str, ...]
    steps: tuple[Step, ...]


def tags_with_hash(connection: sqlite3.Connection, value_hash: str, most: int = MOST_ENTRIES) -> tuple[list[str], int]:
    """The newest tags of a value, and how many there are."""
    count = connection.execute("SELECT count(*) FROM data_events WHERE value_hash = ?", (value_hash,)).fetchone()[0]
    rows = connection.execute(
        "SELECT tag_id FROM data_events WHERE value_hash = ? ORDER BY tag_id DESC LIMIT ?", (value_hash, most)
    )
    return [tag_id for (tag_id,) in rows], count


def trace_value(
    connection: sqlite3.Connection, value_hash: str, min_confidence: float, most: int = MOST_ENTRIES
) -> Life:
    """The life of the value with this keyed hash, and of what it was made of or made into."""
    tag_ids, count = tags_with_hash(connection, value_hash, most)
    sightings = sightings_of(connection, value_hash, most)
    tag_ids = list(dict.fromkeys([*tag_ids, *made_of(connection, sightings, min_confidence)]))
    steps = lives(connection, tag_ids, min_confidence)
    told = {step.event_id for step in flat(steps)}
    bare = {one.event_id: one for one in sightings if one.event_id not in told}
    requests = about_requests(connection, (one.request_id for one in bare.values()))
    steps += [step_of(one, requests) for one in bare.values()]
    return _life(max(count, len(tag_ids)), steps)


def trace_tag(connection: sqlite3.Connection, tag_id: str, min_confidence: float) -> Life:
    """The life of one value that came in; RecordError where there is no such tag."""
    steps = lives(connection, [tag_id], min_confidence)
    if not steps:
        raise RecordError(f"no value {tag_id!r} is recorded: 'otel-provenance data --format json' has the tags' ids")
    return _life(1, steps)


def trace_row(connection: sqlite3.Connection, row: RowKey, min_confidence: float) -> Life:
    """The life of a row: what was written to it, from where, and where that went."""
    events = row_events(connection, row)
    carried = carried_by(connection, [event.event_id for event in events], min_confidence)
    tag_ids = dict.fromkeys(edge.tag_id for edges in carried.values() for edge in edges)
    destinations = destinations_of(connection, tag_ids, min_confidence)
    asked = {event.request_id for event in events}
    asked |= {edge.tag_request_id for edges in carried.values() for edge in edges}
    asked |= {d.request_id for found in destinations.values() for d in found}
    requests = about_requests(connection, asked)
    tags = tags_of(connection, tag_ids)
    steps = []
    for event in events:
        edges = carried.get(event.event_id, [])
        sources = [
            tags[edge.tag_id]._replace(kind=edge.kind, transform=edge.transform, confidence=edge.confidence)
            for edge in edges
            if edge.tag_id in tags
        ]
        onward = [d for edge in edges for d in destinations.get(edge.tag_id, ()) if d.via_event_id == event.event_id]
        then = [*sources, *(step_of(d, requests) for d in {d.event_id: d for d in onward}.values())]
        steps.append(row_step(event, row, requests)._replace(then=tuple(then)))
    return _life(len(tag_ids), steps)


def _life(entries: int, steps: list[Step]) -> Life:
    everything = list(flat(steps))
    kept = [s for s in everything if s.what in ("stored", "overwritten") and s.outcome != "rolled_back"]
    sent = [s for s in everything if s.what == "sent" and s.outcome != "blocked"]
    return Life(
        entries,
        len({s.request_id for s in everything if s.request_id}),
        len({s.user_id for s in everything if s.user_id}),
        tuple(dict.fromkeys(s.place for s in kept)),
        tuple(dict.fromkeys(s.place for s in sent)),
        tuple(steps),
    )
