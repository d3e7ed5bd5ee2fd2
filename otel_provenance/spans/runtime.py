"""What a recording process has one of: settings, salt, tracer and exporter; made at the first use.

Nothing here exists before the first request (or the first write or call outside of one), so that a
process that serves none makes no file and no thread.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, Tracer
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Sampler

from otel_provenance.identifiers import ProcessIds
from otel_provenance.keys import salt_of
from otel_provenance.settings import Settings
from otel_provenance.spans.processor import ForwardProcessor, RecordProcessor
from otel_provenance.spans.sampler import RecordEverything
from otel_provenance.version import __version__

MakeExporter = Callable[[Settings, bytes], SpanExporter]


class Runtime:
    """The parts that every hook shares."""

    def __init__(self, settings: Settings, make_exporter: MakeExporter) -> None:
        self.settings = settings
        self.salt = salt_of(settings.hash_salt, settings.db_path)
        self.exporter = make_exporter(settings, self.salt)
        self.process_ids = ProcessIds()
        self.provider = _provider(self.exporter, settings)
        self.tracer: Tracer = self.provider.get_tracer("otel_provenance", __version__)  # type: ignore[assignment]

    def renew_ids(self) -> None:
        """In a forked child: ids of its own for what happens outside requests."""
        self.process_ids = ProcessIds()


_lock = threading.Lock()
_current: Runtime | None = None
_make: Callable[[], Runtime] | None = None


def configure(settings: Settings, make_exporter: MakeExporter) -> None:
    """Say how the runtime will be made when it is first needed."""
    global _make
    _make = lambda: Runtime(settings, make_exporter)  # noqa: E731


def runtime() -> Runtime | None:
    """The runtime of this process; None where the agent was not started, or could not be.

    Raises what making it raised, once; after that there is none (the caller's guard counts the fault).
    """
    global _current, _make
    if _current is None and _make is not None:
        with _lock:
            if _current is None and _make is not None:
                make, _make = _make, None
                _current = make()
    return _current


def replace(new: Runtime | None) -> Runtime | None:
    """Put another runtime in place (tests), and return the former."""
    global _current
    former, _current = _current, new
    return former


def _renew_after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    if _current is not None:
        _current.renew_ids()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_after_fork)


def _provider(exporter: SpanExporter, settings: Settings) -> SdkTracerProvider:
    # private, so that the application's own provider stays as it set it; its sampler, ids and resource are kept
    theirs = trace.get_tracer_provider()
    inner: Sampler = ALWAYS_OFF
    resource: Resource | None = None
    generator = None
    if isinstance(theirs, SdkTracerProvider):
        inner, resource, generator = theirs.sampler, theirs.resource, theirs.id_generator
    provider = SdkTracerProvider(
        sampler=RecordEverything(inner),
        resource=resource,
        shutdown_on_exit=False,
        id_generator=generator,
        span_limits=SpanLimits(max_span_attributes=SpanLimits.UNSET, max_span_attribute_length=SpanLimits.UNSET),
    )
    provider.add_span_processor(RecordProcessor(exporter))
    provider.add_span_processor(ForwardProcessor(settings.otlp_previews))
    return provider
