"""What one statement wrote, matched: rows → records, matches and leaves.

A few rows are matched one by one; of many, the values of each column together.
"""

from __future__ import annotations

import datetime
import enum
import json
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from opentelemetry.context import Context

from otel_provenance import status
from otel_provenance.events import Expression, StorageEvent
from otel_provenance.matching import Leaf, MatchResult, TagIndex, match_tags
from otel_provenance.records import LeafRecord, MatchRecord, StorageRecord
from otel_provenance.spans.digests import identifier_digests
from otel_provenance.spans.runtime import Runtime
from otel_provenance.spans.scope import RequestScope, tag_index
from otel_provenance.values import hash_normal, hash_value, normal_form, recorded_key, shown_field

LEAVES_PER_STATEMENT = 128
"""Of a bulk statement, so many values are kept for links across requests; ``losses`` tells if there were more."""
KEYS_PER_STATEMENT = 1000
"""Of an UPDATE, so many rows without a match are told by their keys; the rest is one record."""
MANY_ROWS = 16
"""Rows of a statement from which on they are matched together."""
_CHUNK = 4096
"""Rows that are matched together."""

Found = tuple[str, Any, MatchResult]
"""(column, value, what was found in it)"""


Written = tuple[str, "str | None", "str | None", "str | None", int, str]
"""(event id, column, row's key, value's hash, number of rows, inspected): of a record, what is its own."""
_new: Any = tuple.__new__
"""Of a named tuple without the Python function that its class has for it."""


class PendingWrite(NamedTuple):
    """A write whose outcome is not known yet."""

    scope: RequestScope | None
    context: Context
    of: tuple[int, str, str, str | None, str, str | None]
    """What its records have in common: when it was, operation, database system and name, table, model."""
    written: Sequence[Written]
    matches: Sequence[MatchRecord]
    leaves: Sequence[LeafRecord]
    is_certain: bool = True
    unsure: frozenset[str] = frozenset()
    """Columns that may not have been written; as ``StorageEvent`` says."""

    def records(self, outcome: str) -> list[StorageRecord]:
        """Its records, with the outcome of its transaction."""
        at, operation, system, database, table, model = self.of
        told = outcome if self.is_certain or outcome != "committed" else "unknown"
        unsure = self.unsure if told == "committed" else ()
        records: list[StorageRecord] = []
        for event_id, column, key, hashed, count, inspected in self.written:
            end = "unknown" if column in unsure else told
            row = (event_id, at, operation, system, database, table, column, key, model, hashed, count, end, inspected)
            records.append(_new(StorageRecord, row))
        return records


# what can be looked at without running the application's own code: nothing is loaded lazily by our looking
_PLAIN: frozenset[type] = frozenset(
    {str, int, float, bool, bytes, bytearray, memoryview, Decimal, uuid.UUID, dict, list, tuple}
    | {datetime.date, datetime.datetime, datetime.time, datetime.timedelta}
)
_SCALARS = _PLAIN - {dict, list, tuple} | {type(None)}


def _is_plain(value: Any) -> bool:
    return type(value) in _PLAIN or isinstance(value, (*_PLAIN, enum.Enum))


