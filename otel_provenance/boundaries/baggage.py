"""OpenTelemetry's own propagators: whoever injects baggage, entries of ours stay at home.

A server span's context holds ``provenance.*`` baggage for code of this process. W3C baggage is injected into
every outgoing call, third parties' included; what an allowed host may know goes another, signed way.
"""

from __future__ import annotations

import sys
from typing import Any

from otel_provenance.boundaries.base import Boundary, wrap
from otel_provenance.spans.propagator import without_our_baggage


def _hook_class(module: str, name: str) -> Any:
    return lambda: wrap(getattr(sys.modules[module], name), "inject", _inject)


def _inject(wrapped: Any, propagator: Any, carrier: Any, context: Any = None, *args: Any, **kwargs: Any) -> Any:
    kept = without_our_baggage(context)
    return wrapped(propagator, carrier, context if kept is None else kept, *args, **kwargs)


_W3C = "opentelemetry.baggage.propagation"
_JAEGER = "opentelemetry.propagators.jaeger"
_OT_TRACE = "opentelemetry.propagators.ot_trace"

W3C_BOUNDARY = Boundary("baggage", _W3C, _hook_class(_W3C, "W3CBaggagePropagator"), "opentelemetry-api")
JAEGER_BOUNDARY = Boundary(
    "baggage-jaeger", _JAEGER, _hook_class(_JAEGER, "JaegerPropagator"), "opentelemetry-propagator-jaeger"
)
OT_TRACE_BOUNDARY = Boundary(
    "baggage-ot-trace", _OT_TRACE, _hook_class(_OT_TRACE, "OTTracePropagator"), "opentelemetry-propagator-ot-trace"
)
