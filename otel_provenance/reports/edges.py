"""The edges of the record, seen from an event (what does it carry?) and from a tag (where did it go?)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeVar

_CHUNK: Final = 500  # parameters a statement; SQLite before 3.32 takes 999

T = TypeVar("T")


class Carried(NamedTuple):
    """Data of one tag in an event."""

    tag_id: str
    source: str | None
    """None where the tag is of another service's record."""
    tag_field: str | None
    category: str | None
    tag_request_id: str | None
    location: str
    field: str
    kind: str
    transform: str
    confidence: float
    via_event_id: str | None


class Destination(NamedTuple):
    """A place that data of a tag went to: a column of a row, or a recipient."""

    event_id: str
    request_id: str | None
    """The request that wrote or sent it: the tag's own, or a later one."""
    occurred_at: str
    action: str
    """``insert``, ``update``, ``delete``, or ``share``."""
    place: str
    """``users.email``, or the recipient's ``host:port``."""
    primary_key: str | None
    channel: str | None
    method: str | None
    url: str | None
    status_code: int | None
    outcome: str
    inspected: str
    location: str
    field: str
    kind: str
    transform: str
    confidence: float
    via_event_id: str | None


def recipient(channel: str, host: str | None, port: int | None) -> str:
    """Who received a call: the host, with its port unless that is the usual one; else the channel."""
    if not host:
        return channel
    return host if port in (None, 80, 443) else f"{host}:{port}"


def carried_by(
    connection: sqlite3.Connection, event_ids: Iterable[str], min_confidence: float
) -> dict[str, list[Carried]]:
    """For each event the tags whose data it carries, the surest first."""
    found: dict[str, list[Carried]] = {}
    for marks, ids in _chunks(event_ids):
        for event_id, *row in connection.execute(
            "SELECT m.event_id, m.tag_id, d.source, d.field, d.category, d.request_id, m.location, m.field, m.kind,"
            " m.transform, m.confidence, m.via_event_id FROM tag_matches m LEFT JOIN data_events d"
            f" ON d.tag_id = m.tag_id WHERE m.event_id IN ({marks}) AND m.confidence >= ?"
            " ORDER BY m.event_id, m.confidence DESC, m.tag_id",
            (*ids, min_confidence),
        ):
            found.setdefault(event_id, []).append(Carried(*row))
    return found


def with_carried(connection: sqlite3.Connection, rows: Sequence[T], min_confidence: float) -> Iterator[T]:
    """Writes or calls (their named tuples), each with the tags whose data it carries."""
    events: Sequence[Any] = rows
    carried = carried_by(connection, [event.event_id for event in events], min_confidence)
    for event in events:
        yield event._replace(carries=tuple(carried.get(event.event_id, ())))


def destinations_of(
    connection: sqlite3.Connection, tag_ids: Iterable[str], min_confidence: float
) -> dict[str, list[Destination]]:
    """For each tag where its data went, in the order of time."""
    found: dict[str, list[Destination]] = {}
    for marks, ids in _chunks(tag_ids):
        for tag_id, destination in _destinations(connection, marks, (*ids, min_confidence)):
            found.setdefault(tag_id, []).append(destination)
    for destinations in found.values():
        destinations.sort(key=_in_time)
    return found


def sightings_of(connection: sqlite3.Connection, value_hash: str, most: int) -> list[Destination]:
    """The newest events that hold the value with this keyed hash, whether or not it is known from where it came."""
    edge = "m.location, m.field, 'exact', '', 1.0, NULL"
    newest = "SELECT value_hash AS tag_id, * FROM leaves WHERE value_hash = ? ORDER BY event_id DESC LIMIT ?"
    of_column = "m.event_id || '/' || m.field"  # the event that a link made for a column of that write
    seen = _joined(connection, f"({newest})", edge, "true", (value_hash, most), f"m.event_id, {of_column}")
    found = [one for _, one in seen]
    ids = {one.event_id for one in found}
    return sorted((one for one in found if f"{one.event_id}/{one.field}" not in ids), key=_in_time)


def _in_time(destination: Destination) -> tuple[str, bool, str]:
    return destination.occurred_at, destination.action == "share", destination.event_id


def _destinations(
    connection: sqlite3.Connection, marks: str, parameters: Sequence[object]
) -> Iterator[tuple[str, Destination]]:
    edge = "m.location, m.field, m.kind, m.transform, m.confidence, m.via_event_id"
    return _joined(connection, "tag_matches", edge, f"m.tag_id IN ({marks}) AND m.confidence >= ?", parameters)


def _joined(
    connection: sqlite3.Connection,
    edges: str,
    edge: str,
    condition: str,
    parameters: Sequence[object],
    writes: str = "m.event_id",
) -> Iterator[tuple[str, Destination]]:
    written = connection.execute(
        "SELECT m.tag_id, s.event_id, s.request_id, s.occurred_at, s.operation, s.table_name, s.column_name,"
        f" s.primary_key, s.outcome, s.inspected, {edge} FROM {edges} m JOIN storage_events s"
        f" ON s.event_id IN ({writes}) WHERE {condition}",
        parameters,
    )
    for tag_id, event_id, request_id, at, operation, table, column, key, *rest in written:
        location, field = rest[2:4]
        place = column_of(table, column or (field.partition(".")[0] if location == "column" else None))
        yield tag_id, Destination(event_id, request_id, at, operation, place, key, None, None, None, None, *rest)
    sent = connection.execute(
        "SELECT m.tag_id, h.event_id, h.request_id, h.occurred_at, h.channel, h.method, h.host, h.port, h.url,"
        f" h.status_code, h.outcome, h.inspected, {edge} FROM {edges} m JOIN share_events h"
        f" ON h.event_id = m.event_id WHERE {condition}",
        parameters,
    )
    for tag_id, event_id, request_id, at, channel, method, host, port, url, *rest in sent:
        place = recipient(channel, host, port)
        yield tag_id, Destination(event_id, request_id, at, "share", place, None, channel, method, url, *rest)


def column_of(table: str | None, column: str | None) -> str:
    """``users.email``, or the table alone."""
    return f"{table or '?'}.{column}" if column else table or "?"


def chunked(rows: Iterable[T]) -> Iterator[list[T]]:
    """Rows in lists of at most as many as one statement takes parameters."""
    chunk: list[T] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _chunks(ids: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    for chunk in chunked(dict.fromkeys(ids)):
        yield ",".join("?" * len(chunk)), chunk


def made_of(connection: sqlite3.Connection, sightings: Iterable[Destination], min_confidence: float) -> list[str]:
    """The tags that a value stands in, or was made of: those whose data is the very place where it was seen.

    Where a place merely contains a tag's data, the value may stand in what else is there.
    """
    seen = list(sightings)
    carried = carried_by(connection, [one.event_id for one in seen], min_confidence)
    found: dict[str, None] = {}
    for one in seen:
        for edge in carried.get(one.event_id, ()):
            if edge.kind != "contains" and (edge.location, edge.field) == (one.location, one.field):
                found[edge.tag_id] = None
    return list(found)
