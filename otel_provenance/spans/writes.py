"""The shared calls of every boundary that writes: match what was written, and record it once its outcome is known.

write = record_write(event)          a statement wrote: matched at once, for values and tags may change …
settle([write], "committed")         … and recorded when its transaction's outcome is known

Between the two, a ``Ledger`` (spans/ledger.py) keeps the writes of a connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from otel_provenance.attributes import RECORDS_PER_SPAN, storage_attributes
from otel_provenance.events import StorageEvent
from otel_provenance.guard import guarded
from otel_provenance.records import LeafRecord, MatchRecord, StorageRecord
from otel_provenance.spans.facts import put_facts
from otel_provenance.spans.runtime import Runtime, runtime, runtime_outside_requests
from otel_provenance.spans.scope import is_suppressed, scope_in
from otel_provenance.spans.trace_context import here
from otel_provenance.spans.written_rows import PendingWrite, WrittenRows


@guarded("writes.record")
def record_write(event: StorageEvent) -> PendingWrite | None:
    """Match what a statement wrote; None if nothing records here."""
    context = here()
    if is_suppressed(context):
        return None
    scope = scope_in(context)
    current = runtime_outside_requests() if scope is None else runtime()
    if current is None:
        return None
    return WrittenRows(event, current, scope, context).pending()


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
        records: list[StorageRecord] = []
        matches: list[MatchRecord] = []
        leaves: list[LeafRecord] = []
        for write in group:
            records += write.records(outcome)
            matches += write.matches
            leaves += write.leaves
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
        some = slice(at, at + RECORDS_PER_SPAN)
        span = current.start_span("provenance.write", first.context)
        put_facts(span, storage_attributes(request_id, records[some], matches[some], leaves[some]))
        span.end()
