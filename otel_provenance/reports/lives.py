"""Lives: values that came in, each with the tree of what came of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from otel_provenance.reports.data import sequence_of
from otel_provenance.reports.edges import Destination, chunked, column_of, destinations_of
from otel_provenance.reports.rows import RowEvent, RowKey, row_events, row_of, table_of, unknown_deletes


class Step(NamedTuple):
    """One thing that happened to the value, and what came of it."""

    what: str
    """``entered``, ``stored``, ``sent``, ``overwritten``, ``row changed``, ``deleted``, or ``perhaps deleted``: by a
    statement that does not say which rows."""
    occurred_at: str
    place: str
    """``form email``, ``users.email``, or the recipient."""
    event_id: str
    """The tag's id where ``what`` is ``entered``."""
    primary_key: str | None = None
    request_id: str | None = None
    method: str | None = None
    """Of the request in which it happened; ``path`` and ``user_id`` too."""
    path: str | None = None
    user_id: str | None = None
    kind: str | None = None
    transform: str | None = None
    confidence: float | None = None
    outcome: str | None = None
    status_code: int | None = None
    inspected: str | None = None
    category: str | None = None
    then: tuple[Step, ...] = ()


_About = tuple[str | None, str | None, str | None]
"""Method, path and user of a request."""
_UNKNOWN: Final[_About] = (None, None, None)


def lives(connection: sqlite3.Connection, tag_ids: Iterable[str], min_confidence: float) -> list[Step]:
    """The tags, the oldest first, each with where its data went, and what became of the copies."""
    tags = tags_of(connection, tag_ids)
    destinations = destinations_of(connection, tags, min_confidence)
    fates = _fates(connection, [d for found in destinations.values() for d in found])
    asked = {d.request_id for found in destinations.values() for d in found}
    asked |= {event.request_id for events in fates.values() for event in events}
    requests = about_requests(connection, asked)
    lives = []
    for tag_id, tag in sorted(tags.items(), key=lambda item: (item[1].occurred_at, sequence_of(item[0]))):
        lives.append(tag._replace(then=tuple(_grow(destinations.get(tag_id, []), fates, requests))))
    return lives


def _grow(
    destinations: list[Destination], fates: dict[str, list[RowEvent]], requests: dict[str, _About]
) -> Iterator[Step]:
    """The places that a tag went to; what went on from a stored copy hangs on that copy."""
    copies = {d.event_id for d in destinations}
    below: dict[str, list[Destination]] = {}
    roots = []
    for destination in destinations:
        via = destination.via_event_id
        if via is not None and via in copies and via != destination.event_id:
            below.setdefault(via, []).append(destination)
        else:
            roots.append(destination)
    shown: set[int] = set()

    def grow(destination: Destination) -> Step:
        shown.add(id(destination))
        onward = [grow(d) for d in below.pop(destination.event_id, ())]
        row = row_of(destination) or RowKey(table_of(destination), "")
        ends = [row_step(event, row, requests, overwrites=True) for event in fates.get(destination.event_id, ())]
        then = sorted([*onward, *ends], key=lambda step: step.occurred_at)
        return step_of(destination, requests)._replace(then=tuple(then))

    for destination in roots:
        yield grow(destination)
    for destination in destinations:  # a circle of links has no beginning: begin anywhere
        if id(destination) not in shown:
            yield grow(destination)


def _fates(connection: sqlite3.Connection, destinations: Iterable[Destination]) -> dict[str, list[RowEvent]]:
    """For each stored copy, what later became of it: the events that overwrote, changed or deleted its row."""
    fates: dict[str, list[RowEvent]] = {}
    for destination in destinations:
        stored = destination.action in ("insert", "update") and destination.outcome != "rolled_back"
        if stored and destination.event_id not in fates:
            row = row_of(destination)
            found = [] if row is None else _ends(connection, row, destination)
            if not found or found[-1].operation != "delete":
                found += unknown_deletes(
                    connection, table_of(destination), destination.event_id, destination.occurred_at
                )[:1]
            fates[destination.event_id] = found
    return fates


def _ends(connection: sqlite3.Connection, row: RowKey, copy: Destination) -> list[RowEvent]:
    column = copy.place.rpartition(".")[2]
    found = []
    for event in row_events(connection, row, after=copy.event_id):
        if event.outcome == "rolled_back" or event.occurred_at < copy.occurred_at:
            continue
        if event.operation == "delete" or event.column in (None, column):
            found.append(event)
        if event.operation == "delete" or event.column == column:
            break  # this copy is gone
    return found


def tags_of(connection: sqlite3.Connection, tag_ids: Iterable[str]) -> dict[str, Step]:
    """Tag → that it entered; those of other records are left out."""
    found: dict[str, Step] = {}
    for some in chunked(dict.fromkeys(tag_ids)):
        for tag_id, at, source, field, category, request_id, method, path, user_id in connection.execute(
            "SELECT d.tag_id, d.occurred_at, d.source, d.field, d.category, d.request_id, r.method, r.path, r.user_id"
            " FROM data_events d LEFT JOIN requests r ON r.request_id = d.request_id"
            f" WHERE d.tag_id IN ({','.join('?' * len(some))})",
            some,
        ):
            found[tag_id] = Step(
                "entered",
                at,
                f"{source} {field or '(whole)'}",
                tag_id,
                None,
                request_id,
                method,
                path,
                user_id,
                category=category,
            )
    return found


def about_requests(connection: sqlite3.Connection, request_ids: Iterable[str | None]) -> dict[str, _About]:
    """Request → its method, path and user."""
    found: dict[str, _About] = {}
    for some in chunked(sorted({one for one in request_ids if one is not None})):
        for request_id, *about in connection.execute(
            f"SELECT request_id, method, path, user_id FROM requests WHERE request_id IN ({','.join('?' * len(some))})",
            some,
        ):
            found[request_id] = (about[0], about[1], about[2])
    return found


def step_of(destination: Destination, requests: dict[str, _About]) -> Step:
    """A place that a value went to."""
    return Step(
        "sent" if destination.action == "share" else "stored",
        destination.occurred_at,
        destination.place,
        destination.event_id,
        destination.primary_key,
        destination.request_id,
        *requests.get(destination.request_id or "", _UNKNOWN),
        destination.kind,
        destination.transform,
        destination.confidence,
        destination.outcome,
        destination.status_code,
        destination.inspected,
    )


def row_step(event: RowEvent, row: RowKey, requests: dict[str, _About], *, overwrites: bool = False) -> Step:
    """Something that was done to a row; ``overwrites``: where a copy of the value stood before."""
    if not event.is_certain:
        what = "perhaps deleted"
    elif event.operation == "delete":
        what = "deleted"
    elif event.column is None:
        what = "row changed"
    else:
        what = "overwritten" if overwrites or event.operation == "update" else "stored"
    return Step(
        what,
        event.occurred_at,
        column_of(row.table, event.column),
        event.event_id,
        row.primary_key if event.is_certain else None,
        event.request_id,
        *requests.get(event.request_id or "", _UNKNOWN),
        outcome=event.outcome,
        inspected=event.inspected,
    )


def flat(steps: Iterable[Step]) -> Iterator[Step]:
    """All steps, those that hang on others too, each without what hangs on it."""
    for step in steps:
        yield step._replace(then=())
        yield from flat(step.then)
