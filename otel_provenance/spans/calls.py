"""The shared calls of every boundary that lets data out: a span for the call, matching, and its record.

call = begin_call("http", "requests", "POST")
with the context of `call` attached: the host's own call
end_call(call, ShareEvent(...))

record_share(ShareEvent(...)) is all of it at once, where there is nothing to wait for.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from opentelemetry.context import _SUPPRESS_HTTP_INSTRUMENTATION_KEY, Context, create_key, get_current
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.status import Status, StatusCode

from otel_provenance.attributes import RECORDS_PER_SPAN, share_attributes
from otel_provenance.events import Part, ShareEvent
from otel_provenance.guard import guarded
from otel_provenance.matching import MatchResult, TagIndex, match_tags
from otel_provenance.records import LeafRecord, MatchRecord, ShareRecord
from otel_provenance.spans.facts import put_facts
from otel_provenance.spans.runtime import Runtime, runtime, runtime_outside_requests
from otel_provenance.spans.scope import RequestScope, current_scope, is_suppressed, tag_index
from otel_provenance.spans.trace_context import with_span
from otel_provenance.spans.urls import entered_segments, match_url, shown_url
from otel_provenance.values import hash_bytes, hash_normal, normal_form, redact, redact_structured, shown_field

_CALLS = create_key("provenance.calls")
_LIKELY = 0.5
_FORM_VALUE = re.compile(r"(?<==)[^&]*")


class Call:
    """An outgoing call under way."""

    __slots__ = ("channel", "context", "ended", "event_id", "of", "parent", "scope", "span", "started_at")

    def __init__(self, channel: str, scope: RequestScope | None, event_id: str, span: Span, parent: Context) -> None:
        self.channel = channel
        self.scope = scope
        self.event_id = event_id
        self.span = span
        self.started_at = time.time_ns()
        self.ended = False
        self.of: Any = None
        """What the boundary keeps about it: a boundary below asks ``current_call`` for it."""
        self.parent = parent
        """The context that the call was made in."""
        self.context = with_span(span, parent)
        """What the host's own call runs in: the span, and the sign for nested instrumentation."""
        # made just now, and nobody else's yet: a context that a value is set in is copied three times for each
        outer: Any = parent.get(_CALLS)
        dict.__setitem__(self.context, _CALLS, {**outer, channel: self} if outer else {channel: self})
        if channel == "http":  # OpenTelemetry's own instrumentors stand down
            dict.__setitem__(self.context, _SUPPRESS_HTTP_INSTRUMENTATION_KEY, True)


_Findings = tuple[ShareRecord, Sequence[MatchRecord], Sequence[LeafRecord]]


def current_call(channel: str) -> Call | None:
    """The call of this channel that this code runs in, begun and not ended, or None."""
    calls: Any = get_current().get(_CALLS)
    call: Call | None = None if calls is None else calls.get(channel)
    return None if call is None or call.ended else call


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
    parent = get_current()
    outer: Any = parent.get(_CALLS)
    within: Call | None = None if outer is None else outer.get(channel)
    if within is not None:
        if not nested and not within.ended:
            return None
        if within.ended:  # a redirect of it, or a thread that it left behind: beside it, not below
            parent = within.parent
    scope = current_scope()
    current = runtime_outside_requests() if scope is None else runtime()
    if current is None:
        return None
    span = current.start_span(name, parent, kind)
    ids = current.process_ids if scope is None else scope.ids
    return Call(channel, scope, ids.new("s"), span, parent)


@guarded("calls.end")
def end_call(call: Call | None, event: ShareEvent) -> None:
    """The call is over (or failed): match what went out, and record it; only the first time."""
    if call is None or call.ended:
        return
    call.ended = True
    context = call.context
    call.context = call.parent  # no cycle is left, in which the request would wait to be collected
    current = runtime()
    if current is None:
        return
    event_id, started_at = call.event_id, call.started_at
    found = _examine(current, event, call.scope, event_id, started_at) or _uninspected(event, event_id, started_at)
    _emit(current, call.span, context, call.scope, event, found)


@guarded("calls.record")
def record_share(event: ShareEvent, *, kind: SpanKind = SpanKind.PRODUCER) -> None:
    """A share that is over already."""
    if is_suppressed():
        return
    scope = current_scope()
    current = runtime_outside_requests() if scope is None else runtime()
    if current is None:
        return
    ids = current.process_ids if scope is None else scope.ids
    event_id, now = ids.new("s"), time.time_ns()
    found = _examine(current, event, scope, event_id, now) or _uninspected(event, event_id, now)
    context = get_current()
    span = current.start_span(f"{event.channel} {event.method or event.library}", context, kind)
    _emit(current, span, context, scope, event, found)


def are_likely_carriers(parts: Sequence[Part], limit: int) -> bool:
    """Whether any part is likely (0.5) to carry data of the request that this code runs for."""
    if is_suppressed():
        return False
    for _, found in _look_into(parts, tag_index(current_scope()), limit, with_leaves=False):
        for match in found.matches:
            if match.confidence >= _LIKELY:
                return True
    return False


