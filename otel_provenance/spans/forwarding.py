"""Whether, beside the record, spans go somewhere else: as the OTEL_* variables say, with ``none`` the default.

The record needs no provider of OpenTelemetry's; so one is set up only where the user asked for it, and
nobody did it before: by the way without a prefix, or by our distro, which brings no configurator of its
own (with two of them OpenTelemetry prints a warning).
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.util._importlib_metadata import entry_points

from otel_provenance.guard import run_guarded

_OURS = frozenset({"", "none", "provenance_sqlite"})
_SIGNALS = ("traces", "metrics", "logs")
_PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL"


def is_forwarding_wanted() -> bool:
    """Whether spans, metrics or logs are to be exported beside the record."""
    if os.environ.get("OTEL_CONFIG_FILE") or os.environ.get("OTEL_EXPERIMENTAL_CONFIG_FILE"):
        return True
    if not _OURS.issuperset(name.strip() for name in os.environ.get("OTEL_TRACES_EXPORTER", "").split(",")):
        return True
    return are_metrics_or_logs_wanted()


def are_metrics_or_logs_wanted() -> bool:
    """Whether a metric or a log exporter was asked for, which only OpenTelemetry's instrumentors feed."""
    signals = ("OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER")
    return any(os.environ.get(name, "none").strip() not in ("", "none") for name in signals)


def ensure_forwarding() -> None:
    """Set up OpenTelemetry's own provider where it is wanted and missing."""
    if not is_forwarding_wanted() or isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    from opentelemetry.sdk._configuration import _OTelSDKConfigurator

    take_installed_exporters(os.environ, dict(os.environ))
    _OTelSDKConfigurator().configure()  # type: ignore[no-untyped-call]


def mend_stock_distro() -> None:
    """Let ``opentelemetry-distro`` work without its OTLP exporter: alone it fails then, and prints a traceback."""
    from opentelemetry.distro import OpenTelemetryDistro

    configure = OpenTelemetryDistro._configure

    def _configure(self: Any, **kwargs: Any) -> None:
        asked = dict(os.environ)
        configure(self, **kwargs)  # type: ignore[no-untyped-call]
        run_guarded("forwarding.exporters", take_installed_exporters, os.environ, asked)

    OpenTelemetryDistro._configure = _configure  # type: ignore[method-assign]


def take_installed_exporters(environ: MutableMapping[str, str], asked: MutableMapping[str, str]) -> None:
    """Turn defaults that name an OTLP exporter which is not installed into ones that can be loaded.

    ``asked`` is the environment as the user set it: what stands there stays. OpenTelemetry takes gRPC for
    ``otlp`` where no protocol is named, and fails as a whole, application uninstrumented, if that exporter
    is missing.
    """
    installed = {signal: _otlp_protocols(signal) for signal in _SIGNALS}
    if _PROTOCOL not in asked:
        protocol = environ.get(_PROTOCOL, "grpc")
        for other in ("http/protobuf", "grpc"):
            if protocol not in installed["traces"] and other in installed["traces"]:
                environ[_PROTOCOL] = other
    protocol = environ.get(_PROTOCOL, "grpc")
    for signal in _SIGNALS:
        variable = f"OTEL_{signal.upper()}_EXPORTER"
        if variable not in asked and environ.get(variable) == "otlp" and protocol not in installed[signal]:
            environ[variable] = "none"


def _otlp_protocols(signal: str) -> set[str]:
    protocols = {"otlp_proto_grpc": "grpc", "otlp_proto_http": "http/protobuf"}
    names = {point.name for point in entry_points(group=f"opentelemetry_{signal}_exporter")}
    return {protocol for name, protocol in protocols.items() if name in names}
