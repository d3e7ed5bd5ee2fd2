"""Rows as a table, JSON, JSON lines or CSV."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from otel_provenance.cli.table import Column, table
from otel_provenance.cli.text import note, terminal_of
from otel_provenance.reports.filters import Filters

R = TypeVar("R", bound=tuple[Any, ...])


def write_rows(
    report: Callable[[sqlite3.Connection, Filters], Iterable[R]],
    record: sqlite3.Connection,
    filters: Filters,
    kind: type[R],
    columns: Sequence[Column],
    options: argparse.Namespace,
    nothing: str,
) -> None:
    """Write a report's rows (named tuples of one ``kind``) in the format that was asked for.

    ``nothing`` is said beside the output where there is no row; that there are more than the limit is said too.
    """
    asked = filters if filters.limit is None else filters._replace(limit=filters.limit + 1)
    rows = _Counted(report(record, asked), filters.limit)
    if options.format == "table":
        write_table(rows, columns, options)
    else:
        write_data(rows, kind, options.format)
    if not rows.count:
        note(nothing)
    elif rows.more and sys.stderr.isatty():
        note(f"the newest {rows.count} are shown: --limit 0 shows all")


def write_data(rows: Iterable[R], kind: type[R], format_name: str) -> None:
    """Write rows as ``json`` (one array), ``jsonl`` (an object a line) or ``csv`` (with a header)."""
    write = sys.stdout.write
    if format_name == "csv":
        import csv

        table_writer = csv.writer(sys.stdout, lineterminator="\n")
        table_writer.writerow(kind._fields)  # type: ignore[attr-defined]
        for row in rows:
            table_writer.writerow([_as_cell(value) for value in row])
    elif format_name == "jsonl":
        for row in rows:
            write(as_json(row) + "\n")
    else:
        separator = "["
        for row in rows:
            write(separator + "\n  " + as_json(row))
            separator = ","
        write("[]\n" if separator == "[" else "\n]\n")


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON text of named tuples (as objects), tuples (as arrays) and scalars."""
    import json

    return json.dumps(_as_plain(value), ensure_ascii=False, indent=indent)


def _as_plain(value: Any) -> Any:
    if isinstance(value, tuple):
        names = getattr(value, "_fields", None)
        if names is None:
            return [_as_plain(item) for item in value]
        return {name: _as_plain(item) for name, item in zip(names, value, strict=True)}
    return value


def _as_cell(value: Any) -> Any:
    if isinstance(value, tuple):
        if all(isinstance(item, str) for item in value):
            return "; ".join(value)
        return as_json(value)
    return value


def write_table(rows: Iterable[R], columns: Sequence[Column], options: argparse.Namespace) -> None:
    """Write rows as a table; no titles where there is no row."""
    terminal = terminal_of(sys.stdout, options.color)
    lines = table(rows, columns, terminal)
    titles = next(lines)
    for at, line in enumerate(lines):
        print(line if at else f"{titles}\n{line}")


class _Counted(Iterable[R]):
    def __init__(self, rows: Iterable[R], most: int | None) -> None:
        self._rows = rows
        self._most = most
        self.count = 0
        self.more = False

    def __iter__(self) -> Iterator[R]:
        for row in self._rows:
            if self.count == self._most:
                self.more = True
                return
            self.count += 1
            yield row
