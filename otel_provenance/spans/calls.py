"""The shared calls of every boundary that lets data out: a span for the call, matching, and its record.

call = begin_call("http", "requests", "POST")
with the context of `call` attached: the host's own call
end_call(call, ShareEvent(...))
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from opentelemetry.context import _SUPPRESS_HTTP_INSTRUMENTATION_KEY, Context, get_value, set_value
from opentelemetry.trace import Span, SpanKind, set_span_in_context
from opentelemetry.trace.status import Status, StatusCode

from otel_provenance.attributes import RECORDS_PER_SPAN, share_attributes
from otel_provenance.events import ShareEvent
from otel_provenance.guard import guarded
from otel_provenance.matching import match_tags
from otel_provenance.records import LeafRecord, MatchRecord, ShareRecord
from otel_provenance.spans.runtime import runtime
from otel_provenance.spans.scope import RequestScope, current_scope, is_suppressed, tag_index
from otel_provenance.spans.urls import shown_url
from otel_provenance.values import hash_bytes, hash_normal, redact_structured


class Call(NamedTuple):
    """An outgoing call under way."""

    scope: RequestScope | None
    event_id: str
    span: Span
    context: Context
    """What the host's own call runs in: the span, and the suppression of nested instrumentation."""
    started_at: int


@guarded("calls.begin")
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


@guarded("calls.end")
def end_call(call: Call | None, event: ShareEvent) -> None:
    """The call is over (or failed): match what went out, and record it."""
    if call is None:
        return
    current = runtime()
    if current is None:
        return
    index = tag_index(call.scope)
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
    first = matches[:RECORDS_PER_SPAN], leaves[:RECORDS_PER_SPAN]
    span.set_attributes({**event.attributes, **share_attributes(request_id, share, *first)})
    if event.outcome == "failed" or (event.status_code or 0) >= 400:
        span.set_status(Status(StatusCode.ERROR))
    span.end()
    for at in range(RECORDS_PER_SPAN, max(len(matches), len(leaves)), RECORDS_PER_SPAN):
        here = slice(at, at + RECORDS_PER_SPAN)
        rest = current.tracer.start_span("provenance.share", call.context)
        rest.set_attributes(share_attributes(request_id, share, matches[here], leaves[here]))
        rest.end()


def _payload_preview(raw: Any, limit: int) -> str | None:
    if limit <= 0 or not isinstance(raw, bytes) or not raw:
        return None
    text = raw[: limit * 4].decode("utf-8", "replace")[:limit]
    if "\x00" in text or text.count("\ufffd") > len(text) // 10:
        return None  # binary
    return redact_structured(text)
