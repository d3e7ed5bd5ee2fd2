"""Whether the application's trace context is ours to touch: only where the user traces with OpenTelemetry.

Libraries (SDKs of language models among them) inject the current span of OpenTelemetry's API into what they send,
and a client's trace context too once it was extracted. So by default neither our spans nor what a client sent are
current there, and nothing on the wire changes; our own spans find their parent by a key of ours.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from opentelemetry import context as context_api
from opentelemetry import trace
from opentelemetry.context import Context, create_key, get_current
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.trace import Span, set_span_in_context

from otel_provenance.spans.forwarding import is_forwarding_wanted

_SPAN = create_key("provenance.span")


@lru_cache(maxsize=1)
def is_tracing_asked() -> bool:
    """Whether the environment asks for distributed tracing: an exporter, or OTEL_PROPAGATORS."""
    chosen = os.environ.get("OTEL_PROPAGATORS", "").strip().lower()
    return chosen != "none" and (bool(chosen) or is_forwarding_wanted())


_seen: tuple[object, bool] = (None, False)


def is_tracing_used() -> bool:
    """Whether the application is traced: the environment asks for it, or the application set up a provider."""
    global _seen
    # get_tracer_provider() looks into the environment each time that none was set, which takes 3 µs
    provider = trace.get_tracer_provider() if _is_provider_named() else trace._TRACER_PROVIDER
    seen, is_used = _seen
    if seen is not provider:
        is_used = isinstance(provider, SdkTracerProvider)
        _seen = provider, is_used
    return is_used or is_tracing_asked()


@lru_cache(maxsize=1)
def _is_provider_named() -> bool:
    return "OTEL_PYTHON_TRACER_PROVIDER" in os.environ or not hasattr(trace, "_TRACER_PROVIDER")


def with_span(span: Span, context: Context) -> Context:
    """The context for what runs below a span of ours; it is OpenTelemetry's current span only where that is used."""
    below = Context({**context, _SPAN: span})
    return set_span_in_context(span, below) if is_tracing_used() else below


def span_in(context: Context) -> Span:
    """The span that one of ours is begun below: the last one of ours, or OpenTelemetry's current span."""
    if not context:  # nothing is in it, as where a request comes in: the quick way
        return trace.INVALID_SPAN
    ours: Any = context.get(_SPAN)
    return trace.get_current_span(context) if ours is None else ours


def _asks() -> Callable[[], Context]:
    variable = getattr(getattr(context_api, "_RUNTIME_CONTEXT", None), "_current_context", None)
    return variable.get if isinstance(variable, ContextVar) else get_current


here = _asks()
"""The current context, as OpenTelemetry's ``get_current``: two calls less, where it is a variable of contextvars."""
