"""Whether the application's trace context is ours to touch: only where the user traces with OpenTelemetry.

Libraries (SDKs of language models among them) inject the current span of OpenTelemetry's API into what they send,
and a client's trace context too once it was extracted. So by default neither our spans nor what a client sent are
current there, and nothing on the wire changes; our own spans find their parent by a key of ours.
"""

from __future__ import annotations

import os
from functools import lru_cache

from opentelemetry import trace
from opentelemetry.context import Context, create_key, set_value
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.trace import Span, set_span_in_context

from otel_provenance.spans.forwarding import is_forwarding_wanted

_SPAN = create_key("provenance.span")


@lru_cache(maxsize=1)
def is_tracing_asked() -> bool:
    """Whether the environment asks for distributed tracing: an exporter, or OTEL_PROPAGATORS."""
    chosen = os.environ.get("OTEL_PROPAGATORS", "").strip().lower()
    return chosen != "none" and (bool(chosen) or is_forwarding_wanted())


def is_tracing_used() -> bool:
    """Whether the application is traced: the environment asks for it, or the application set up a provider."""
    return is_tracing_asked() or isinstance(_provider(), SdkTracerProvider)


def _provider() -> object:
    # get_tracer_provider() looks into the environment each time that none was set, which takes 3 µs
    return trace.get_tracer_provider() if _is_provider_named() else trace._TRACER_PROVIDER


@lru_cache(maxsize=1)
def _is_provider_named() -> bool:
    return "OTEL_PYTHON_TRACER_PROVIDER" in os.environ or not hasattr(trace, "_TRACER_PROVIDER")


def with_span(span: Span, context: Context) -> Context:
    """The context for what runs below a span of ours; it is OpenTelemetry's current span only where that is used."""
    below = set_value(_SPAN, span, context)
    return set_span_in_context(span, below) if is_tracing_used() else below


def span_in(context: Context) -> Span:
    """The span that one of ours is begun below: the last one of ours, or OpenTelemetry's current span."""
    ours = context.get(_SPAN)
    return ours if isinstance(ours, Span) else trace.get_current_span(context)
