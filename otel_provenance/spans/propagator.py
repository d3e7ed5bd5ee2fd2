"""What may travel along with a call: trace context where the user asked for it, our baggage to allowed hosts only.

By default nothing does: not one byte on the wire changes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from opentelemetry import baggage
from opentelemetry.context import Context, get_current
from opentelemetry.trace import set_span_in_context

from otel_provenance import passport, status
from otel_provenance.attributes import OURS
from otel_provenance.guard import guarded
from otel_provenance.spans.calls import Call
from otel_provenance.spans.runtime import Runtime, runtime
from otel_provenance.spans.scope import RequestScope
from otel_provenance.spans.trace_context import is_tracing_asked

_NOTHING: Mapping[str, str] = {}
_BAGGAGE = "baggage"
_instrumentors: dict[str, Any] = {}
"""Library → class of OpenTelemetry's instrumentor of it, once that is imported."""


def outgoing_headers(call: Call, library: str, url: str, present: Any) -> Mapping[str, str]:
    """Headers to send in addition (or in place of those of the same name); empty by default.

    ``present`` is what the application sends: a mapping, or pairs.
    """
    current = runtime()
    if current is None:
        return _NOTHING
    hosts = current.settings.propagate_hosts
    if not hosts and not is_tracing_asked() and not _is_stock_active(library):
        return _NOTHING
    carrier: dict[str, str] = {}
    if is_tracing_asked() or _is_stock_active(library):
        from opentelemetry import propagate

        propagate.inject(carrier, set_span_in_context(call.span, call.context))
        if _BAGGAGE in carrier:  # whoever set the propagator: ours never leave by this way
            carrier[_BAGGAGE] = ",".join(passport.without_ours(carrier[_BAGGAGE]))
            if not carrier[_BAGGAGE]:
                del carrier[_BAGGAGE]
    if hosts and call.scope is not None and is_allowed(url, hosts):
        others = carrier.get(_BAGGAGE) or _find(present, _BAGGAGE)
        carrier[_BAGGAGE] = _issue(current, call.scope, others)
    return carrier


def is_allowed(url: str, hosts: tuple[str, ...]) -> bool:
    """Whether a URL's host is one of ``hosts``: ``name``, ``name:port``, or ``*.name`` for its subdomains."""
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port
    except ValueError:
        return False
    for allowed in hosts:
        if allowed in (host, f"{host}:{port}", f"[{host}]", f"[{host}]:{port}"):
            return True
        if allowed.startswith("*.") and host.endswith(allowed[1:]):
            return True
    return False


def receive(scope: RequestScope, header: str) -> None:
    """Read what the service that calls says of its request, where it is signed with this service's salt."""
    if OURS not in header:
        return
    try:
        found = passport.read(header, scope.tags.salt, int(time.time()))
    except passport.Refused as reason:
        status.count_loss(f"baggage_{reason}", "upstream")
        return
    if found is not None:
        scope.parent_request_id = found.request_id
        scope.tags.upstream.extend(found.tags)


@guarded("propagator.keep_home")
def without_our_baggage(context: Context | None) -> Context | None:
    """The context for an injection by anyone: baggage of the application's own stays, ours does not leave."""
    context = get_current() if context is None else context
    for name in baggage.get_all(context):
        if name.startswith(OURS):
            context = baggage.remove_baggage(name, context)
    return context


def _issue(current: Runtime, scope: RequestScope, others: str) -> str:
    tags = [*scope.tags.known(), *scope.tags.upstream]
    header, left_out = passport.issue(scope.request_id, tags, current.salt, int(time.time()), others)
    if left_out:
        status.count_loss("baggage_full", "upstream", left_out)
    return header


def _is_stock_active(library: str) -> bool:
    # OpenTelemetry's own instrumentor stands down within a call of ours, so its injection is ours to make
    if library not in _instrumentors:
        module = sys.modules.get(f"opentelemetry.instrumentation.{library}")
        if module is None:
            return False
        kinds = [kind for name, kind in vars(module).items() if name.endswith("Instrumentor") and "Base" not in name]
        _instrumentors[library] = kinds[0] if kinds else None
    instance = getattr(_instrumentors[library], "_instance", None)  # a singleton, if it was ever made
    return bool(getattr(instance, "_is_instrumented_by_opentelemetry", False))


def _find(headers: Any, name: str) -> str:
    pairs = headers.items() if hasattr(headers, "items") else headers or ()
    for key, value in pairs:
        key = key.decode("latin-1") if isinstance(key, bytes) else str(key)
        if key.lower() == name:
            return value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return ""
