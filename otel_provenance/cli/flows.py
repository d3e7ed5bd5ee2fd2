"""Which data goes where: source field → table.column → recipient, summed over all requests.

As a table, as data, or as a picture: --format mermaid, --format graphviz. What was rolled back or blocked
did not flow. Reads all events of the period.
"""

from __future__ import annotations

import argparse
from typing import Final

from otel_provenance.cli.graphs import graphviz, mermaid
from otel_provenance.cli.options import FORMATS, add_common, add_confidence, add_period
from otel_provenance.cli.output import write_data, write_table
from otel_provenance.cli.phrases import cell, tag_name, when
from otel_provenance.cli.record import opened
from otel_provenance.cli.table import Cell, Column
from otel_provenance.cli.text import note
from otel_provenance.reports.filters import Filters
from otel_provenance.reports.flows import Flow, flows

ROW: Final = Flow
"""What a row is made of in the formats for machines."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Which flows."""
    parser.add_argument(
        "--by",
        choices=("field", "route"),
        default="field",
        metavar="WHAT",
        help="field, or route: also by the route that it came in by",
    )
    parser.add_argument("--category", metavar="PATTERN", help="only this kind of personal data: 'user.contact.*'")
    parser.add_argument("--nowhere", action="store_true", help="also the fields that went to no place")
    add_period(parser)
    parser.add_argument("--path", metavar="PATTERN", help="only what came in by this path or route")
    parser.add_argument("--field", metavar="PATTERN", help="only this field: email, form.email")
    parser.add_argument("--table", metavar="PATTERN", help="only into this table: users, users.email")
    parser.add_argument("--host", metavar="PATTERN", help="only to this recipient: '*.example.org', smtp")
    parser.add_argument("--release", metavar="VERSION", help="only of requests to this service.version")
    add_confidence(parser)
    add_common(parser, (*FORMATS, "mermaid", "graphviz"))


def run(options: argparse.Namespace) -> int:
    """Print them."""
    filters = Filters(
        since=options.since,
        until=options.until,
        path=options.path,
        field=options.field,
        table=options.table,
        host=options.host,
        min_confidence=options.min_confidence,
    )
    with opened(options) as record:
        found = flows(
            record,
            filters,
            by_route=options.by == "route",
            category=options.category,
            nowhere=options.nowhere,
            version=options.release,
        )
    if options.format in ("mermaid", "graphviz"):
        for line in mermaid(found) if options.format == "mermaid" else graphviz(found):
            print(line)
    elif options.format == "table":
        write_table(found, flow_columns(options.by == "route"), options)
    else:
        write_data(found, Flow, options.format)
    if not found:
        note("no flow matches")
    return 0


def flow_columns(by_route: bool = False) -> list[Column]:
    """The columns of a table of flows."""
    columns = [
        Column("FIELD", lambda f: [tag_name(f.source, f.field)], least=14),
        Column("CATEGORY", lambda f: cell((f.category or "", "magenta")), least=10, drop=1),
        Column("GOES TO", lambda f: goes_to(f.goes, f.place, f.via), least=20),
        Column("CHANGED", lambda f: changes_cell(f.changes), least=8),
        Column("TIMES", lambda f: cell(f"{f.times:,}"), right=True),
        Column("CONFIDENCE", _confidence, right=True, drop=3),
        Column("FIRST UTC", lambda f: cell(when(f.first_at)), drop=4),
        Column("LAST UTC", lambda f: cell(when(f.last_at)), drop=2),
    ]
    if by_route:
        columns.insert(0, Column("ROUTE", lambda f: cell((f.route or "", "bold")), least=12))
    return columns


def goes_to(goes: str, place: str | None, via: str | None) -> Cell:
    """``→ crm.example.org``, and below it ``via users.email``."""
    if place is None:
        return cell(("nowhere", "dim"))
    first = cell(("▪ " + place, "blue") if goes == "store" else ("→ " + place, "yellow"))
    return [*first, [("  via ", "dim"), (via, "blue")]] if via else first


def changes_cell(changes: tuple[str, ...]) -> Cell:
    """How a value was changed, each way on a line."""
    return [[(change.replace(">", " › "), "cyan")] for change in changes]


def _confidence(flow: Flow) -> Cell:
    if flow.least_confidence is None or flow.most_confidence is None:
        return cell("")
    least, most = f"{flow.least_confidence:.2f}", f"{flow.most_confidence:.2f}"
    return cell(least if least == most else f"{least}-{most}")
