"""Removes what is older, or more, than is to be kept; with nothing said, by PROVENANCE_RETENTION."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from typing import Final, NamedTuple

from otel_provenance.cli.options import FORMATS, UsageError, add_common, reads
from otel_provenance.cli.output import write_data, write_table
from otel_provenance.cli.phrases import cell
from otel_provenance.cli.record import path_of, writable
from otel_provenance.cli.table import Column
from otel_provenance.cli.text import note
from otel_provenance.settings import Retention, parse_age, parse_size, read_settings
from otel_provenance.tables import prune
from otel_provenance.tables.room import shortage
from otel_provenance.tables.spool import alone_in


class Changed(NamedTuple):
    """How many rows of a table."""

    table: str
    rows: int


CHANGED_COLUMNS = (
    Column("TABLE", lambda c: cell(c.table)),
    Column("ROWS", lambda c: cell(f"{c.rows:,}"), right=True),
)


ROW: Final = Changed
"""What a row is made of in the formats for machines."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """How much is kept."""
    parser.add_argument("--older-than", type=reads(parse_age), metavar="AGE", help="remove what is older: 90d, 12h")
    parser.add_argument(
        "--larger-than", type=reads(parse_size), metavar="SIZE", help="remove the oldest until it is smaller: 2GB"
    )
    parser.add_argument(
        "--keep-free",
        type=reads(parse_size),
        metavar="SIZE",
        help="remove the oldest, but for the last hour, until the disk has so much free: 1GB",
    )
    add_common(parser, FORMATS)


def run(options: argparse.Namespace) -> int:
    """Do it, and print what was removed."""
    retention = Retention(options.older_than, options.larger_than, options.keep_free)
    if retention == Retention():
        retention = read_settings().retention
    if retention == Retention():
        raise UsageError(
            "nothing says what to remove: give --older-than, --larger-than or --keep-free, or set PROVENANCE_RETENTION"
        )
    path = path_of(options)
    # meanwhile no process of the application prunes, or moves the WAL
    with writable(path) as record, alone_in(os.path.dirname(path)):
        removed = prune(record, retention)
    write_changed(removed, options)
    if not removed:
        note("nothing was old enough, or too much")
    if (found := shortage(path, retention)) is not None:
        note("; ".join(found))
    return 0


def write_changed(changed: Mapping[str, int], options: argparse.Namespace) -> None:
    """Table → rows, in the format that was asked for."""
    rows = [Changed(table, count) for table, count in sorted(changed.items()) if count]
    if options.format == "table":
        write_table(rows, CHANGED_COLUMNS, options)
    else:
        write_data(rows, Changed, options.format)
    sys.stdout.flush()
