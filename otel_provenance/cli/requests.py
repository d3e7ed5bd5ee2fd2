"""The requests that were served, the newest first, and how far the data went that each brought in."""

from __future__ import annotations

import argparse
from typing import Final

from otel_provenance.cli.options import add_common, add_filters, filters_of
from otel_provenance.cli.output import write_rows
from otel_provenance.cli.phrases import cell, request_line, status_style, when
from otel_provenance.cli.record import opened
from otel_provenance.cli.table import Cell, Column
from otel_provenance.cli.text import Line
from otel_provenance.reports.ids import short_request_id
from otel_provenance.reports.requests import RequestRow, requests

ROW: Final = RequestRow
"""What a row is made of in the formats for machines."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Those of every list."""
    add_filters(parser)
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Print them."""
    with opened(options) as record:
        columns: list[Column] = [
            Column("TIME UTC", lambda r: cell(when(r.started_at)), drop=4),
            Column("REQUEST", lambda r: [request_line(r.method, r.path)], least=14),
            Column("HTTP", _status, right=True, drop=5),
            Column("USER", lambda r: cell(r.user_id or ""), least=4, drop=3),
            Column("IN", lambda r: cell(str(r.values) if r.values else ""), right=True, drop=2),
            Column("STORED IN", _stored, least=9),
            Column("SENT TO", lambda r: [[(to, "yellow")] for to in r.sent_to], least=12),
            Column("ID", lambda r: cell((short_request_id(record, r.request_id), "dim"))),
        ]
        filters = filters_of(options, record)
        write_rows(requests, record, filters, RequestRow, columns, options, "no request matches")
    return 0


def _stored(row: RequestRow) -> Cell:
    stored: list[Line] = [[(table, "blue")] for table in row.stored_in]
    return stored + [[(table, "blue"), (" deleted", "dim")] for table in row.deleted_from]


def _status(row: RequestRow) -> Cell:
    if row.status_code is None:
        return cell(("error", "red")) if row.error else cell("")
    return cell((str(row.status_code), status_style(row.status_code)))
