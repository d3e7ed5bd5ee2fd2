"""Keep the record no older and no larger than it may be.

Rows go in small transactions, so that no writer waits long. Ids are time-ordered, which makes "older than" a
range of the primary keys; but the id of an event outside requests holds the time at which its process began,
so the row's own time decides.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from otel_provenance.identifiers import request_id_floor, short_prefix
from otel_provenance.settings import Retention
from otel_provenance.tables.rows import time_text

_ROWS: Final = 2_000
"""Rows removed in one transaction."""
_FULL: Final = 0.9
_AIM: Final = 0.8
_STEPS: Final = 50
_EVENTS: Final = (("data_events", "tag_id"), ("storage_events", "event_id"), ("share_events", "event_id"))


def prune(
    connection: sqlite3.Connection,
    retention: Retention,
    *,
    now: float | None = None,
    is_enough: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """Remove what is older than ``max_age_s``, then the oldest until the file is well below ``max_bytes``.

    ``now`` is Unix seconds; ``is_enough`` is asked after each transaction whether to stop here. Table → rows
    removed. Size acts from nine tenths of the bound down to eight. Edges go with their event and with their
    tag. Commits as it goes; must not be called within a transaction. Raises sqlite3.Error as it comes: what was
    removed until then stays removed.
    """
    now = time.time() if now is None else now
    removed: Counter[str] = Counter()
    if retention.max_age_s is not None:
        removed += _remove_before(connection, now - retention.max_age_s, is_enough)
    if retention.max_bytes is not None and used_bytes(connection) > retention.max_bytes * _FULL:
        removed += _shrink_to(connection, int(retention.max_bytes * _AIM), now, is_enough)
    if removed:
        _give_back(connection)
    return removed


def used_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of the file that hold rows: without free pages, and without the WAL."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _remove_before(connection: sqlite3.Connection, moment: float, is_enough: Callable[[], bool]) -> Counter[str]:
    """Remove all that happened before ``moment``, Unix seconds."""
    if moment <= 0:
        return Counter()
    text = time_text(int(moment * 1e9))
    request_floor = request_id_floor(int(moment * 1000))
    event_floor = short_prefix(request_floor)
    removed: Counter[str] = Counter()
    for table, key in _EVENTS:
        choose = f"SELECT {key} FROM {table} WHERE {key} < ? AND occurred_at < ? LIMIT {_ROWS}"
        while not is_enough() and (keys := list(connection.execute(choose, (event_floor, text)))):
            removed += _remove_events(connection, table, key, keys)
    removed["requests"] += _remove_in_steps(
        connection,
        "requests",
        "request_id IN (SELECT request_id FROM requests WHERE request_id < ? AND started_at < ? LIMIT ?)",
        (request_floor, text),
    )
    if removed["storage_events"] or removed["share_events"]:
        removed["leaves"] += _remove_leaves(connection, event_floor)
    removed["losses"] += _remove_in_steps(
        connection, "losses", "rowid IN (SELECT rowid FROM losses WHERE occurred_at < ? LIMIT ?)", (text,)
    )
    removed["processes"] += _remove_in_steps(
        connection,
        "processes",
        "process_id IN (SELECT process_id FROM processes WHERE last_seen_at < ? LIMIT ?)",
        (text,),
    )
    return +removed


def _remove_events(connection: sqlite3.Connection, table: str, key: str, keys: list[tuple[str]]) -> Counter[str]:
    edges = "tag_id" if table == "data_events" else "event_id"
    connection.execute("BEGIN IMMEDIATE")
    try:
        rows = connection.executemany(f"DELETE FROM {table} WHERE {key} = ?", keys).rowcount
        matches = connection.executemany(f"DELETE FROM tag_matches WHERE {edges} = ?", keys).rowcount
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise
    return Counter({table: rows, "tag_matches": matches})


def _remove_in_steps(connection: sqlite3.Connection, table: str, condition: str, values: tuple[object, ...]) -> int:
    total = 0
    while removed := connection.execute(f"DELETE FROM {table} WHERE {condition}", (*values, _ROWS)).rowcount:
        total += removed
    return total


def _remove_leaves(connection: sqlite3.Connection, event_floor: str) -> int:
    """Leaves lie by value: go through all of them, some at a time, and remove those whose event is gone."""
    total = 0
    at = ""
    step = "SELECT max(value_hash) FROM (SELECT value_hash FROM leaves WHERE value_hash > ? LIMIT ?)"
    while (end := connection.execute(step, (at, _ROWS * 10)).fetchone()[0]) is not None:
        total += connection.execute(
            "DELETE FROM leaves WHERE value_hash > ? AND value_hash <= ? AND event_id < ?"
            " AND NOT EXISTS (SELECT 1 FROM storage_events s WHERE s.event_id = leaves.event_id)"
            " AND NOT EXISTS (SELECT 1 FROM share_events s WHERE s.event_id = leaves.event_id)",
            (at, end, event_floor),
        ).rowcount
        at = end
    return total


def _shrink_to(connection: sqlite3.Connection, bound: int, now: float, is_enough: Callable[[], bool]) -> Counter[str]:
    removed: Counter[str] = Counter()
    for _ in range(_STEPS):
        used = used_bytes(connection)
        oldest = _oldest(connection)
        if used <= bound or oldest is None or is_enough():
            break
        # as if the rows were spread evenly over time: at least a fiftieth, so that it comes to an end
        share = max(1 - bound / used, 1 / _STEPS)
        some = _remove_before(connection, min(now, oldest + max((now - oldest) * share, 0.001)) + 0.001, is_enough)
        removed += some
    return removed


def _oldest(connection: sqlite3.Connection) -> float | None:
    """Unix seconds of the oldest row."""
    moments = []
    for table, column, key in (
        ("requests", "started_at", "request_id"),
        *((name, "occurred_at", k) for name, k in _EVENTS),
    ):
        query = f"SELECT strftime('%s', {column}) FROM {table} ORDER BY {key} LIMIT 1"
        moments += [float(text) for (text,) in connection.execute(query) if text is not None]
    return min(moments, default=None)


def _give_back(connection: sqlite3.Connection) -> None:
    """Give free pages back to the file system, where the file was made for it."""
    connection.execute("PRAGMA incremental_vacuum").fetchall()


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")
