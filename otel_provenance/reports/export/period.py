"""The part of the record that is exported: what happened in a period, by table."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from otel_provenance.reports import moments

TABLES: Final = ("requests", "data_events", "storage_events", "share_events", "tag_matches")
"""What is exported."""
_KEYS: Final = {
    "requests": ("request_id", "started_at"),
    "data_events": ("tag_id", "occurred_at"),
    "storage_events": ("event_id", "occurred_at"),
    "share_events": ("event_id", "occurred_at"),
}
_EVERY: Final = 1000

Progress = Callable[[int], None]
"""Told now and then how many more rows were read."""


class Period(NamedTuple):
    """From when to when, how sure, and whom to tell how far it is."""

    since: datetime | None = None
    until: datetime | None = None
    min_confidence: float = 0.5
    progress: Progress | None = None


def rows_of(connection: sqlite3.Connection, table: str, period: Period) -> Iterator[sqlite3.Row]:
    """The rows of a table, the oldest first, by name of column."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    conditions, parameters = _conditions(table, period)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    key = "event_id" if table == "tag_matches" else _KEYS[table][0]
    read = 0
    for row in cursor.execute(f"SELECT * FROM {table}{where} ORDER BY {key}", parameters):
        read += 1
        if read % _EVERY == 0 and period.progress is not None:
            period.progress(_EVERY)
        yield row
    if period.progress is not None:
        period.progress(read % _EVERY)


def _conditions(table: str, period: Period) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    parameters: list[Any] = []
    if table == "tag_matches":
        conditions.append("confidence >= ?")
        parameters.append(period.min_confidence)
        for bound, moment, compare in (
            (moments.event_id_since, period.since, ">="),
            (moments.event_id_until, period.until, "<"),
        ):
            if moment is not None:
                # the edge of an event that lies in the period
                conditions.append(
                    f"event_id {compare} ? AND (EXISTS (SELECT 1 FROM storage_events s WHERE s.event_id ="
                    f" tag_matches.event_id AND s.occurred_at {compare} ?) OR EXISTS (SELECT 1 FROM share_events h"
                    f" WHERE h.event_id = tag_matches.event_id AND h.occurred_at {compare} ?))"
                )
                parameters += [bound(moment), *[moments.as_recorded(moment)] * 2]
        return conditions, parameters
    key, time = _KEYS[table]
    since, until = (
        (moments.request_id_since, moments.request_id_until)
        if table == "requests"
        else (moments.event_id_since, moments.event_id_until)
    )
    for bound, moment, compare in ((since, period.since, ">="), (until, period.until, "<")):
        if moment is not None:
            conditions.append(f"{key} {compare} ? AND {time} {compare} ?")
            parameters += [bound(moment), moments.as_recorded(moment)]
    return conditions, parameters
