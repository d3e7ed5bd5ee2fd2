"""Which values came in, and where did each go?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from otel_provenance.reports.edges import Destination, chunked, destinations_of
from otel_provenance.reports.filters import Filters, newest_first, where


class DataRow(NamedTuple):
    """One value that a request brought in."""

    tag_id: str
    request_id: str
    occurred_at: str
    source: str
    field: str
    value_bytes: int | None
    value_type: str | None
    preview: str | None
    category: str | None
    value_hash: str
    went_to: tuple[Destination, ...] = ()


def data(connection: sqlite3.Connection, filters: Filters) -> Iterator[DataRow]:
    """Values that came in: the newest request first, within a request in the order in which they came."""
    asked = where("data", filters)
    rows = connection.execute(
        "SELECT d.tag_id, d.request_id, d.occurred_at, d.source, d.field, d.value_bytes, d.value_type, d.preview,"
        f" d.category, d.value_hash FROM data_events d{asked.sql}{newest_first('data', filters)} LIMIT ?",
        (*asked.parameters, -1 if filters.limit is None else filters.limit),
    )
    for chunk in _whole_requests(DataRow(*row) for row in rows):
        went = destinations_of(connection, [row.tag_id for row in chunk], filters.min_confidence)
        for row in chunk:
            yield row._replace(went_to=tuple(went.get(row.tag_id, ())))


def sequence_of(tag_or_event_id: str) -> tuple[str, int]:
    """Sorts the ids of one origin in the order in which they were made (``….t10`` after ``….t9``)."""
    prefix, _, number = tag_or_event_id.rpartition(".")
    digits = number[1:]
    return (prefix, int(digits)) if digits.isdecimal() else (tag_or_event_id, 0)


def _whole_requests(rows: Iterator[DataRow]) -> Iterator[list[DataRow]]:
    for chunk in chunked(rows):
        order: dict[str, int] = {}
        for row in chunk:
            order.setdefault(row.request_id, len(order))
        yield sorted(chunk, key=lambda row: (order[row.request_id], sequence_of(row.tag_id)))
