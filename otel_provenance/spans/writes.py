"""The shared calls of every boundary that writes: match a row, and record it once its outcome is known.

write = record_write(event)          a row was written: matched at once, for its values may change …
settle([write], "committed")         … and recorded when its transaction's outcome is known
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from opentelemetry.context import Context, get_current

from otel_provenance.attributes import RECORDS_PER_SPAN, storage_attributes
from otel_provenance.events import StorageEvent
from otel_provenance.guard import guarded
from otel_provenance.matching import MatchResult, match_tags
from otel_provenance.records import LeafRecord, MatchRecord, StorageRecord
from otel_provenance.spans.runtime import Runtime, runtime
from otel_provenance.spans.scope import RequestScope, current_scope, is_suppressed, tag_index
from otel_provenance.values import hash_normal, hash_value, normal_form


class PendingWrite(NamedTuple):
    """A write whose outcome is not known yet."""

    scope: RequestScope | None
    context: Context
    records: tuple[StorageRecord, ...]
    matches: tuple[MatchRecord, ...]
    leaves: tuple[LeafRecord, ...]


@guarded("writes.record")
def record_write(event: StorageEvent) -> PendingWrite | None:
    """Match one written row, now, for its values and the tags may change; None if nothing records here."""
    if is_suppressed():
        return None
    current = runtime()
    if current is None:
        return None
    scope = current_scope()
    now = time.time_ns()
    ids = current.process_ids if scope is None else scope.ids
    index = tag_index(scope)
    records: list[StorageRecord] = []
    matches: list[MatchRecord] = []
    leaves: list[LeafRecord] = []
    key = _key_text(event.primary_key)
    inspected = event.inspected

    def record(column: str | None, value_hash: str | None, looked: str, rows: int) -> str:
        event_id = ids.new("w")
        records.append(
            StorageRecord(
                event_id,
                now,
                event.operation,
                event.db_system,
                event.db_name,
                event.table_name,
                column,
                key,
                event.model,
                value_hash,
                rows,
                "unknown",
                looked,
            )
        )
        return event_id

    unmatched: list[tuple[str, MatchResult]] = []
    for column, value in event.values:
        if value is None:
            continue
        found = match_tags(value, index, field=column, limit=current.settings.body_limit, with_leaves=True)
        if found.inspected != "full":
            inspected = "partial"
        if found:
            event_id = record(column, hash_value(_hashable(value), current.salt), found.inspected, 1)
            matches += [
                MatchRecord(event_id, m.tag_id, "column", m.field, m.kind, m.transform, m.confidence) for m in found
            ]
        else:
            unmatched.append((column, found))
    event_id = records[0].event_id if records else record(None, None, inspected, event.row_count)
    for _, found in unmatched:
        leaves += [
            LeafRecord(event_id, "column", leaf.field, hash_normal(leaf.normal, current.salt)) for leaf in found.leaves
        ]
    return PendingWrite(scope, get_current(), tuple(records), tuple(matches), tuple(leaves))


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
        records = [r._replace(outcome=outcome) for w in group for r in w.records]
        matches = [m for w in group for m in w.matches]
        leaves = [leaf for w in group for leaf in w.leaves]
        _emit_storage(current, group[0], records, matches, leaves)


def _emit_storage(
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
        span = current.tracer.start_span(
            "provenance.write",
            first.context,
            attributes=storage_attributes(request_id, records[here], matches[here], leaves[here]),
        )
        span.end()


def _hashable(value: Any) -> Any:
    return json.dumps(value, default=normal_form) if isinstance(value, (dict, list, tuple)) else value


def _key_text(key: Any) -> str | None:
    return json.dumps(dict(key), default=str) if key else None
