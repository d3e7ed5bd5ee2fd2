"""The shared calls of every boundary that writes: match what was written, and record it once its outcome is known.

write = record_write(event)          a statement wrote: matched at once, for values and tags may change …
settle([write], "committed")         … and recorded when its transaction's outcome is known

Between the two, a ``Ledger`` (spans/ledger.py) keeps the writes of a connection.
"""

from __future__ import annotations

import datetime
import enum
import json
import time
import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from opentelemetry.context import Context, get_current

from otel_provenance import status
from otel_provenance.attributes import RECORDS_PER_SPAN, storage_attributes
from otel_provenance.events import Expression, StorageEvent
from otel_provenance.guard import guarded
from otel_provenance.matching import Match, MatchResult, TagIndex, match_tags
from otel_provenance.records import LeafRecord, MatchRecord, StorageRecord
from otel_provenance.spans.digests import identifier_digests
from otel_provenance.spans.facts import put_facts
from otel_provenance.spans.runtime import Runtime, runtime, runtime_outside_requests
from otel_provenance.spans.scope import RequestScope, current_scope, is_suppressed, tag_index
from otel_provenance.values import hash_normal, hash_value, normal_form, shown_field

LEAVES_PER_STATEMENT = 1000
"""Of a bulk statement, so many values are kept for links across requests; ``losses`` counts the rest."""


class PendingWrite(NamedTuple):
    """A write whose outcome is not known yet."""

    scope: RequestScope | None
    context: Context
    records: Sequence[StorageRecord]
    matches: Sequence[MatchRecord]
    leaves: Sequence[LeafRecord]
    is_certain: bool = True


@guarded("writes.record")
def record_write(event: StorageEvent) -> PendingWrite | None:
    """Match what a statement wrote; None if nothing records here."""
    if is_suppressed():
        return None
    current = runtime_outside_requests() if current_scope() is None else runtime()
    if current is None:
        return None
    return _Write(event, current).pending()


@guarded("writes.settle")
def settle(writes: Iterable[PendingWrite | None], outcome: str) -> None:
    """The transaction of these writes has ended: ``committed``, ``rolled_back`` or ``unknown``."""
    current = runtime()
    if current is None:
        return
    by_origin: dict[int, list[PendingWrite]] = {}
    for write in writes:
        if write is not None:
            by_origin.setdefault(id(write.scope), []).append(write)
    for group in by_origin.values():
        records = [
            record._replace(outcome=outcome if write.is_certain or outcome != "committed" else "unknown")
            for write in group
            for record in write.records
        ]
        matches = [match for write in group for match in write.matches]
        leaves = [leaf for write in group for leaf in write.leaves]
        _emit(current, group[0], records, matches, leaves)


def _emit(
    current: Runtime,
    first: PendingWrite,
    records: Sequence[StorageRecord],
    matches: Sequence[MatchRecord],
    leaves: Sequence[LeafRecord],
) -> None:
    request_id = None if first.scope is None else first.scope.request_id
    longest = max(len(records), len(matches), len(leaves))
    for at in range(0, longest, RECORDS_PER_SPAN):
        here = slice(at, at + RECORDS_PER_SPAN)
        span = current.start_span("provenance.write", first.context)
        put_facts(span, storage_attributes(request_id, records[here], matches[here], leaves[here]))
        span.end()


# what can be looked at without running the application's own code: nothing is loaded lazily by our looking
_PLAIN: frozenset[type] = frozenset(
    {str, int, float, bool, bytes, bytearray, memoryview, Decimal, uuid.UUID, dict, list, tuple}
    | {datetime.date, datetime.datetime, datetime.time, datetime.timedelta}
)


def _is_plain(value: Any) -> bool:
    return type(value) in _PLAIN or isinstance(value, (*_PLAIN, enum.Enum))


