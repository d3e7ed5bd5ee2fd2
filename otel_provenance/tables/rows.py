"""Facts of a span → rows of the tables. Pure.

A row is a tuple in the order of the table's columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, Final, NamedTuple

from otel_provenance.attributes import Columns, read_columns
from otel_provenance.records import MatchRecord, RequestRecord, StorageRecord

Row = tuple[Any, ...]


class SpanFacts(NamedTuple):
    """What of a span is recorded; of primitives only, for it travels through the spool."""

    process_id: str
    service: str | None
    trace_id: str | None
    span_id: str | None
    started_at: int
    """Unix nanoseconds."""
    ended_at: int
    attributes: dict[str, Any]
    service_version: str | None = None


class Rows:
    """Rows to insert, by table; a missing text may be ``""``, and ``via_event_id`` left out."""

    __slots__ = ("data_events", "leaves", "losses", "requests", "share_events", "storage_events", "tag_matches")

    def __init__(self) -> None:
        self.requests: list[Row] = []
        self.data_events: list[Row] = []
        self.storage_events: list[Row] = []
        self.share_events: list[Row] = []
        self.tag_matches: list[Row] = []
        self.leaves: list[Row] = []
        self.losses: list[Row] = []

    def add(self, span: SpanFacts) -> None:
        """Add what one span says; all of it, or, where it raises, nothing."""
        facts = read_columns(span.attributes)
        request_id = facts.request_id
        requests = [] if facts.request is None else [_request_row(span, facts.request)]
        data = _event_rows(request_id, facts.tags)
        storage = _event_rows(request_id, facts.storage)
        shares = []
        if facts.share is not None:
            shares.append((facts.share[0], request_id, time_text(facts.share[1]), *facts.share[2:]))
        matches = _zipped(facts.matches)
        leaves = _changed_values(facts)
        if facts.leaves:
            event_ids, locations, fields, hashes = facts.leaves
            leaves += _zipped([hashes, event_ids, locations, fields])
        self.requests += requests
        self.data_events += data
        self.storage_events += storage
        self.share_events += shares
        self.tag_matches += matches
        self.leaves += leaves

    def by_table(self) -> Iterable[tuple[str, list[Row]]]:
        """Table → its rows, for those that have any."""
        return [(name, rows) for name in TABLES if (rows := getattr(self, name))]


def _request_row(span: SpanFacts, request: RequestRecord) -> Row:
    return (
        request[0],
        span.trace_id,
        span.span_id,
        request[1],
        span.service,
        time_text(span.started_at),
        (span.ended_at - span.started_at) / 1e6,
        *request[2:],
        span.service_version,
    )


def _event_rows(request_id: str | None, columns: Sequence[Sequence[Any]]) -> list[Row]:
    """Rows that begin with an id, their request and a time."""
    if not columns:
        return []
    ids, times, *others = columns
    return _zipped([ids, (request_id,) * len(ids), list(map(time_text, times)), *others])


def _zipped(columns: Sequence[Sequence[Any]]) -> list[Row]:
    return list(zip(*columns, strict=True))


def _changed_values(facts: Columns) -> list[Row]:
    """Leaves of the columns whose value is known by no tag's own hash: it was changed before it was stored."""
    if not facts.storage:
        return []
    record: Any = StorageRecord._make(facts.storage)  # of columns, not of values
    changed = {
        event_id: (value_hash, event_id, "column", column)
        for event_id, value_hash, column in zip(record.event_id, record.value_hash, record.column_name, strict=True)
        if value_hash
    }
    if facts.matches:
        match: Any = MatchRecord._make(facts.matches)
        for event_id, kind, transform in zip(match.event_id, match.kind, match.transform, strict=True):
            if kind == "exact" and (not transform or _SAME_NORMAL_FORM.issuperset(transform.split(">"))):
                changed.pop(event_id, None)
    return list(changed.values())


_SAME_NORMAL_FORM: Final = frozenset({"trim", "space", "case", "lower", "upper", "title", "nfc", "nfd", "nfkc"})
"""Transforms that leave the normal form, and so the hash, as it is."""

DIGEST: Final = "hex>"
"""So begins the location of a leaf that is not in the event, but a digest of what it stored."""

TABLES: Final = ("requests", "data_events", "storage_events", "share_events", "tag_matches", "leaves", "losses")
"""The tables that spans fill."""


@lru_cache(maxsize=256)
def time_text(nanoseconds: int) -> str:
    """Unix nanoseconds as the tables hold times: ISO 8601, UTC, microseconds, ``Z``."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{_second_text(seconds)}.{rest // 1000:06d}Z"


@lru_cache(maxsize=64)
def _second_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
