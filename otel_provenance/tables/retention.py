"""Keep the record no older and no larger than it may be, and the disk from getting full.

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
from otel_provenance.tables.room import free_bytes, give_back
from otel_provenance.tables.rows import time_text

_ROWS: Final = 2_000
"""Rows removed in one transaction."""
_FEW: Final = 20
_ROW_BYTES: Final = 4_000
"""More than a row takes with its edges: tells how many may go for so much room, a few at least."""
_FULL: Final = 0.9
_AIM: Final = 0.8
_FREE_AIM: Final = 1.1
_FREE_STEP: Final = 0.25
"""What is removed goes through the WAL, which must not fill the disk itself."""
_SPARED_S: Final = 3_600.0
"""What is younger is not given up for a full disk: who looks into what has just happened needs it."""
_EVENTS: Final = (("data_events", "tag_id"), ("storage_events", "event_id"), ("share_events", "event_id"))
_TIMES: Final = (("requests", "request_id", "started_at"), *((table, key, "occurred_at") for table, key in _EVENTS))


def prune(
    connection: sqlite3.Connection,
    retention: Retention,
    *,
    now: float | None = None,
    is_enough: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """Remove what is older than ``max_age_s``, then the oldest until the file is well below ``max_bytes``, then the
    oldest until the file system has more than ``min_free_bytes`` free, but for the last hour.

    ``now`` is Unix seconds; ``is_enough`` is asked after each transaction whether to stop here. Table → rows
    removed. Size acts from nine tenths of the bound down to eight. Edges go with their event and with their
    tag. Commits as it goes; must not be called within a transaction. Raises sqlite3.Error as it comes: what was
    removed until then stays removed; OSError where the file system cannot be asked.
    """
    now = time.time() if now is None else now
    pruning = _Pruning(connection, is_enough)
    if retention.max_age_s is not None:
        pruning.remove_before(now - retention.max_age_s, is_enough)
    if retention.max_bytes is not None and used_bytes(connection) > retention.max_bytes * _FULL:
        pruning.shrink_to(int(retention.max_bytes * _AIM), now)
    if retention.min_free_bytes is not None:
        pruning.make_room(retention.min_free_bytes, now - _SPARED_S)
    pruning.finish()
    return pruning.removed


def used_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of the file that hold rows: without free pages, and without the WAL."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


class _Pruning:
    """Removes rows, the oldest first, and counts them in ``removed``."""

    def __init__(self, connection: sqlite3.Connection, is_enough: Callable[[], bool]) -> None:
        self._connection = connection
        self._is_enough = is_enough
        self._floor = ""
        self.removed: Counter[str] = Counter()

    def remove_before(self, moment: float, is_enough: Callable[[], bool] = lambda: False) -> bool:
        """Remove all that happened before ``moment``, Unix seconds; whether there was anything."""
        if moment <= 0:
            return False
        before = self.removed.total()
        text = time_text(int(moment * 1e9))
        request_floor = request_id_floor(int(moment * 1000))
        event_floor = short_prefix(request_floor)
        self._floor = max(self._floor, event_floor)
        for table, key in _EVENTS:
            choose = f"SELECT {key} FROM {table} WHERE {key} < ? AND occurred_at < ? LIMIT {_ROWS}"
            while not is_enough() and (keys := self._connection.execute(choose, (event_floor, text)).fetchall()):
                self.removed += _remove_events(self._connection, table, key, keys)
        for table, key, condition, values in (
            ("requests", "request_id", "request_id < ? AND started_at < ?", (request_floor, text)),
            ("losses", "rowid", "occurred_at < ?", (text,)),
            ("processes", "process_id", "last_seen_at < ?", (text,)),
        ):
            some = f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {condition} LIMIT {_ROWS})"
            while not is_enough() and (count := self._connection.execute(some, values).rowcount):
                self.removed[table] += count
        return self.removed.total() > before

    def shrink_to(self, bound: int, now: float) -> None:
        """Remove the oldest until the rows take no more than ``bound`` bytes."""
        while (over := used_bytes(self._connection) - bound) > 0 and self._remove_oldest(over, now + 0.001):
            pass

    def make_room(self, wanted: int, until: float) -> None:
        """Remove the oldest, of before ``until``, while that brings room, until ``wanted`` bytes and more are free."""
        path = self._connection.execute("PRAGMA database_list").fetchone()[2]
        if free_bytes(path) >= wanted:
            return
        # room is given back after each step: while that cannot be done, to remove more would be in vain
        while give_back(self._connection, self._is_enough):
            free = free_bytes(path)
            missing = wanted * _FREE_AIM - free
            if missing <= 0 or not self._remove_oldest(min(missing, free * _FREE_STEP), until):
                break

    def _remove_oldest(self, size: float, until: float) -> bool:
        """Remove some of the oldest, less than ``size`` bytes, none of ``until`` or later; whether there were any.

        All that goes with them goes in the same turn: no request stays without what it brought in.
        """
        rows = min(max(int(size / _ROW_BYTES), _FEW), _ROWS)
        while not self._is_enough():
            moment = self._moment_of(rows)
            if self.remove_before(until if moment is None else min(moment + 0.002, until)):
                return True
            if moment is None or moment >= until:
                break
            rows *= 2  # those were not of the time that their keys say
        return False

    def _moment_of(self, rows: int) -> float | None:
        """Unix seconds before which each table has about so many rows, or fewer; None: all have fewer."""
        moments = []
        for table, key, column in _TIMES:
            query = f"SELECT strftime('%J', {column}) FROM {table} ORDER BY {key} LIMIT 1 OFFSET ?"
            moments += [float(found) for (found,) in self._connection.execute(query, (rows,)) if found is not None]
        return (min(moments) - 2_440_587.5) * 86_400 if moments else None

    def finish(self) -> None:
        """Remove what belonged to events that are gone, and give free pages back, where the file was made for it."""
        if self.removed["storage_events"] or self.removed["share_events"]:
            self.removed["leaves"] += _remove_leaves(self._connection, self._floor)
        self.removed = +self.removed
        if self.removed:
            self._connection.execute("PRAGMA incremental_vacuum").fetchall()


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


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")
