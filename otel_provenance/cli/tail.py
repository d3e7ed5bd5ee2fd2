"""What is recorded, as it comes: each request, write and call in a line, until it is interrupted.

▪ a write, → a call, ← the values that came in and were in it.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final

from otel_provenance.cli.options import add_common, add_confidence, limit, reads
from otel_provenance.cli.output import as_json
from otel_provenance.cli.phrases import (
    carried_lines,
    column_line,
    count_of,
    not_inspected,
    request_line,
    row_name,
    spaced,
    spoken,
    status_style,
)
from otel_provenance.cli.record import path_of, tell_losses
from otel_provenance.cli.share import call_line
from otel_provenance.cli.text import Line, Piece, note, render, terminal_of
from otel_provenance.reports.edges import Carried
from otel_provenance.reports.requests import RequestRow
from otel_provenance.reports.share import ShareRow
from otel_provenance.reports.storage import StorageRow
from otel_provenance.reports.tail import Happening, Tail, happened_at
from otel_provenance.tables import RecordError, connect_readonly
from otel_provenance.tables.adoption import catch_up

_PAUSE_S: Final = 0.2
_TURNS_TO_CATCH_UP: Final = 10
_OF_A_NEW_FILE: Final = 1000


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where to begin."""
    parser.add_argument(
        "-n", "--lines", type=reads(limit), default=10, metavar="N", help="begin with the last N (default: 10)"
    )
    add_confidence(parser)
    add_common(parser, ("table", "jsonl"))


def run(options: argparse.Namespace) -> int:
    """Print until interrupted."""
    try:
        for happenings in _follow(path_of(options), options):
            _write(happenings, options)
    except KeyboardInterrupt:
        pass
    return 0


def _follow(path: str, options: argparse.Namespace) -> Iterator[Iterable[Happening]]:
    """What happens, some at a time; waits for the file, and takes up a new one in its place."""
    lines = options.lines
    while True:
        connection = _open(path)
        try:
            tell_losses(connection)
            inode = os.stat(path).st_ino
            tail = Tail(connection, options.min_confidence)
            yield tail.newest(lines)
            for turn in count(1):
                if _inode(path) != inode:
                    break
                if turn % _TURNS_TO_CATCH_UP == 0:
                    catch_up(path)
                yield tail.new()
                time.sleep(_PAUSE_S)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) and "busy" not in str(error):
                raise
        finally:
            connection.close()
        lines = _OF_A_NEW_FILE


def _open(path: str) -> sqlite3.Connection:
    if os.path.exists(path):
        return connect_readonly(path)
    note(f"{path} is not there yet: waiting for the application's first request")
    while not os.path.exists(path):
        time.sleep(_PAUSE_S)
    for _ in range(_TURNS_TO_CATCH_UP):  # who makes it may not have finished
        try:
            return connect_readonly(path)
        except RecordError:
            time.sleep(_PAUSE_S)
    return connect_readonly(path)


def _inode(path: str) -> int | None:
    try:
        return os.stat(path).st_ino
    except OSError:
        return None


def _write(happenings: Iterable[Happening], options: argparse.Namespace) -> None:
    terminal = terminal_of(sys.stdout, options.color)
    written = False
    for happening in happenings:
        written = True
        if options.format == "jsonl":
            kind = {RequestRow: "request", StorageRow: "write", ShareRow: "call"}[type(happening)]
            print(f'{{"what": "{kind}", {as_json(happening)[1:]}')
        else:
            print(render(_line(happening), terminal, terminal.width))
    if written:
        sys.stdout.flush()


def _line(happening: Happening) -> Line:
    line: list[Piece] = [(f"{happened_at(happening)[11:19]}  ", "dim")]
    if isinstance(happening, RequestRow):
        line += request_line(happening.method, happening.path)
        if happening.status_code is not None:
            line.append((f"  {happening.status_code}", status_style(happening.status_code)))
        if happening.duration_ms is not None:
            line.append((f"  {happening.duration_ms:,.0f} ms", "dim"))
        line.append(f"  {count_of(happening.values, 'value')} came in")
        if happening.user_id:
            line.append((f"  by {happening.user_id}", "dim"))
        if happening.error:
            line.append((f"  raised {happening.error}", "red"))
        return [*line, *spaced(not_inspected(happening.inspected, happening.inspected_reason))]
    if isinstance(happening, StorageRow):
        line += [("▪ ", "blue"), (f"{happening.operation} ", "bold")]
        line += column_line(happening.table_name, happening.column_name)
        line.append(f" {row_name(happening.primary_key)}" if happening.primary_key else "")
        line += _carried(happening.carries, happening.request_id)
        if happening.outcome != "committed":
            line.append((f"  {spoken(happening.outcome)}", status_style(None, happening.outcome)))
        return [*line, *spaced(not_inspected(happening.inspected))]
    line += [("→ ", "yellow"), (f"{happening.recipient} ", "yellow"), *call_line(happening)]
    line += _carried(happening.carries, happening.request_id)
    said = happening.outcome if happening.status_code is None else str(happening.status_code)
    line.append((f"  {said}", status_style(happening.status_code, happening.outcome)))
    return [*line, *spaced(not_inspected(happening.inspected, happening.inspected_reason))]


def _carried(carried: tuple[Carried, ...], request_id: str | None) -> Line:
    if not carried:
        return []
    line: list[Piece] = [("  ← ", "green")]
    for at, edge in enumerate(carried_lines(carried, request_id)):
        line += [", ", *edge] if at else edge
    return line
