"""The values that came in, and where each went: ▪ a column that it was written to, → who received it."""

from __future__ import annotations

import argparse
from typing import Final

from otel_provenance.cli.options import add_common, add_filters, filters_of
from otel_provenance.cli.output import write_rows
from otel_provenance.cli.phrases import cell, destination_line, tag_name, when
from otel_provenance.cli.record import opened
from otel_provenance.cli.table import Cell, Column
from otel_provenance.reports.data import DataRow, data
from otel_provenance.reports.ids import short_request_id

ROW: Final = DataRow
"""What a row is made of in the formats for machines."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Those of every list."""
    add_filters(parser)
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Print them."""
    with opened(options) as record:
        filters = filters_of(options, record)
        columns: list[Column] = [
            Column("FIELD", lambda d: [tag_name(d.source, d.field)], least=16),
            Column("SHAPE", lambda d: cell((d.preview or "", "dim")), least=12, drop=4),
            Column("CATEGORY", lambda d: cell((d.category or "", "magenta")), least=12, drop=3),
            Column("WENT TO", _went_to, least=24),
        ]
        if filters.request_id is None:
            columns.insert(0, Column("TIME UTC", lambda d: cell(when(d.occurred_at)), drop=5))
            columns.append(Column("REQUEST", lambda d: cell((short_request_id(record, d.request_id), "dim")), drop=1))
        write_rows(data, record, filters, DataRow, columns, options, "no value that came in matches")
    return 0


def _went_to(row: DataRow) -> Cell:
    lines = [destination_line(destination, row.request_id) for destination in row.went_to]
    return list({str(line): line for line in lines}.values())
