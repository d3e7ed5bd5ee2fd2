"""Flat rows: every table as JSON lines, or every edge as one line of CSV."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from typing import Final

from otel_provenance.reports.edges import recipient
from otel_provenance.reports.export.period import TABLES, Period, rows_of

_EDGE: Final = (
    "request_id",
    "method",
    "path",
    "route",
    "user_id",
    "service",
    "tag_id",
    "entered_at",
    "source",
    "field",
    "category",
    "event_id",
    "event_request_id",
    "occurred_at",
    "goes",
    "operation",
    "table_name",
    "column_name",
    "primary_key",
    "recipient",
    "channel",
    "status_code",
    "outcome",
    "inspected",
    "location",
    "place",
    "kind",
    "transform",
    "confidence",
    "via_event_id",
)


def jsonl(connection: sqlite3.Connection, period: Period) -> Iterator[str]:
    """Each row of each table as a line: its columns, and ``table``."""
    for table in TABLES:
        for row in rows_of(connection, table, period):
            yield json.dumps({"table": table, **dict(row)}, ensure_ascii=False) + "\n"


def edges_csv(connection: sqlite3.Connection, period: Period) -> Iterator[str]:
    """Each edge as a line: the value that came in, and where it went."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")

    def line(values: tuple[object, ...]) -> str:
        writer.writerow(values)
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text

    yield line(_EDGE)
    for edge in rows_of(connection, "tag_matches", period):
        tag = connection.execute(
            "SELECT r.request_id, r.method, r.path, r.route, r.user_id, r.service, d.tag_id, d.occurred_at, d.source,"
            " d.field, d.category FROM data_events d LEFT JOIN requests r ON r.request_id = d.request_id"
            " WHERE d.tag_id = ?",
            (edge["tag_id"],),
        ).fetchone() or (*[None] * 6, edge["tag_id"], *[None] * 4)
        where = (edge["location"], edge["field"], edge["kind"], edge["transform"], edge["confidence"])
        written = connection.execute(
            "SELECT event_id, request_id, occurred_at, 'store', operation, table_name, column_name, primary_key,"
            " NULL, NULL, NULL, outcome, inspected FROM storage_events WHERE event_id = ?",
            (edge["event_id"],),
        ).fetchone()
        if written is not None:
            yield line((*tag, *written, *where, edge["via_event_id"]))
            continue
        sent = connection.execute(
            "SELECT event_id, request_id, occurred_at, method, channel, host, port, status_code, outcome, inspected"
            " FROM share_events WHERE event_id = ?",
            (edge["event_id"],),
        ).fetchone()
        if sent is not None:
            event_id, request_id, at, method, channel, host, port, status, *ends = sent
            to = recipient(channel, host, port)
            call = (event_id, request_id, at, "share", method, None, None, None, to, channel, status)
            yield line((*tag, *call, *ends, *where, edge["via_event_id"]))
