"""Whether, beside the record, spans go somewhere else: as the OTEL_* variables say, with ``none`` the default.

The record needs no provider of OpenTelemetry's; so one is set up only where the user asked for it, and
nobody did it before: by the way without a prefix, or by our distro, which brings no configurator of its
own (with two of them OpenTelemetry prints a warning).
"""

from __future__ import annotations

import os

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

_OURS = frozenset({"", "none", "provenance_sqlite"})


def is_forwarding_wanted() -> bool:
    """Whether spans, metrics or logs are to be exported beside the record."""
    if os.environ.get("OTEL_CONFIG_FILE") or os.environ.get("OTEL_EXPERIMENTAL_CONFIG_FILE"):
        return True
    if not _OURS.issuperset(name.strip() for name in os.environ.get("OTEL_TRACES_EXPORTER", "").split(",")):
        return True
    signals = ("OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER")
    return any(os.environ.get(name, "none").strip() not in ("", "none") for name in signals)


def ensure_forwarding() -> None:
    """Set up OpenTelemetry's own provider where it is wanted and missing."""
    if not is_forwarding_wanted() or isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    from opentelemetry.sdk._configuration import _OTelSDKConfigurator

    _OTelSDKConfigurator().configure()  # type: ignore[no-untyped-call]
