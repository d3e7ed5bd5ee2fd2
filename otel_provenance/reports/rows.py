"""Rows of the application's tables, as storage events tell of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from otel_provenance.reports.edges import Destination
from otel_provenance.tables import RecordError
from otel_provenance.values import recorded_key

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


def parse_row(connection: sqlite3.Connection, text: str, salt: bytes | None = None) -> RowKey:
    """``users:7``, ``users:{"id": 7}`` or ``members:shop=1,user=7``, for a row that the record knows.

    With ``salt``, keys that are recorded as hashes (addresses, long numbers) are found too. Raises RecordError
    where it knows none.
    """
    table, _, key = text.partition(":")
    for candidate in _candidates(connection, table, key.strip()):
        for row in (candidate, *_hashed(candidate, salt)):
            if row_events(connection, row, most=1):
                return row
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
            yield RowKey(table, _key_text(json.loads(key)))
        except ValueError:
            pass
        return
    named = dict(part.split("=", 1) for part in key.split(",") if "=" in part)
    if named:
        yield RowKey(table, _key_text({name.strip(): _number(value) for name, value in named.items()}))
        yield RowKey(table, _key_text({name.strip(): value.strip() for name, value in named.items()}))
        return
    sample = connection.execute(
        "SELECT primary_key FROM storage_events WHERE table_name = ? AND primary_key IS NOT NULL LIMIT 1", (table,)
    ).fetchone()
    names = _names_of(sample[0]) if sample is not None else []
    if len(names) == 1:
        yield RowKey(table, _key_text({names[0]: _number(key)}))
        yield RowKey(table, _key_text({names[0]: key}))


def _hashed(row: RowKey, salt: bytes | None) -> Iterator[RowKey]:
    try:
        key = json.loads(row.primary_key)
    except ValueError:
        return
    if salt is not None and isinstance(key, dict):
        recorded = {name: recorded_key(value, salt) for name, value in key.items()}
        if recorded != key:
            yield RowKey(row.table, _key_text(recorded))


def _key_text(key: Any) -> str:
    return json.dumps(key, default=str, ensure_ascii=False)


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