class WrittenRows:
    """One statement's write while it is matched."""

    def __init__(self, event: StorageEvent, current: Runtime, scope: RequestScope | None, context: Context) -> None:
        self._event = event
        self._salt = current.salt
        self._limit = current.settings.body_limit
        self._scope = scope
        self._context = context
        ids = current.process_ids.current() if scope is None else scope.ids
        self._begin, self._number = ids.prefix + ".w", ids.next
        self._index: TagIndex = tag_index(scope)
        self._written: list[Written] = []
        self._matches: list[MatchRecord] = []
        self._leaves: list[tuple[int, str, str]] = []
        """(index of the row, field, normal form)"""
        self._digests: list[LeafRecord] = []
        self._room = LEAVES_PER_STATEMENT
        self._inspected = event.inspected

    def pending(self) -> PendingWrite:
        """Match row by row; what no row's record says, one record for the statement does."""
        event = self._event
        now = time.time_ns()
        rows, keys = event.rows, event.keys
        units = len(rows) or len(keys)
        total = units if event.row_count is None else event.row_count
        each = total if units == 1 else 1 if keys or event.operation == "insert" else -1
        told = self._told_rows(each)
        # an overwritten or deleted row is told by its key: what was stored there before is known to be gone
        if len(told) < units and (event.operation != "insert" or units == 1):
            unmatched = [at for at in range(units) if at not in told and self._has_key(at)]
            for at in unmatched if event.operation == "delete" else unmatched[:KEYS_PER_STATEMENT]:
                told[at] = self._record(each, self._key_text(at))
        rest = total - each * len(told) if total >= 0 and each > 0 else 0 if told else total
        statement_id = self._record(rest, None) if rest or not told else ""
        leaves = self._digests
        if self._leaves:
            salt = self._salt
            leaves = [
                LeafRecord(told.get(at, statement_id), "column", shown_field(field), hash_normal(normal, salt))
                for at, field, normal in self._leaves
            ] + leaves
        of = (now, event.operation, event.db_system, event.db_name, event.table_name, event.model)
        matches = self._matches
        return PendingWrite(
            self._scope, self._context, of, self._written, matches, leaves, event.is_certain, event.unsure
        )

    def _told_rows(self, each: int) -> dict[int, str]:
        """Place of a row → the id of its first record, of the rows that have any match."""
        rows = self._event.rows
        if len(rows) == 1:
            event_id = self._told(0, self._row(rows[0], 0, each), each)
            return {} if event_id is None else {0: event_id}
        if len(rows) < MANY_ROWS:
            found = [(at, self._told(at, self._row(row, at, each), each)) for at, row in enumerate(rows)]
            return {at: event_id for at, event_id in found if event_id is not None}
        told: dict[int, str] = {}
        for start in range(0, len(rows), _CHUNK):
            told |= self._told_together(start, rows[start : start + _CHUNK], each)
        return told

    def _told_together(self, start: int, rows: Sequence[Sequence[Any]], each: int) -> dict[int, str]:
        """As ``_told_rows``, column by column: what costs least where few rows match."""
        found: dict[int, list[Found]] = {}
        for column, values in zip(self._event.columns, zip(*rows, strict=True), strict=True):
            if set(map(type, values)) <= _SCALARS:
                matched = self._index.match_column(column, values, limit=self._limit)
            else:
                matched = self._one_by_one(start, column, values)
            for at, result in matched:
                found.setdefault(at, []).append((column, values[at], result))
        self._gather_leaves(start, rows, found)
        told = {start + at: self._told(start + at, found[at], each) for at in sorted(found)}
        return {at: event_id for at, event_id in told.items() if event_id is not None}

    def _gather_leaves(self, start: int, rows: Sequence[Sequence[Any]], found: Mapping[int, list[Found]]) -> None:
        """What is specific in the first rows, and has no match."""
        for at, row in enumerate(rows):
            matched = {column for column, _, _ in found.get(at, ())}
            for column, value in zip(self._event.columns, row, strict=True):
                if self._room <= 0:
                    return
                if column not in matched and type(value) in _SCALARS:
                    leaf = self._index.leaf_of(column, value)
                    if leaf is not None:
                        self._leaf(start + at, leaf)

    def _leaf(self, at: int, leaf: Leaf) -> None:
        if self._event.unsure and not self._event.unsure.isdisjoint((leaf.field, leaf.field.partition(".")[0])):
            return  # the row's record, which the leaf would belong to, says what was written
        self._leaves.append((at, leaf.field, leaf.normal))
        self._room -= 1
        if self._room == 0:
            status.count_loss("leaf_limit", "storage")

    def _one_by_one(self, start: int, column: str, values: Sequence[Any]) -> Iterator[tuple[int, MatchResult]]:
        for at, value in enumerate(values):
            for _, _, result in self._row([value], start + at, 1, (column,)):
                yield at, result

    def _row(self, row: Sequence[Any], at: int, each: int, columns: Sequence[str] | None = None) -> Iterable[Found]:
        """Match one row's values."""
        plain: list[tuple[str, Any]] = []
        other: list[Found] = []
        for column, value in zip(self._event.columns if columns is None else columns, row, strict=True):
            if value is None:
                continue
            if type(value) in _PLAIN or _is_plain(value):
                plain.append((column, value))
                continue
            sent = self._as_sent(at, column)
            if sent is not None and type(value) is not Expression:
                plain.append((column, sent))
                continue
            self._inspected = "partial"
            if type(value) is Expression:
                other.append((column, value, self._expression(column, value)))
        matched = [(column, value, found) for (column, value), found in zip(plain, self._matched(plain), strict=True)]
        return matched + other if other else matched

    def _as_sent(self, at: int, column: str) -> Any:
        """The value that the driver got, where it is one that can be looked at."""
        sent = None if self._event.as_sent is None else self._event.as_sent(at, column)
        return sent if _is_plain(sent) else None

    def _told(self, at: int, row: Iterable[Found], row_count: int) -> str | None:
        """Record what was found in one row; the id of its first record, if anything matched."""
        first: str | None = None
        key: str | None = None
        written, matches, begin, number = self._written, self._matches, self._begin, self._number
        hashes: Mapping[str, str] = {} if self._scope is None else self._scope.tags.hashes
        for column, value, found in row:
            if found.inspected != "full":
                self._inspected = "partial"
            if found.matches:
                if first is None:
                    key = self._key_text(at)
                is_known = type(value) is not Expression
                value_hash = hashes.get(value) if type(value) is str else None
                if value_hash is None and is_known:
                    value_hash = hash_value(_hashable(value), self._salt)
                event_id = f"{begin}{number()}"
                written.append((event_id, column, key, value_hash, row_count, found.inspected))
                for tag_id, field, kind, transform, confidence in found.matches:
                    match = (event_id, tag_id, "column", shown_field(field), kind, transform, confidence)
                    matches.append(_new(MatchRecord, match))
                if is_known and isinstance(value, str) and ("@" in value or value[:1] == "+"):
                    self._digest(event_id, column, value)
                first = first or event_id
            elif found.leaves and self._room > 0:
                for leaf in found.leaves:
                    self._leaf(at, leaf)
        return first

    def _digest(self, event_id: str, column: str, value: str) -> None:
        for transform, digest in identifier_digests(value):
            leaf = (event_id, transform, shown_field(column), hash_normal(digest, self._salt))
            self._digests.append(_new(LeafRecord, leaf))

    def _matched(self, row: Sequence[tuple[str, Any]]) -> Sequence[MatchResult]:
        index, limit, with_leaves = self._index, self._limit, self._room > 0
        if len(self._event.rows) == 1:
            return index.match_row(row, with_leaves=with_leaves, limit=limit)
        # of many rows, the same few values again and again: each is looked into once
        return [index.match_value(column, value, with_leaves=with_leaves, limit=limit) for column, value in row]

    def _expression(self, column: str, expression: Expression) -> MatchResult:
        """The database computes the value: what was stored is not known, but of what it was made."""
        found = [
            match
            for value in expression.values
            if value is not None and _is_plain(value)
            for match in match_tags(value, self._index, field=column, limit=self._limit)
        ]
        return MatchResult(tuple(found), "partial")

    def _has_key(self, at: int) -> bool:
        return at < len(self._event.keys) and self._event.keys[at] is not None

    def _key_text(self, at: int) -> str | None:
        event = self._event
        key = event.keys[at] if at < len(event.keys) else None
        if key is None:
            return None
        if len(key) != 1 or type(key[0]) is not int:
            key = [recorded_key(part, self._salt) for part in key]
        return key_text(event.key_columns, key)

    def _record(self, row_count: int, key: str | None) -> str:
        """A record of a whole row, or of a whole statement."""
        event_id = f"{self._begin}{self._number()}"
        self._written.append((event_id, None, key, None, row_count, self._inspected))
        return event_id


def _hashable(value: Any) -> Any:
    return json.dumps(value, default=normal_form) if isinstance(value, (dict, list, tuple)) else value


_KEY = json.JSONEncoder(default=str, ensure_ascii=False)  # json.dumps makes one each time


def key_text(columns: Sequence[str], key: Sequence[Any]) -> str:
    """A row's primary key as the record holds it: ``{"id": 7}``, columns in the table's order."""
    if len(key) == 1 and type(key[0]) is int and columns[0].isidentifier():  # as JSON has it, at a tenth of the cost
        return f'{{"{columns[0]}": {key[0]}}}'
    return _KEY.encode(dict(zip(columns, key, strict=True)))
