"""The life of a value, in time: where it entered, was stored, was overwritten, was sent and was deleted.

The value is hashed with the record's salt on the spot and not kept. Given as an argument it stays in the
shell's history: '-' reads it from standard input, and without VALUE it is asked for.
Exit status 1 if the record knows nothing of it.
"""

from __future__ import annotations

import argparse
import sys
from typing import Final

from otel_provenance.cli.options import FORMATS, UsageError, add_common, add_confidence, limit, reads
from otel_provenance.cli.output import as_json, write_data
from otel_provenance.cli.phrases import count_of, how, not_inspected, row_name, spaced, spoken, status_style
from otel_provenance.cli.record import opened, path_of
from otel_provenance.cli.secrets import read_value
from otel_provenance.cli.text import Line, Piece, note, terminal_of
from otel_provenance.cli.tree import Node, tree
from otel_provenance.reports.lives import Step, flat
from otel_provenance.reports.rows import parse_row
from otel_provenance.reports.salt import hash_in, salt_at_hand
from otel_provenance.reports.trace import MOST_ENTRIES, Life, trace_row, trace_tag, trace_value
from otel_provenance.settings import read_settings

_SIGNS = {
    "entered": ("←", "green"),
    "stored": ("▪", "blue"),
    "sent": ("→", "yellow"),
    "deleted": ("✗", "red"),
    "perhaps deleted": ("?", "red"),
}


ROW: Final = Step
"""What a row is made of in the formats for machines."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """What to look for."""
    parser.add_argument("value", nargs="?", metavar="VALUE", help="the value; '-' reads it from standard input")
    parser.add_argument("--tag", metavar="ID", help="instead of a value: one that came in, by its tag's id")
    parser.add_argument(
        "--row", metavar="TABLE:KEY", help="instead of a value: a row; users:7, or members:shop=1,user=7"
    )
    parser.add_argument(
        "--limit",
        type=reads(limit),
        default=MOST_ENTRIES,
        metavar="N",
        help=f"tell of the newest N times that it came in; 0 for all (default: {MOST_ENTRIES})",
    )
    add_confidence(parser)
    add_common(parser, FORMATS)


def run(options: argparse.Namespace) -> int:
    """Print it."""
    if sum(given is not None for given in (options.value, options.tag, options.row)) > 1:
        raise UsageError("give a value, --tag or --row, not several")
    by_value = options.tag is None and options.row is None
    value = read_value(options.value) if by_value else ""
    with opened(options) as record:
        if options.tag is not None:
            life = trace_tag(record, options.tag, options.min_confidence)
        elif options.row is not None:
            row = parse_row(record, options.row, salt_at_hand(read_settings(), path_of(options)))
            life = trace_row(record, row, options.min_confidence)
        else:
            value_hash = hash_in(record, value, read_settings(), path_of(options))
            life = trace_value(record, value_hash, options.min_confidence, options.limit or -1)
    if not life.steps:
        note(
            "the record knows nothing of this value: while it was recorded it did not come in, or only inside a longer "
            "text, or it was erased since"
        )
        return 1
    if options.format == "json":
        print(as_json(life, indent=2))
    elif options.format != "table":
        write_data(sorted(flat(life.steps), key=lambda step: step.occurred_at), Step, options.format)
    else:
        for line in tree(_tree(life, options.row), terminal_of(sys.stdout, options.color)):
            print(line)
    return 0


def _tree(life: Life, row: str | None) -> Node:
    line: list[Piece]
    if row is not None:
        line = [("row ", "dim"), (row, "bold"), f"  {count_of(len(life.steps), 'event')}"]
    else:
        line = [("value", "bold"), f"  came in {count_of(life.entries, 'time')}"]
    line.append(f", in {count_of(life.requests, 'request')}")
    if life.users:
        line.append(f" by {count_of(life.users, 'user')}")
    if life.stored_in and row is None:
        line += [", stored in ", (", ".join(life.stored_in), "blue")]
    if life.sent_to:
        line += [", sent to ", (", ".join(life.sent_to), "yellow")]
    return Node(line, [_node(step, "", None) for step in life.steps])


def _node(step: Step, day: str, request_id: str | None) -> Node:
    at = step.occurred_at[:19].replace("T", " ")
    sign, style = _SIGNS.get(step.what, ("~", "magenta"))
    shown = at[11:] if at[:10] == day else at
    line: list[Piece] = [(f"{shown}  ", "dim"), (f"{sign} ", style), (step.what, style), " ", (step.place, "bold")]
    if step.primary_key:
        line.append(f" {row_name(step.primary_key)}")
    if step.kind is not None and step.confidence is not None:
        line.append((f"  {how(step.kind, step.transform or '', step.confidence, always=True)}", "cyan"))
    if step.category:
        line.append((f"  {step.category}", "magenta"))
    if step.outcome and step.outcome not in ("committed", "sent"):
        line.append((f"  {spoken(step.outcome)}", status_style(None, step.outcome)))
    elif step.status_code is not None:
        line.append((f"  {step.status_code}", status_style(step.status_code)))
    line += spaced(not_inspected(step.inspected or "full"))
    line += _by(step, request_id)
    return Node(line, [_node(then, at[:10], step.request_id) for then in step.then])


def _by(step: Step, request_id: str | None) -> Line:
    if step.request_id == request_id:
        return []
    if step.request_id is None:
        return [("  outside requests", "dim")]
    line: list[Piece] = []
    if step.method:
        line.append(f"  {step.method} {step.path}")
    if step.user_id:
        line.append((f"  by {step.user_id}", "dim"))
    return [*line, (f"  {step.request_id}", "dim")]
