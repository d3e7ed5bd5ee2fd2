"""What was sent to others, the newest first, and which values that came in were in it."""

from __future__ import annotations

import argparse
from typing import Final

from otel_provenance.cli.options import add_common, add_filters, filters_of
from otel_provenance.cli.output import write_rows
from otel_provenance.cli.phrases import carried_lines, cell, not_inspected, status_style, when
from otel_provenance.cli.record import opened
from otel_provenance.cli.table import Cell, Column
from otel_provenance.cli.text import Line, Piece
from otel_provenance.reports.ids import short_request_id
from otel_provenance.reports.share import ShareRow, share

ROW: Final = ShareRow
"""What a row is made of in the formats for machines."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Those of every list."""
    add_filters(parser)
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Print it."""
    with opened(options) as record:
        columns: list[Column] = [
            Column("TIME UTC", lambda h: cell(when(h.occurred_at)), drop=3),
            Column("TO", lambda h: cell((h.recipient, "yellow")), least=14),
            Column("CALL", lambda h: [call_line(h)], least=16),
            Column("RESULT", result, least=6),
            Column("CARRIES", lambda h: carried_lines(h.carries, h.request_id), least=20),
            Column("BYTES", lambda h: cell("" if h.payload_bytes is None else f"{h.payload_bytes:,}"), None, True, 1),
            Column(
                "REQUEST",
                lambda h: cell((short_request_id(record, h.request_id) if h.request_id else "none", "dim")),
                drop=2,
            ),
        ]
        write_rows(share, record, filters_of(options, record), ShareRow, columns, options, "no call matches")
    return 0


def call_line(row: ShareRow) -> Line:
    """``POST /v1/charges``, and the language model that it asked."""
    line: list[Piece] = [(row.method or row.channel, "bold"), " ", _path_of(row.url) if row.url else row.library or ""]
    if row.gen_ai_model or row.gen_ai_provider:
        line.append((f" {row.gen_ai_model or row.gen_ai_provider}", "magenta"))
    return line


def result(row: ShareRow) -> Cell:
    """The answer's status, or what came instead; and what was not searched."""
    said = str(row.status_code) if row.outcome == "sent" and row.status_code is not None else row.outcome
    first: Line = [(said, status_style(row.status_code, row.outcome))]
    return [first, *filter(None, [not_inspected(row.inspected, row.inspected_reason)])]


def _path_of(url: str) -> str:
    _, scheme, rest = url.partition("://")
    if not scheme:
        return url
    at = rest.find("/")
    return rest[at:] if at >= 0 else "/"
