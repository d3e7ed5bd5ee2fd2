"""Rows of the application's tables, as storage events tell of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Final, NamedTuple

from otel_provenance.reports.edges import Destination
from otel_provenance.tables import RecordError

_EVENTS_OF_A_ROW: Final = 1000  # a counter that every request updates has no end
_UNKNOWN_DELETES: Final = 100


class RowKey(NamedTuple):
    """Which row: as the record writes it."""

    table: str
    primary_key: str
    """JSON text."""


class RowEvent(NamedTuple):
    """Something that was done to a row."""

    event_id: str
    request_id: str | None
    occurred_at: str
    operation: str
    column: str | None
    """None: of a deleted row, or of a statement whose columns carry nothing known."""
    outcome: str
    inspected: str
    is_certain: bool = True
    """False where a statement deleted rows of the table, and it is not known which."""


def table_of(destination: Destination) -> str:
    """The table that a value was written to."""
    return destination.place.rpartition(".")[0] or destination.place


def row_of(destination: Destination) -> RowKey | None:
    """The row that a value was written to, where it is known and the write was not undone."""
    if destination.action not in ("insert", "update") or destination.outcome == "rolled_back":
        return None
    return None if destination.primary_key is None else RowKey(table_of(destination), destination.primary_key)


def parse_row(connection: sqlite3.Connection, text: str) -> RowKey:
    """``users:7``, ``users:{"id": 7}`` or ``members:shop=1,user=7``, for a row that the record knows.

    Raises RecordError where it knows none.
    """
    table, _, key = text.partition(":")
    for candidate in _candidates(connection, table, key.strip()):
        if row_events(connection, candidate, most=1):
            return candidate
    raise RecordError(f"no write to row {text!r} is recorded: 'otel-provenance storage --table {table}' lists writes")


def row_events(
    connection: sqlite3.Connection, row: RowKey, after: str = "", most: int = _EVENTS_OF_A_ROW
) -> list[RowEvent]:
    """What was done to a row, the oldest first; ``after``: later than this event."""
    rows = connection.execute(
        "SELECT event_id, request_id, occurred_at, operation, column_name, outcome, inspected FROM storage_events"
        " WHERE table_name = ? AND primary_key = ? AND event_id > ? ORDER BY event_id LIMIT ?",
        (row.table, row.primary_key, after, most),
    )
    return [RowEvent(*found) for found in rows]


def unknown_deletes(connection: sqlite3.Connection, table: str, after: str, since: str) -> list[RowEvent]:
    """Statements that deleted rows of a table without saying which, later than an event; the first few."""
    rows = connection.execute(
        "SELECT event_id, request_id, occurred_at, operation, column_name, outcome, inspected FROM storage_events"
        " WHERE operation = 'delete' AND primary_key IS NULL AND table_name = ? AND event_id > ? AND occurred_at >= ?"
        " AND outcome <> 'rolled_back' ORDER BY event_id LIMIT ?",
        (table, after, since, _UNKNOWN_DELETES),
    )
    return [RowEvent(*found)._replace(is_certain=False) for found in rows]


def _candidates(connection: sqlite3.Connection, table: str, key: str) -> Iterator[RowKey]:
    if key.startswith("{"):
        yield RowKey(table, key)
        try:
            yield RowKey(table, json.dumps(json.loads(key), default=str))
        except ValueError:
            pass
        return
    named = dict(part.split("=", 1) for part in key.split(",") if "=" in part)
    if named:
        yield RowKey(table, json.dumps({name.strip(): _number(value) for name, value in named.items()}))
        yield RowKey(table, json.dumps({name.strip(): value.strip() for name, value in named.items()}))
        return
    sample = connection.execute(
        "SELECT primary_key FROM storage_events WHERE table_name = ? AND primary_key IS NOT NULL LIMIT 1", (table,)
    ).fetchone()
    names = _names_of(sample[0]) if sample is not None else []
    if len(names) == 1:
        yield RowKey(table, json.dumps({names[0]: _number(key)}))
        yield RowKey(table, json.dumps({names[0]: key}))


def _names_of(primary_key: str) -> list[str]:
    try:
        key = json.loads(primary_key)
    except ValueError:
        return []
    return list(key) if isinstance(key, dict) else []


def _number(text: str) -> int | str:
    text = text.strip()
    whole = text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 20  # 64 bits
    return int(text) if whole else text
