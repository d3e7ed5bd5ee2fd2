"""OpenTelemetry's entry points: ``opentelemetry-instrument`` finds the distribution here.

Whichever distro it picks, ``start`` is called by the group ``opentelemetry_pre_instrument``. When ours is
picked, stock instrumentors are loaded only where their spans or metrics have somewhere to go: the record
does not need them, and each of their spans costs CPU.
"""

from __future__ import annotations

from typing import Any

from opentelemetry.instrumentation.distro import BaseDistro  # type: ignore[attr-defined]
from opentelemetry.util._importlib_metadata import EntryPoint, entry_points

from otel_provenance import bootstrap
from otel_provenance.guard import run_guarded
from otel_provenance.spans.forwarding import ensure_forwarding, is_forwarding_wanted


class ProvenanceDistro(BaseDistro):  # type: ignore[misc]
    """What ``opentelemetry-instrument`` configures when it picks this distribution."""

    def _configure(self, **kwargs: Any) -> None:
        if not bootstrap.is_disabled() and not list(entry_points(group="opentelemetry_configurator")):
            run_guarded("distro.forwarding", ensure_forwarding)

    def load_instrumentor(self, entry_point: EntryPoint, **kwargs: Any) -> None:
        """Load a stock instrumentor, if what it makes is wanted."""
        if bootstrap.is_disabled() or is_forwarding_wanted():
            super().load_instrumentor(entry_point, **kwargs)


def start() -> None:
    """Called by any distro before it loads instrumentors; the user asked for recording: no waiting."""
    bootstrap.start("opentelemetry-instrument", now=True)