def _look_into(
    parts: Sequence[Part], index: TagIndex, limit: int, *, with_leaves: bool
) -> Iterator[tuple[Part, MatchResult]]:
    # short texts (headers, cookies, path segments) are told apart by tables, and in one search where that fails
    named = [
        (part.field, part.payload)
        for part in parts
        if part.field and part.media_type is None and type(part.payload) is str
    ]
    results = iter(index.match_row(named, with_leaves=with_leaves, limit=limit) if named else ())
    for part in parts:
        payload, field = part.payload, part.field
        if part.media_type is not None or type(payload) is not str:
            media_type = part.media_type
            found = match_tags(payload, index, field=field, media_type=media_type, limit=limit, with_leaves=with_leaves)
        elif field:
            found = next(results)
        else:
            found = index.match_value("", payload, with_leaves=with_leaves, limit=limit)
        yield part, found


def _uninspected(event: ShareEvent, event_id: str, started_at: int) -> _Findings:
    bare = ShareRecord(  # that there was a call is true all the same
        event_id=event_id,
        occurred_at=started_at,
        channel=event.channel,
        library=event.library,
        method=event.method,
        host=event.host,
        port=event.port,
        url=None,
        payload_type=event.payload_type,
        payload_bytes=event.payload_bytes,
        payload_hash=None,
        payload_preview=None,
        status_code=event.status_code,
        outcome=event.outcome,
        inspected="none",
        inspected_reason="error",
    )
    return bare, (), ()


@guarded("calls.examine")
def _examine(
    current: Runtime, event: ShareEvent, scope: RequestScope | None, event_id: str, started_at: int
) -> _Findings:
    index = tag_index(scope)
    salt, limit = current.salt, current.settings.body_limit
    # laid out as MatchRecord and LeafRecord are: columns are all that is made of them, and a class takes its time
    matches: list[Any] = []
    leaves: list[Any] = []
    inspected, reason = event.inspected, event.inspected_reason
    body: Any = event.payload
    hidden: set[int] = set()
    looked_into = _look_into(event.parts, index, limit, with_leaves=True)
    if event.url and event.channel == "http":
        looked_into = chain(looked_into, [(Part("url", event.url), match_url(event.url, index))])
    for part, found in looked_into:
        location = part.location
        if location == "body" and body is None:
            body = part.payload
        if found.inspected != "full" and inspected == "full":
            inspected, reason = found.inspected, found.reason
        if found.matches:
            if location == "path" and part.field.isdigit():
                hidden.add(int(part.field))
            elif location == "url":
                hidden.update(entered_segments(part.payload, found, index))
            matches += [
                (event_id, tag_id, location, shown_field(field), kind, transform, confidence)
                for tag_id, field, kind, transform, confidence in found.matches
            ]
        if found.leaves:
            seen = {m.field for m in found.matches if m.kind == "exact"} if found.matches else ()
            leaves += [
                (event_id, location, shown_field(field), hash_normal(normal, salt))
                for field, normal in found.leaves
                if field not in seen
            ]
    raw = _as_bytes(body)
    size = event.payload_bytes
    share = ShareRecord(
        event_id,
        started_at,
        event.channel,
        event.library,
        event.method,
        event.host,
        event.port,
        shown_url(event.url, hidden) if event.url else None,
        event.payload_type,
        size if size is not None else len(raw) if raw is not None else None,
        hash_bytes(raw, salt) if raw and (size is None or size == len(raw)) else None,
        _payload_preview(raw, event.payload_type, current.settings.capture_limit),
        event.status_code,
        event.outcome,
        inspected,
        reason,
        event.attributes.get("gen_ai.provider.name"),
        event.attributes.get("gen_ai.request.model"),
    )
    return share, matches, leaves


def _emit(
    current: Runtime,
    span: Span,
    context: Context,
    scope: RequestScope | None,
    event: ShareEvent,
    found: _Findings,
) -> None:
    request_id = None if scope is None else scope.request_id
    share, matches, leaves = found
    most = max(len(matches), len(leaves))
    if event.attributes:
        span.set_attributes(event.attributes)
    first = slice(RECORDS_PER_SPAN)
    put_facts(span, share_attributes(request_id, share, matches[first], leaves[first]))
    if event.outcome != "sent" or (event.status_code or 0) >= 400:
        span.set_status(Status(StatusCode.ERROR))
    span.end()
    for at in range(RECORDS_PER_SPAN, most, RECORDS_PER_SPAN):
        here = slice(at, at + RECORDS_PER_SPAN)
        rest = current.start_span("provenance.share", context)
        put_facts(rest, share_attributes(request_id, share, matches[here], leaves[here]))
        rest.end()


def _as_bytes(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    return json.dumps(body, default=normal_form).encode("utf-8", "surrogatepass")


def _payload_preview(raw: bytes | None, media_type: str | None, limit: int) -> str | None:
    if limit <= 0 or not raw:
        return None
    text = raw[: limit * 4].decode("utf-8", "replace")[:limit]
    if "\x00" in text or text.count("\ufffd") > len(text) // 10:
        return None  # binary
    if media_type == "application/x-www-form-urlencoded":
        return _FORM_VALUE.sub(lambda found: redact(found[0]), text) if "=" in text else redact(text)
    return redact_structured(text)
