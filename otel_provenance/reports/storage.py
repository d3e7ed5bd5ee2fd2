"""What was written to databases, and which values were in it?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from otel_provenance.reports.edges import Carried, chunked, with_carried
from otel_provenance.reports.filters import Filters, newest_first, where

_COLUMNS = (
    "s.event_id, s.request_id, s.occurred_at, s.operation, s.db_system, s.db_name, s.table_name, "
    "s.column_name, s.primary_key, s.model, s.row_count, s.outcome, s.inspected, s.value_hash"
)


class StorageRow(NamedTuple):
    """One written column, deleted row or writing statement."""

    event_id: str
    request_id: str | None
    occurred_at: str
    operation: str
    db_system: str | None
    db_name: str | None
    table_name: str | None
    column_name: str | None
    primary_key: str | None
    model: str | None
    row_count: int
    outcome: str
    inspected: str
    value_hash: str | None
    carries: tuple[Carried, ...] = ()


def storage(connection: sqlite3.Connection, filters: Filters) -> Iterator[StorageRow]:
    """Writes, the newest first."""
    asked = where("storage", filters)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM storage_events s{asked.sql}{newest_first('storage', filters)} LIMIT ?",
        (*asked.parameters, -1 if filters.limit is None else filters.limit),
    )
    for chunk in chunked(StorageRow(*row) for row in rows):
        chunk.sort(key=lambda row: row.occurred_at, reverse=True)
        yield from with_carried(connection, chunk, filters.min_confidence)


def storage_of(connection: sqlite3.Connection, event_ids: Iterable[str], min_confidence: float) -> Iterator[StorageRow]:
    """The writes with these ids."""
    for some in chunked(event_ids):
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM storage_events s WHERE s.event_id IN ({','.join('?' * len(some))})", some
        )
        yield from with_carried(connection, [StorageRow(*row) for row in rows], min_confidence)
