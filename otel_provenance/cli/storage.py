"""What was written to databases, the newest first, and which values that came in were in it."""

from __future__ import annotations

import argparse
from typing import Final

from otel_provenance.cli.options import add_common, add_filters, filters_of
from otel_provenance.cli.output import write_rows
from otel_provenance.cli.phrases import (
    carried_lines,
    cell,
    column_line,
    not_inspected,
    row_name,
    rows_of,
    spoken,
    status_style,
    when,
)
from otel_provenance.cli.record import opened
from otel_provenance.cli.table import Cell, Column
from otel_provenance.reports.ids import short_request_id
from otel_provenance.reports.storage import StorageRow, storage

ROW: Final = StorageRow
"""What a row is made of in the formats for machines."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Those of every list."""
    add_filters(parser)
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Print it."""
    with opened(options) as record:
        columns: list[Column] = [
            Column("TIME UTC", lambda s: cell(when(s.occurred_at)), drop=3),
            Column("WRITE", lambda s: cell((s.operation, "bold"))),
            Column("WHERE", lambda s: [column_line(s.table_name, s.column_name)], least=12),
            Column("ROW", _row, least=8, drop=1),
            Column("CARRIES", _carries, least=20),
            Column("OUTCOME", _outcome, least=9),
            Column(
                "REQUEST",
                lambda s: cell((short_request_id(record, s.request_id) if s.request_id else "none", "dim")),
                drop=2,
            ),
        ]
        filters = filters_of(options, record)
        write_rows(storage, record, filters, StorageRow, columns, options, "no write matches")
    return 0


def _row(row: StorageRow) -> Cell:
    return cell(row_name(row.primary_key) or ("" if row.row_count == 1 else rows_of(row.row_count)))


def _carries(row: StorageRow) -> Cell:
    return carried_lines(row.carries, row.request_id) if row.carries or row.operation != "delete" else cell("")


def _outcome(row: StorageRow) -> Cell:
    return [[(spoken(row.outcome), status_style(None, row.outcome))], *filter(None, [not_inspected(row.inspected)])]
