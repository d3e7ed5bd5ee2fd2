"""What has just been recorded?

Rows come when a request ends, and lie in the order in which requests began; so what is new is looked for in
the last seconds at every change of the record, and now and then further back, for requests that took long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Final

from otel_provenance.reports import moments
from otel_provenance.reports.requests import RequestRow, requests_of
from otel_provenance.reports.share import ShareRow, share_of
from otel_provenance.reports.storage import StorageRow, storage_of

Happening = RequestRow | StorageRow | ShareRow

_WINDOWS: Final = ((timedelta(seconds=10), 1), (timedelta(minutes=3), 25), (timedelta(hours=1), 300))
"""How far back is looked at every n-th change."""


def happened_at(happening: Happening) -> str:
    """When it happened; of a request, when it began."""
    return happening.started_at if isinstance(happening, RequestRow) else happening.occurred_at


class Tail:
    """What is new since it was last asked."""

    def __init__(self, connection: sqlite3.Connection, min_confidence: float) -> None:
        self._connection = connection
        self._min_confidence = min_confidence
        self._seen: dict[str, set[str]] = {"requests": set(), "storage_events": set(), "share_events": set()}
        self._version: int | None = None
        self._changes = 0

    def newest(self, number: int) -> list[Happening]:
        """The last few, as a beginning; all that is in the record already counts as seen."""
        last: list[Happening] = []
        for table, key, fetch in _TABLES:
            rows = self._connection.execute(f"SELECT {key} FROM {table} ORDER BY {key} DESC LIMIT ?", (number,))
            last += fetch(self._connection, [identifier for (identifier,) in rows], self._min_confidence)
        for table, key, _ in _TABLES:
            self._unseen(table, key, _WINDOWS[-1][0])
        self._version = self._data_version()
        return sorted(last, key=happened_at)[-number:] if number else []

    def new(self) -> list[Happening]:
        """What has come since, in the order of time; nothing where the record has not changed."""
        version = self._data_version()
        if version == self._version:
            return []
        self._version = version
        self._changes += 1
        window = max(span for span, every in _WINDOWS if self._changes % every == 0)
        return sorted(self._happenings(window), key=happened_at)

    def _happenings(self, window: timedelta) -> Iterator[Happening]:
        for table, key, fetch in _TABLES:
            unseen = self._unseen(table, key, window)
            if unseen:
                yield from fetch(self._connection, unseen, self._min_confidence)

    def _unseen(self, table: str, key: str, window: timedelta) -> list[str]:
        at = moments.request_id_at if table == "requests" else moments.event_id_at
        now = datetime.now(timezone.utc)
        seen = self._seen[table]
        found = self._connection.execute(f"SELECT {key} FROM {table} WHERE {key} >= ?", (at(now - window),))
        unseen = [identifier for (identifier,) in found if identifier not in seen]
        seen.update(unseen)
        if window == _WINDOWS[-1][0]:  # what is older is not looked for again
            seen.intersection_update({one for one in seen if one >= at(now - 2 * window)})
        return unseen

    def _data_version(self) -> int:
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version


_Fetch = Callable[[sqlite3.Connection, list[str], float], Iterator[Happening]]
_TABLES: Final[tuple[tuple[str, str, _Fetch], ...]] = (
    ("requests", "request_id", requests_of),
    ("storage_events", "event_id", storage_of),
    ("share_events", "event_id", share_of),
)
