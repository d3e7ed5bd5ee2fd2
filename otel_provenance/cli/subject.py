"""Everything tied to a person, found by one identifier: values, requests, rows, and who received what.

The links are those that the application made itself: values in the same row, and in the same request.
The recipients are the list for a notice under Art. 19 GDPR. The value is hashed on the spot and not kept;
'-' reads it from standard input. Exit status 1 if the record ties nothing to it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from otel_provenance.cli.options import FORMATS, add_common, add_confidence
from otel_provenance.cli.output import as_json, write_data
from otel_provenance.cli.phrases import cell, column_line, request_line, row_name, service_name, spoken, tag_name, when
from otel_provenance.cli.record import opened, path_of
from otel_provenance.cli.secrets import read_value
from otel_provenance.cli.table import Column, table
from otel_provenance.cli.text import Terminal, note, render, terminal_of, wrap
from otel_provenance.reports.salt import hash_in
from otel_provenance.reports.subject import Subject, subject
from otel_provenance.settings import read_settings

_STATES = {"deleted": "green", "failed": "red", "stored": "blue", "sent": "yellow"}


class Line(NamedTuple):
    """A finding of any section, for the flat formats."""

    section: str
    """``value``, ``request``, ``row``, ``recipient``, ``limit``."""
    what: str
    detail: str
    times: int | None
    first_at: str | None
    last_at: str | None
    state: str


ROW: Final = Line
"""What a row is made of in the formats for machines."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The identifier."""
    parser.add_argument(
        "value",
        nargs="?",
        metavar="VALUE",
        help="an e-mail address, a phone number, …; '-' reads it from standard input",
    )
    add_confidence(parser)
    add_common(parser, FORMATS)


def run(options: argparse.Namespace) -> int:
    """Print it."""
    value = read_value(options.value)
    with opened(options) as record:
        value_hash = hash_in(record, value, read_settings(), path_of(options))
        found = subject(record, value_hash, options.min_confidence)
    if options.format == "json":
        print(as_json(found, indent=2))
    elif options.format != "table":
        write_data(_flat(found), Line, options.format)
    elif found.values:
        for line in _report(found, terminal_of(sys.stdout, options.color)):
            print(line)
    if not found.values:
        note("the record ties nothing to this value: it did not come in while it was recorded, or was erased since")
        for limit in found.limits:
            if "erased" in limit:
                note(limit)
        return 1
    return 0


def _flat(found: Subject) -> Iterator[Line]:
    for v in found.values:
        yield Line("value", f"{v.source} {v.field}", v.category or "", v.times, v.first_at, v.last_at, v.found)
    for r in found.requests:
        yield Line("request", f"{r.method} {r.path}", r.request_id, 1, r.started_at, r.started_at, r.user_id or "")
    for s in found.rows:
        detail = f"{s.primary_key or ''} {', '.join(s.columns)}".strip()
        yield Line("row", s.table, detail, None, s.first_at, s.last_at, s.state)
    for to in found.recipients:
        yield Line("recipient", to.recipient, ", ".join(to.fields), to.calls, to.first_at, to.last_at, to.state)
    for limit in found.limits:
        yield Line("limit", limit, "", None, None, None, "")


def _report(found: Subject, terminal: Terminal) -> Iterator[str]:
    yield from _section(
        f"who received it ({len(found.recipients)})",
        found.recipients,
        [
            Column("RECIPIENT", lambda r: cell((r.recipient, "yellow")), least=16),
            Column("VALUES", lambda r: cell(", ".join(r.fields)), least=16),
            Column("BY", lambda r: cell(r.channel), drop=3),
            Column("CALLS", lambda r: cell(f"{r.calls:,}"), right=True, drop=2),
            Column("FIRST UTC", lambda r: cell(when(r.first_at)), drop=1),
            Column("LAST UTC", lambda r: cell(when(r.last_at))),
            Column("STATE", lambda r: cell((r.state, _STATES.get(r.state, "")))),
        ],
        terminal,
    )
    yield from _section(
        f"where it is or was stored ({len(found.rows)})",
        found.rows,
        [
            Column("TABLE", lambda s: [column_line(s.table, None)], least=8),
            Column("ROW", lambda s: cell(row_name(s.primary_key) or ("key not known", "dim")), least=10),
            Column("COLUMNS", lambda s: cell(", ".join(s.columns)), least=16),
            Column("FIRST UTC", lambda s: cell(when(s.first_at)), drop=1),
            Column("LAST UTC", lambda s: cell(when(s.last_at))),
            Column("STATE", lambda s: cell((spoken(s.state), _STATES.get(s.state, "magenta")))),
        ],
        terminal,
    )
    yield from _section(
        f"which values ({len(found.values)})",
        found.values,
        [
            Column("FIELD", lambda v: [tag_name(v.source, v.field)], least=14),
            Column("CATEGORY", lambda v: cell((v.category or "", "magenta")), least=10, drop=2),
            Column("FOUND", lambda v: cell(v.found), least=12),
            Column("TIMES", lambda v: cell(f"{v.times:,}"), right=True),
            Column("FIRST UTC", lambda v: cell(when(v.first_at)), drop=1),
            Column("LAST UTC", lambda v: cell(when(v.last_at))),
        ],
        terminal,
    )
    yield from _section(
        f"in which requests ({len(found.requests)})",
        found.requests,
        [
            Column("TIME UTC", lambda r: cell(when(r.started_at))),
            Column("REQUEST", lambda r: [request_line(r.method, r.path)], least=16),
            Column("USER", lambda r: cell(r.user_id or ""), least=6, drop=1),
            Column("SERVICE", lambda r: cell(service_name(r.service)), least=6, drop=2),
            Column("ID", lambda r: cell((r.request_id, "dim")), least=13),
        ],
        terminal,
    )
    yield render([("what the record cannot know", "bold")], terminal)
    most = None if terminal.width is None else max(terminal.width - 4, 20)
    for limit in found.limits:
        for at, line in enumerate(wrap([limit], most)):
            yield render([("    " if at else ("  · " if terminal.glyphs else "  - ")), *line], terminal)


def _section(title: str, rows: Sequence[Any], columns: Sequence[Column], terminal: Terminal) -> Iterator[str]:
    yield render([(title, "bold")], terminal)
    narrower = terminal if terminal.width is None else terminal._replace(width=terminal.width - 2)
    if rows:
        for line in table(rows, columns, narrower):
            yield f"  {line}"
    else:
        yield "  none known"
    yield ""
