"""Facts of a span → rows of the tables. Pure.

A row is a tuple in the order of the table's columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, Final, NamedTuple

from otel_provenance.attributes import Facts, read_facts

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
    """Rows to insert, by table."""

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
        facts = read_facts(span.attributes)
        request_id = facts.request_id
        request = []
        if facts.request is not None:
            (_, parent, *rest) = facts.request
            duration_ms = (span.ended_at - span.started_at) / 1e6
            request.append(
                (
                    request_id,
                    span.trace_id,
                    span.span_id,
                    parent,
                    span.service,
                    time_text(span.started_at),
                    duration_ms,
                    *rest,
                    span.service_version,
                )
            )
        data = [(t[0], request_id, time_text(t[1]), *t[2:]) for t in facts.tags]
        storage = [(w[0], request_id, time_text(w[1]), *w[2:]) for w in facts.storage]
        share = []
        if facts.share is not None:
            share.append((facts.share[0], request_id, time_text(facts.share[1]), *facts.share[2:]))
        matches = [(*m, None) for m in facts.matches]
        leaves = [(leaf[3], leaf[0], leaf[1], leaf[2]) for leaf in facts.leaves]
        leaves += _changed_values(facts)
        self.requests += request
        self.data_events += data
        self.storage_events += storage
        self.share_events += share
        self.tag_matches += matches
        self.leaves += leaves

    def by_table(self) -> Iterable[tuple[str, list[Row]]]:
        """Table → its rows, for those that have any."""
        return [(name, rows) for name in TABLES if (rows := getattr(self, name))]


def _changed_values(facts: Facts) -> list[Row]:
    """Leaves of the columns whose value is known by no tag's own hash: it was changed before it was stored."""
    changed = {w.event_id: w for w in facts.storage if w.value_hash is not None}
    if not changed:
        return []
    for match in facts.matches:
        if match.kind == "exact" and _SAME_NORMAL_FORM.issuperset(match.transform.split(">")):
            changed.pop(match.event_id, None)
    return [(w.value_hash, w.event_id, "column", w.column_name) for w in changed.values()]


_SAME_NORMAL_FORM: Final = frozenset({"", "trim", "space", "case", "lower", "upper", "title", "nfc", "nfd", "nfkc"})
"""Transforms that leave the normal form, and so the hash, as it is."""

TABLES: Final = ("requests", "data_events", "storage_events", "share_events", "tag_matches", "leaves", "losses")
"""The tables that spans fill."""


def time_text(nanoseconds: int) -> str:
    """Unix nanoseconds as the tables hold times: ISO 8601, UTC, microseconds, ``Z``."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{_second_text(seconds)}.{rest // 1000:06d}Z"


@lru_cache(maxsize=64)
def _second_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
