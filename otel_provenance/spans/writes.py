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
from otel_provenance.spans.scope import current_scope, is_suppressed
from otel_provenance.spans.written_rows import PendingWrite, WrittenRows

_OUTCOME = StorageRecord._fields.index("outcome")


@guarded("writes.record")
def record_write(event: StorageEvent) -> PendingWrite | None:
    """Match what a statement wrote; None if nothing records here."""
    if is_suppressed():
        return None
    current = runtime_outside_requests() if current_scope() is None else runtime()
    if current is None:
        return None
    return WrittenRows(event, current).pending()


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
        records = [record for write in group for record in _told(write, outcome)]
        matches = [match for write in group for match in write.matches]
        leaves = [leaf for write in group for leaf in write.leaves]
        _emit(current, group[0], records, matches, leaves)


def _told(write: PendingWrite, outcome: str) -> list[StorageRecord]:
    """A write's records, with their outcome."""
    told = outcome if write.is_certain or outcome != "committed" else "unknown"
    # _replace() takes twice as long
    records = [StorageRecord._make((*record[:_OUTCOME], told, *record[_OUTCOME + 1 :])) for record in write.records]
    if write.unsure and told == "committed":
        return [r._replace(outcome="unknown") if r.column_name in write.unsure else r for r in records]
    return records


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
