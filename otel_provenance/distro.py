"""OpenTelemetry's entry points: ``opentelemetry-instrument`` finds the distribution here.

With several distros installed OpenTelemetry takes the first that it finds, in no order that a user could
know. So it must not matter: ours lets another one configure what it would have configured, and makes sure
that its defaults can be loaded; and ``start`` is called by the group ``opentelemetry_pre_instrument``
whichever is picked. When ours is, stock instrumentors are loaded only where their spans or metrics have
somewhere to go: the record does not need them, and each of their spans costs CPU.
"""

from __future__ import annotations

from typing import Any

from opentelemetry.instrumentation.distro import BaseDistro  # type: ignore[attr-defined]
from opentelemetry.util._importlib_metadata import EntryPoint, entry_points

from otel_provenance import bootstrap
from otel_provenance.guard import run_guarded
from otel_provenance.spans.forwarding import (
    are_metrics_or_logs_wanted,
    ensure_forwarding,
    is_forwarding_wanted,
)

_COVERED = frozenset({"flask", "wsgi", "requests"})
"""Stock instrumentors whose spans ours replace, by the same semantic conventions."""


class ProvenanceDistro(BaseDistro):  # type: ignore[misc]
    """What ``opentelemetry-instrument`` configures when it picks this distribution."""

    def _configure(self, **kwargs: Any) -> None:
        other = next((p for p in entry_points(group="opentelemetry_distro") if p.name != "otel_provenance"), None)
        if other is not None:
            other.load()().configure(**kwargs)
        if not bootstrap.is_disabled() and not list(entry_points(group="opentelemetry_configurator")):
            run_guarded("distro.forwarding", ensure_forwarding)

    def load_instrumentor(self, entry_point: EntryPoint, **kwargs: Any) -> None:
        """Load a stock instrumentor, if what it makes is wanted."""
        if bootstrap.is_disabled() or _is_wanted(entry_point.name):
            super().load_instrumentor(entry_point, **kwargs)


def _is_wanted(instrumentor: str) -> bool:
    if not is_forwarding_wanted():
        return False
    return instrumentor not in _COVERED or are_metrics_or_logs_wanted()


def start() -> None:
    """Called by any distro before it loads instrumentors; the user asked for recording: no waiting."""
    bootstrap.start("opentelemetry-instrument", now=True)
