"""Which flows of data are new, gone or changed: between two records, two periods, or two releases.

  diff old.db new.db                          two files
  diff 2026-11-01..2026-11-08 8d..now         two periods of one record
  diff release:1.4.0 release:1.5.0            two values of service.version in one record

With --fail-on new the exit status is 3 where there is a new or changed flow, with --fail-on any also where
one is gone: for a pipeline that lets no data flow to new places unseen.
"""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from otel_provenance.cli.flows import changes_cell, goes_to
from otel_provenance.cli.options import FORMATS, UsageError, add_common, add_confidence
from otel_provenance.cli.output import write_data, write_table
from otel_provenance.cli.phrases import cell, tag_name
from otel_provenance.cli.record import opened
from otel_provenance.cli.table import Column
from otel_provenance.cli.text import note
from otel_provenance.reports.diff import Change, changes
from otel_provenance.reports.filters import Filters
from otel_provenance.reports.flows import Flow, flows, has_release
from otel_provenance.reports.moments import parse_moment
from otel_provenance.tables import RecordError

_RELEASE: Final = "release:"
_STYLES: Final = {"new": "red", "gone": "green", "changed": "yellow"}
_FAILED: Final = 3


class Side(NamedTuple):
    """What is compared: a file, a period, or a release."""

    path: str | None = None
    period: tuple[str, str] | None = None
    release: str | None = None


ROW: Final = Change
"""What a row is made of in the formats for machines."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The two sides."""
    parser.add_argument("old", metavar="OLD", help="a file, a period FROM..TO, or release:VERSION")
    parser.add_argument("new", metavar="NEW", help="the same, for what it is compared with")
    parser.add_argument(
        "--by",
        choices=("field", "route"),
        default="field",
        metavar="WHAT",
        help="field, or route: also by the route that it came in by",
    )
    parser.add_argument("--category", metavar="PATTERN", help="only this kind of personal data: 'user.contact.*'")
    parser.add_argument(
        "--fail-on",
        choices=("new", "any"),
        metavar="WHAT",
        help="new or any: exit status 3 where there is such a difference",
    )
    add_confidence(parser)
    add_common(parser, FORMATS)


def run(options: argparse.Namespace) -> int:
    """Compare, and print the differences."""
    old, new = (_flows(parse_side(text), options) for text in (options.old, options.new))
    found = changes(old, new)
    if options.format == "table":
        columns = [
            Column("FLOW", lambda c: cell((c.change, _STYLES[c.change]))),
            Column("FIELD", lambda c: [tag_name(c.source, c.field)], least=14),
            Column("CATEGORY", lambda c: cell((c.category or "", "magenta")), least=10, drop=1),
            Column("GOES TO", lambda c: goes_to(c.goes, c.place, c.via), least=20),
            Column("CHANGED", lambda c: changes_cell(c.changes), least=8),
            Column("WAS", lambda c: changes_cell(c.was or ()), least=8, drop=2),
            Column("TIMES", lambda c: cell(f"{c.times:,}"), right=True),
        ]
        if options.by == "route":
            columns.insert(1, Column("ROUTE", lambda c: cell((c.route or "", "bold")), least=12))
        write_table(found, columns, options)
    else:
        write_data(found, Change, options.format)
    if not found:
        note(f"no difference: {len(new):,} flows in both")
    bad = {"new": {"new", "changed"}, "any": {"new", "changed", "gone"}}.get(options.fail_on, set())
    return _FAILED if any(change.change in bad for change in found) else 0


def parse_side(text: str) -> Side:
    """A file, ``FROM..TO``, or ``release:VERSION``."""
    if text.startswith(_RELEASE):
        return Side(release=text[len(_RELEASE) :])
    start, dots, end = text.partition("..")
    if dots and "/" not in text:
        return Side(period=(start, end))
    return Side(path=text)


def _flows(side: Side, options: argparse.Namespace) -> list[Flow]:
    filters = Filters(min_confidence=options.min_confidence)
    if side.period is not None:
        try:
            since, until = (parse_moment(text) if text else None for text in side.period)
        except ValueError as error:
            raise UsageError(f"{'..'.join(side.period)!r}: each end must be {error}") from None
        filters = filters._replace(since=since, until=until)
    with _record(side, options) as record:
        found = flows(record, filters, by_route=options.by == "route", category=options.category, version=side.release)
        if side.release is not None and not found and not has_release(record, side.release):
            raise RecordError(
                f"no request of release {side.release!r} is recorded: is service.version set for the application"
                " (OTEL_RESOURCE_ATTRIBUTES=service.version=…)?"
            )
    return found


@contextmanager
def _record(side: Side, options: argparse.Namespace) -> Iterator[sqlite3.Connection]:
    where = options if side.path is None else argparse.Namespace(**{**vars(options), "db": side.path})
    with opened(where) as record:
        yield record