class _Write:
    """One statement's write while it is matched."""

    def __init__(self, event: StorageEvent, current: Runtime) -> None:
        self._event = event
        self._salt = current.salt
        self._limit = current.settings.body_limit
        self._scope = current_scope()
        self._ids = current.process_ids if self._scope is None else self._scope.ids
        self._index: TagIndex = tag_index(self._scope)
        self._now = time.time_ns()
        self._records: list[StorageRecord] = []
        self._matches: list[MatchRecord] = []
        self._leaves: list[tuple[int, str, str]] = []
        """(index of the row, field, normal form)"""
        self._digests: list[LeafRecord] = []
        self._room = LEAVES_PER_STATEMENT
        self._inspected = event.inspected

    def pending(self) -> PendingWrite:
        """Match row by row; what no row's record says, one record for the statement does."""
        event = self._event
        rows, keys = event.rows, event.keys
        units = len(rows) or len(keys)
        total = units if event.row_count is None else event.row_count
        each = total if units == 1 else 1 if keys or event.operation == "insert" else -1
        # an overwritten or deleted row is told by its key: what was stored there before is known to be gone
        is_told = event.operation != "insert" or units == 1
        told: dict[int, str] = {}
        for at in range(units):
            event_id = self._row(at, rows[at], each) if rows else None
            if event_id is None and is_told and at < len(keys) and keys[at] is not None:
                event_id = self._record(None, None, self._inspected, each, self._key_text(at))
            if event_id is not None:
                told[at] = event_id
        rest = total - each * len(told) if total < 0 or each > 0 else 0 if told else total
        statement_id = self._record(None, None, self._inspected, rest, None) if rest or not told else ""
        leaves = [
            LeafRecord(told.get(at, statement_id), "column", shown_field(field), hash_normal(normal, self._salt))
            for at, field, normal in self._leaves
        ]
        leaves += self._digests
        return PendingWrite(self._scope, get_current(), self._records, self._matches, leaves, event.is_certain)

    def _row(self, at: int, row: Sequence[Any], row_count: int) -> str | None:
        """Match one row's values; the id of its first record, if anything matched."""
        first: str | None = None
        key: str | None = None
        plain: list[tuple[str, Any]] = []
        for column, value in zip(self._event.columns, row, strict=True):
            if value is None:
                continue
            if type(value) in _PLAIN or _is_plain(value):
                plain.append((column, value))
                continue
            self._inspected = "partial"
            if type(value) is Expression:
                first = first or self._expression(at, column, value, row_count)
        for (column, value), found in zip(plain, self._matched(plain), strict=True):
            if found.inspected != "full":
                self._inspected = "partial"
            if found:
                key = key or self._key_text(at)
                event_id = self._record(column, self._hash_of(value), found.inspected, row_count, key)
                self._match(event_id, found.matches)
                self._digests += [
                    LeafRecord(event_id, transform, shown_field(column), hash_normal(digest, self._salt))
                    for transform, digest in identifier_digests(value)
                ]
                first = first or event_id
            elif found.leaves and self._room > 0:
                self._leaves += [(at, leaf.field, leaf.normal) for leaf in found.leaves]
                self._room -= len(found.leaves)
                if self._room <= 0:
                    status.count_loss("leaf_limit", "storage")
        return first

    def _matched(self, row: Sequence[tuple[str, Any]]) -> Sequence[MatchResult]:
        index, limit, with_leaves = self._index, self._limit, self._room > 0
        if len(self._event.rows) == 1:
            return index.match_row(row, with_leaves=with_leaves, limit=limit)
        # of many rows, the same few values again and again: each is looked into once
        return [index.match_value(column, value, with_leaves=with_leaves, limit=limit) for column, value in row]

    def _expression(self, at: int, column: str, expression: Expression, row_count: int) -> str | None:
        """The database computes the value: what was stored is not known, but of what it was made."""
        found = [
            match
            for value in expression.values
            if value is not None and _is_plain(value)
            for match in match_tags(value, self._index, field=column, limit=self._limit)
        ]
        if not found:
            return None
        event_id = self._record(column, None, "partial", row_count, self._key_text(at))
        self._match(event_id, found)
        return event_id

    def _match(self, event_id: str, found: Iterable[Match]) -> None:
        self._matches += [
            MatchRecord(event_id, m.tag_id, "column", shown_field(m.field), m.kind, m.transform, m.confidence)
            for m in found
        ]

    def _key_text(self, at: int) -> str | None:
        event = self._event
        key = event.keys[at] if at < len(event.keys) else None
        return None if key is None else key_text(event.key_columns, key)

    def _hash_of(self, value: Any) -> str:
        if type(value) is str and self._scope is not None:
            return self._scope.tags.hash_of(value)
        return hash_value(_hashable(value), self._salt)

    def _record(
        self, column: str | None, value_hash: str | None, inspected: str, row_count: int, key: str | None
    ) -> str:
        event = self._event
        event_id = self._ids.new("w")
        self._records.append(
            StorageRecord(
                event_id,
                self._now,
                event.operation,
                event.db_system,
                event.db_name,
                event.table_name,
                column,
                key,
                event.model,
                value_hash,
                row_count,
                "unknown",
                inspected,
            )
        )
        return event_id


def _hashable(value: Any) -> Any:
    return json.dumps(value, default=normal_form) if isinstance(value, (dict, list, tuple)) else value


def key_text(columns: Sequence[str], key: Sequence[Any]) -> str:
    """A row's primary key as the record holds it: ``{"id": 7}``, columns in the table's order."""
    return json.dumps(dict(zip(columns, key, strict=True)), default=str, ensure_ascii=False)
