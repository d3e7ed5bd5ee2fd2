"""Which requests were served, what came in with each, and where that went?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from otel_provenance.reports.edges import chunked, recipient
from otel_provenance.reports.filters import Filters, newest_first, where

_COLUMNS = (
    "r.request_id, r.started_at, r.duration_ms, r.method, r.path, r.route, r.status_code, r.user_id,"
    " r.client_address, r.service, r.error, r.inspected, r.inspected_reason, r.parent_request_id, r.trace_id,"
    " r.response_type, r.response_bytes, r.response_preview"
)


class RequestRow(NamedTuple):
    """One request, and how far its data went."""

    request_id: str
    started_at: str
    duration_ms: float | None
    method: str | None
    path: str | None
    route: str | None
    status_code: int | None
    user_id: str | None
    client_address: str | None
    service: str | None
    error: str | None
    inspected: str
    inspected_reason: str | None
    parent_request_id: str | None
    trace_id: str | None
    response_type: str | None
    response_bytes: int | None
    response_preview: str | None
    values: int = 0
    """How many values it brought in."""
    stored_in: tuple[str, ...] = ()
    """Tables that data was written to, unless that was rolled back."""
    sent_to: tuple[str, ...] = ()
    """Recipients that data was sent to."""
    deleted_from: tuple[str, ...] = ()
    """Tables that rows were deleted from, unless that was rolled back."""


def requests(connection: sqlite3.Connection, filters: Filters) -> Iterator[RequestRow]:
    """Requests, the newest first."""
    asked = where("requests", filters)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM requests r{asked.sql}{newest_first('requests', filters)} LIMIT ?",
        (*asked.parameters, -1 if filters.limit is None else filters.limit),
    )
    for chunk in chunked(RequestRow(*row) for row in rows):
        yield from _with_reach(connection, chunk, filters.min_confidence)


def requests_of(
    connection: sqlite3.Connection, request_ids: Iterable[str], min_confidence: float
) -> Iterator[RequestRow]:
    """The requests with these ids."""
    for some in chunked(request_ids):
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM requests r WHERE r.request_id IN ({','.join('?' * len(some))})", some
        )
        yield from _with_reach(connection, [RequestRow(*row) for row in rows], min_confidence)


def _with_reach(connection: sqlite3.Connection, rows: list[RequestRow], min_confidence: float) -> Iterator[RequestRow]:
    ids = [row.request_id for row in rows]
    marks = ",".join("?" * len(ids))
    carries = "EXISTS (SELECT 1 FROM tag_matches m WHERE m.event_id = e.event_id AND m.confidence >= ?)"
    values = dict(
        connection.execute(
            f"SELECT request_id, count(*) FROM data_events WHERE request_id IN ({marks}) GROUP BY request_id", ids
        ).fetchall()
    )
    stored: dict[str, dict[str, None]] = {}
    deleted: dict[str, dict[str, None]] = {}
    for request_id, table, is_deletion in connection.execute(
        f"SELECT e.request_id, e.table_name, e.operation = 'delete' FROM storage_events e"
        f" WHERE e.request_id IN ({marks}) AND e.outcome <> 'rolled_back' AND e.table_name IS NOT NULL"
        f" AND (CASE e.operation WHEN 'delete' THEN e.row_count <> 0 ELSE {carries} END) ORDER BY e.event_id",
        (*ids, min_confidence),
    ):
        (deleted if is_deletion else stored).setdefault(request_id, {})[table] = None
    sent: dict[str, dict[str, None]] = {}
    for request_id, channel, host, port in connection.execute(
        f"SELECT e.request_id, e.channel, e.host, e.port FROM share_events e WHERE e.request_id IN ({marks})"
        f" AND e.outcome <> 'blocked' AND {carries} ORDER BY e.event_id",
        (*ids, min_confidence),
    ):
        sent.setdefault(request_id, {})[recipient(channel, host, port)] = None
    for row in rows:
        yield row._replace(
            values=values.get(row.request_id, 0),
            stored_in=tuple(stored.get(row.request_id, ())),
            sent_to=tuple(sent.get(row.request_id, ())),
            deleted_from=tuple(deleted.get(row.request_id, ())),
        )
