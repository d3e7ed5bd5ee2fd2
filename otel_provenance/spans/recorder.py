"""The calls that all boundaries share: match, hash, name the span, and end it.

write = record_write(event)          a row was written: matched at once …
settle([write], "committed")         … and recorded when its transaction's outcome is known

call = begin_call("http", "requests", "POST")
with the context of `call` attached: the host's own call
end_call(call, ShareEvent(...))
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from opentelemetry.context import (
    _SUPPRESS_HTTP_INSTRUMENTATION_KEY,
    _SUPPRESS_INSTRUMENTATION_KEY,
    Context,
    get_current,
    get_value,
    set_value,
)
from opentelemetry.trace import Span, SpanKind, set_span_in_context
from opentelemetry.trace.status import Status, StatusCode

from otel_provenance.attributes import share_attributes, storage_attributes
from otel_provenance.events import ShareEvent, StorageEvent
from otel_provenance.guard import guarded
from otel_provenance.matching import MatchResult, TagIndex, match_tags
from otel_provenance.records import LeafRecord, MatchRecord, ShareRecord, StorageRecord
from otel_provenance.spans.runtime import Runtime, runtime
from otel_provenance.spans.scope import RequestScope, current_scope
from otel_provenance.spans.urls import shown_url
from otel_provenance.values import hash_bytes, hash_normal, hash_value, normal_form, redact_structured

_RECORDS_PER_SPAN = 1000
"""Longer lists are split over several spans."""
_NO_TAGS = TagIndex(())


class PendingWrite(NamedTuple):
    """A write whose outcome is not known yet."""

    scope: RequestScope | None
    context: Context
    records: tuple[StorageRecord, ...]
    matches: tuple[MatchRecord, ...]
    leaves: tuple[LeafRecord, ...]


class Call(NamedTuple):
    """An outgoing call under way."""

    scope: RequestScope | None
    event_id: str
    span: Span
    context: Context
    """What the host's own call runs in: the span, and the suppression of nested instrumentation."""
    started_at: int


def is_suppressed() -> bool:
    """Whether someone (our store, an OTLP exporter) said that nothing is to be instrumented here."""
    return bool(get_value(_SUPPRESS_INSTRUMENTATION_KEY) or get_value("suppress_instrumentation"))


@guarded("recorder.write")
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
    index = _index(scope)
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
    if not records:
        event_id = record(None, None, inspected, event.row_count)
    else:
        event_id = records[0].event_id
    for _, found in unmatched:
        leaves += [
            LeafRecord(event_id, "column", leaf.field, hash_normal(leaf.normal, current.salt)) for leaf in found.leaves
        ]
    return PendingWrite(scope, get_current(), tuple(records), tuple(matches), tuple(leaves))


@guarded("recorder.settle")
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
    for at in range(0, longest, _RECORDS_PER_SPAN):
        here = slice(at, at + _RECORDS_PER_SPAN)
        span = current.tracer.start_span(
            "provenance.write",
            first.context,
            attributes=storage_attributes(request_id, records[here], matches[here], leaves[here]),
        )
        span.end()


@guarded("recorder.begin_call")
def begin_call(
    channel: str, library: str, name: str, *, nested: bool = False, kind: SpanKind = SpanKind.CLIENT
) -> Call | None:
    """An outgoing call begins: a span for it, and the context to make it in.

    None where nothing records here, or where the call is made inside another recorded one of the same
    channel (``requests`` calls ``urllib3``), unless ``nested`` says that this one counts by itself.
    """
    if is_suppressed():
        return None
    within = _WITHIN.get(channel) or f"provenance.within.{channel}"
    if not nested and get_value(within):
        return None
    current = runtime()
    if current is None:
        return None
    scope = current_scope()
    span = current.tracer.start_span(name, kind=kind)
    context = set_value(within, True, set_span_in_context(span))
    ids = current.process_ids if scope is None else scope.ids
    return Call(scope, ids.new("s"), span, context, time.time_ns())


# for HTTP, OpenTelemetry's own key: its instrumentors of the libraries below stand down too
_WITHIN = {"http": _SUPPRESS_HTTP_INSTRUMENTATION_KEY}


@guarded("recorder.end_call")
def end_call(call: Call | None, event: ShareEvent) -> None:
    """The call is over (or failed): match what went out, and record it."""
    if call is None:
        return
    current = runtime()
    if current is None:
        return
    index = _index(call.scope)
    matches: list[MatchRecord] = []
    leaves: list[LeafRecord] = []
    inspected, reason = event.inspected, event.inspected_reason
    payload: Any = None
    matched_path = False
    for part in event.parts:
        found = match_tags(
            part.payload,
            index,
            field=part.field,
            media_type=part.media_type,
            limit=current.settings.body_limit,
            with_leaves=True,
        )
        if part.location == "body" and payload is None:
            payload = part.payload
        if found.inspected != "full" and inspected == "full":
            inspected, reason = found.inspected, found.reason
        matched_path = matched_path or (part.location == "path" and len(found) > 0)
        matches += [
            MatchRecord(call.event_id, m.tag_id, part.location, m.field, m.kind, m.transform, m.confidence)
            for m in found
        ]
        seen = {m.field for m in found if m.kind == "exact"}
        leaves += [
            LeafRecord(call.event_id, part.location, leaf.field, hash_normal(leaf.normal, current.salt))
            for leaf in found.leaves
            if leaf.field not in seen
        ]
    raw = payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload
    share = ShareRecord(
        call.event_id,
        call.started_at,
        event.channel,
        event.library,
        event.method,
        event.host,
        event.port,
        shown_url(event.url, hide_path=matched_path) if event.url else None,
        event.payload_type,
        event.payload_bytes if event.payload_bytes is not None else len(raw) if isinstance(raw, bytes) else None,
        hash_bytes(raw, current.salt) if isinstance(raw, bytes) and raw else None,
        _payload_preview(raw, current.settings.capture_limit),
        event.status_code,
        event.outcome,
        inspected,
        reason,
    )
    span = call.span
    request_id = None if call.scope is None else call.scope.request_id
    first = matches[:_RECORDS_PER_SPAN], leaves[:_RECORDS_PER_SPAN]
    span.set_attributes({**event.attributes, **share_attributes(request_id, share, *first)})
    if event.outcome == "failed" or (event.status_code or 0) >= 400:
        span.set_status(Status(StatusCode.ERROR))
    span.end()
    for at in range(_RECORDS_PER_SPAN, max(len(matches), len(leaves)), _RECORDS_PER_SPAN):
        here = slice(at, at + _RECORDS_PER_SPAN)
        rest = current.tracer.start_span("provenance.share", call.context)
        rest.set_attributes(share_attributes(request_id, share, matches[here], leaves[here]))
        rest.end()


def _index(scope: RequestScope | None) -> TagIndex:
    return _NO_TAGS if scope is None else scope.tags.index(TagIndex)


def _hashable(value: Any) -> Any:
    return json.dumps(value, default=normal_form) if isinstance(value, (dict, list, tuple)) else value


def _key_text(key: Any) -> str | None:
    return json.dumps(dict(key), default=str) if key else None


def _payload_preview(raw: Any, limit: int) -> str | None:
    if limit <= 0 or not isinstance(raw, bytes) or not raw:
        return None
    text = raw[: limit * 4].decode("utf-8", "replace")[:limit]
    if "\x00" in text or text.count("\ufffd") > len(text) // 10:
        return None  # binary
    return redact_structured(text)
