"""Options that commands share, and what they mean to the reports."""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Callable
from typing import Any, Final

from otel_provenance.reports.filters import Filters
from otel_provenance.reports.ids import whole_request_id
from otel_provenance.reports.moments import parse_moment

FORMATS: Final = ("table", "json", "jsonl", "csv")
DEFAULT_LIMIT: Final = 20


class UsageError(Exception):
    """The command was used wrongly: what is wrong, in a line."""


def add_common(parser: argparse.ArgumentParser, formats: tuple[str, ...] = FORMATS) -> None:
    """The options of every command."""
    parser.add_argument(
        "--db", metavar="PATH", help="the record (default: PROVENANCE_DB_PATH, else runtime_provenance.db)"
    )
    if formats:
        parser.add_argument(
            "--format",
            choices=formats,
            default=formats[0],
            metavar="FORMAT",
            help=f"{', '.join(formats)} (default: {formats[0]})",
        )
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        metavar="WHEN",
        help="colours: on a terminal, always or never (default: auto; NO_COLOR is honoured)",
    )


def add_confidence(parser: argparse.ArgumentParser) -> None:
    """How sure a match must be to be shown."""
    parser.add_argument(
        "--min-confidence",
        type=reads(confidence),
        default=0.5,
        metavar="C",
        help="show matches from this confidence on, 0 to 1 (default: 0.5, as likely as not)",
    )


def add_period(parser: argparse.ArgumentParser) -> None:
    """From when to when."""
    parser.add_argument(
        "--since", type=reads(parse_moment), metavar="TIME", help="from an age (1h, 7d) or a time (2026-11-24T06:30Z)"
    )
    parser.add_argument("--until", type=reads(parse_moment), metavar="TIME", help="before an age or a time")


def add_filters(parser: argparse.ArgumentParser) -> None:
    """What a list is narrowed to."""
    narrow = parser.add_argument_group("narrow the list (patterns: * ? [..])")
    add_period(narrow)  # type: ignore[arg-type]
    narrow.add_argument("--request-id", metavar="ID", help="of this request; the beginning of its id is enough")
    narrow.add_argument("--method", metavar="PATTERN", help="of requests with this method")
    narrow.add_argument("--path", metavar="PATTERN", help="of requests with this path or route: '/users/*'")
    narrow.add_argument("--user", metavar="PATTERN", help="of requests by this signed-in user")
    narrow.add_argument("--table", metavar="PATTERN", help="with data that was written here: users, users.email")
    narrow.add_argument("--host", metavar="PATTERN", help="with data that was sent here: '*.example.org', smtp")
    narrow.add_argument("--field", metavar="PATTERN", help="with this field: email, form.email, 'user.*'")
    parser.add_argument(
        "--limit",
        type=reads(limit),
        metavar="N",
        help=f"at most this many rows; 0 for all (default: {DEFAULT_LIMIT}; all where --request-id is given)",
    )
    add_confidence(parser)


def filters_of(options: argparse.Namespace, connection: sqlite3.Connection) -> Filters:
    """The filters that the options ask for."""
    request_id = None if options.request_id is None else whole_request_id(connection, options.request_id)
    most: int | None = options.limit
    if most is None and request_id is None:
        most = DEFAULT_LIMIT
    return Filters(
        since=options.since,
        until=options.until,
        request_id=request_id,
        method=options.method,
        path=options.path,
        user=options.user,
        table=options.table,
        host=options.host,
        field=options.field,
        limit=most or None,
        min_confidence=options.min_confidence,
    )


def reads(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """An argparse type: the ValueError of ``parse`` says what is accepted, and becomes part of the line."""

    def read(text: str) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text[:80]!r} is not {error}") from None

    return read


def limit(text: str) -> int:
    """A number of rows; 0 means all."""
    from otel_provenance.settings import parse_count

    return parse_count(text)


def confidence(text: str) -> float:
    """From 0 to 1."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise ValueError("a number from 0 to 1")
    return number
