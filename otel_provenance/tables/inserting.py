"""Rows → the record, so that the same rows twice are the same rows once."""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Final

from otel_provenance.tables.rows import TABLES, Row, Rows

_WIDTH: Final = {
    "requests": 20,
    "data_events": 10,
    "storage_events": 14,
    "share_events": 19,
    "tag_matches": 8,
    "leaves": 4,
    "losses": 6,
}
_EMPTY_IS_NULL: Final = {"data_events": {8, 9}, "storage_events": {5, 7, 8, 9, 10}}
"""Columns whose missing text comes as ``""``: for each None, sqlite3 looks for an adapter, at five times the cost."""
_DEFAULT: Final = {"tag_matches": {7}}
"""Columns that no row tells: NULL."""


_TOGETHER: Final = {"storage_events": 71, "tag_matches": 142}
"""Rows that one statement inserts where there are so many: as many as 999 parameters, the bound of older versions of
SQLite, allow. A sixth less for each, and the GIL is let go of once. Of longer rows it costs more than it saves."""
_IN_ORDER: Final = ("data_events", "tag_matches")
"""Tables whose rows are inserted as they will lie: ids count ``t2``, ``t10``, and pages fill up in order for less."""


def _insert(table: str, count: int = 1) -> str:
    empty, default = _EMPTY_IS_NULL.get(table, ()), _DEFAULT.get(table, ())
    values = ["NULL" if at in default else "nullif(?, '')" if at in empty else "?" for at in range(_WIDTH[table])]
    rows = ", ".join([f"({', '.join(values)})"] * count)
    # OR FAIL: SQLite need not be able to undo the statement alone, for which it copies each page before it is changed
    return f"INSERT OR FAIL INTO {table} VALUES {rows} ON CONFLICT DO NOTHING"


_INSERT: Final = {table: _insert(table) for table in TABLES}
_INSERT_TOGETHER: Final = {table: _insert(table, count) for table, count in _TOGETHER.items()}
_LINK: Final = (
    f"INSERT INTO tag_matches VALUES ({', '.join('?' * _WIDTH['tag_matches'])})"
    " ON CONFLICT DO UPDATE SET confidence = excluded.confidence, kind = excluded.kind,"
    " via_event_id = excluded.via_event_id"
    " WHERE via_event_id IS NULL AND excluded.via_event_id IS NOT NULL AND confidence <= excluded.confidence"
)
_REFUSED = (sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError, OverflowError, ValueError)
"""What SQLite raises for a row that it will never take: lone surrogates, integers beyond 64 bits, wrong types."""


Pace = Callable[[Sequence[Row]], Iterable[Row]]
"""The rows, with pauses between some, in which other threads come to their turn."""


def insert_rows(connection: sqlite3.Connection, rows: Rows, pace: Pace = iter) -> Counter[str]:
    """Insert within the caller's transaction; table → how many rows were refused, each for good.

    Raises sqlite3.Error where the database, not a row, is at fault: the caller rolls back, and tries again.
    """
    refused: Counter[str] = Counter()
    for table, some in rows.by_table():
        if table in _IN_ORDER:
            _sort(some)
        try:
            rest = _insert_together(connection, table, some)
            connection.executemany(_INSERT[table], pace(some[rest:]))
        except _REFUSED:
            for row in some:  # those before the refused one are there already: harmless
                if not _insert_one(connection, table, row):
                    refused[table] += 1
    return refused


def _sort(rows: list[Row]) -> None:
    try:
        rows.sort()
    except TypeError:  # one of them will be refused
        pass


def _insert_together(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> int:
    """Insert as many as make whole statements; how many."""
    count = _TOGETHER.get(table, sys.maxsize)
    end = len(rows) // count * count
    if end:
        many = [tuple(chain.from_iterable(rows[at : at + count])) for at in range(0, end, count)]
        connection.executemany(_INSERT_TOGETHER[table], many)
    return end


def insert_links(connection: sqlite3.Connection, links: Rows) -> None:
    """Insert what ``links.find_links`` found: an edge that is known already gets the write that carried it."""
    connection.executemany(_INSERT["storage_events"], links.storage_events)
    connection.executemany(_LINK, links.tag_matches)


def _insert_one(connection: sqlite3.Connection, table: str, row: Row) -> bool:
    for attempt in (row, tuple(_storable(value) for value in row)):
        try:
            connection.execute(_INSERT[table], attempt)
        except _REFUSED:
            continue
        return True
    return False


def _storable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return None
    return value
