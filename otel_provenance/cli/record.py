"""Opening the record for a command, and saying first what it lacks."""

from __future__ import annotations

import argparse
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from otel_provenance.cli.text import note
from otel_provenance.reports.losses import losses
from otel_provenance.settings import read_settings
from otel_provenance.tables import connect, connect_readonly


def path_of(options: argparse.Namespace) -> str:
    """The record's file: ``--db``, else PROVENANCE_DB_PATH, else the default."""
    return os.path.abspath(os.path.expanduser(options.db)) if options.db else read_settings().db_path


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[sqlite3.Connection]:
    """The record, to read; RecordError, one clear line, where it cannot be."""
    connection = connect_readonly(path_of(options))
    try:
        tell_losses(connection)
        yield connection
    finally:
        connection.close()


@contextmanager
def writable(path: str) -> Iterator[sqlite3.Connection]:
    """The record, to change; RecordError where there is none."""
    connect_readonly(path).close()  # brings in what waits in spools, and refuses what is no record
    connection = connect(path)
    try:
        yield connection
    finally:
        connection.close()


def tell_losses(connection: sqlite3.Connection) -> None:
    """One line, where the record knows that it lacks something."""
    known = losses(connection)
    if known:
        by_reason: dict[str, int] = {}
        for loss in known:
            by_reason[loss.reason] = by_reason.get(loss.reason, 0) + loss.facts
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in by_reason.items())
        total = sum(by_reason.values())
        lacks = "1 fact" if total == 1 else f"{total:,} facts"
        note(f"this record is known to lack {lacks} ({reasons}): see 'otel-provenance doctor'")
