"""What a recording process has one of: settings, salt, tracer and exporter; made at the first use.

Nothing here exists before the first request (or the first write or call outside of one), so that a
process that serves none makes no file and no thread.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, Tracer
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.sampling import DEFAULT_ON, Sampler
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Span, SpanContext, SpanKind

from otel_provenance import status
from otel_provenance.guard import guarded
from otel_provenance.identifiers import ProcessIds
from otel_provenance.keys import salt_of
from otel_provenance.settings import Settings
from otel_provenance.spans.plain import PlainSpan, Sink
from otel_provenance.spans.processor import ForwardProcessor, RecordProcessor
from otel_provenance.spans.sampler import RecordEverything
from otel_provenance.spans.trace_context import is_tracing_used, span_in
from otel_provenance.version import __version__

MakeExporter = Callable[[Settings, bytes], SpanExporter]


class Runtime:
    """The parts that every hook shares."""

    def __init__(self, settings: Settings, make_exporter: MakeExporter) -> None:
        self.settings = settings
        self.salt = salt_of(settings.hash_salt, settings.db_path)
        self.exporter = make_exporter(settings, self.salt)
        self._together: Callable[[], Any] | None = getattr(self.exporter, "together", None)
        self.process_ids = ProcessIds()
        self.provider = _provider(self.exporter, settings)
        self._scope = InstrumentationScope("otel_provenance", __version__)
        self.tracer: Tracer = self.provider.get_tracer("otel_provenance", __version__)  # type: ignore[assignment]

    def start_span(self, name: str, context: Context, kind: SpanKind = SpanKind.INTERNAL) -> Span:
        """A span of ours, below the last one of ours (or of the application, or of a client) in ``context``."""
        if is_tracing_used():
            return self.tracer.start_span(name, context, kind)
        above = span_in(context)
        parent = above.get_span_context()
        ids = self.provider.id_generator
        is_below = parent.is_valid
        if kind is SpanKind.SERVER and self._together is not None:  # a request
            together = self._together()
            sink: Sink = together.end
        else:
            together = getattr(above, "together", None)
            sink = self._record if together is None else together.take
        return PlainSpan(
            name,
            SpanContext(parent.trace_id if is_below else ids.generate_trace_id(), ids.generate_span_id(), False),
            parent if is_below else None,
            kind,
            self.provider.resource,
            self._scope,
            sink,
            together,
        )

    @guarded("spans.record")
    def _record(self, spans: Sequence[ReadableSpan]) -> None:
        self.exporter.export(spans)

    def renew_ids(self) -> None:
        """In a forked child: ids of its own for what happens outside requests."""
        self.process_ids = ProcessIds()


_RETRY_S = 10.0

_lock = threading.Lock()
_current: Runtime | None = None
_make: Callable[[], Runtime] | None = None
_db_path = ""
_is_asked_for = False
_not_before = 0.0


def configure(settings: Settings, make_exporter: MakeExporter, *, is_asked_for: bool = False) -> None:
    """Say how the runtime will be made when it is first needed.

    ``is_asked_for``: the user started this very process to be recorded (``opentelemetry-instrument``).
    """
    global _make, _db_path, _is_asked_for
    _make = lambda: Runtime(settings, make_exporter)  # noqa: E731
    _db_path, _is_asked_for = settings.db_path, is_asked_for


def runtime() -> Runtime | None:
    """The runtime of this process; None where the agent was not started, or there is no way to record now."""
    if _current is None and _make is not None:
        with _lock:
            _try_to_make(_make)
    return _current


def runtime_outside_requests() -> Runtime | None:
    """As ``runtime``, for what no request caused: it does not begin a record by itself.

    Without a record no value is known yet; so a program that serves nothing makes no file, unless it was
    started to be recorded.
    """
    if _current is None and not _is_asked_for and not os.path.exists(_db_path):
        return None
    return runtime()


def _try_to_make(make: Callable[[], Runtime]) -> None:
    global _current, _not_before
    if _current is not None:
        return
    now = time.monotonic()
    if now >= _not_before:
        try:
            _current = make()
            return
        except (OSError, ValueError) as error:  # no salt: the folder is missing, read-only, …
            if not _not_before:
                reason = error.strerror if isinstance(error, OSError) else error
                logging.getLogger("otel_provenance").warning(
                    "otel-provenance: nothing is recorded, for %s.key cannot be read or made: %s; make its folder "
                    "writable, or name another record with PROVENANCE_DB_PATH",
                    _db_path,
                    reason,
                )
            _not_before = now + _RETRY_S
    status.count_loss("no_key", "request")


def replace(new: Runtime | None) -> Runtime | None:
    """Put another runtime in place (tests), and return the former."""
    global _current
    former, _current = _current, new
    return former


def _renew_after_fork() -> None:
    global _lock
    _lock = threading.Lock()  # another thread of the parent may have held it
    if _current is not None:
        _current.renew_ids()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_after_fork)


def _resource() -> Resource:
    """What OpenTelemetry says by itself; where its threads can no longer run, what the environment says."""
    try:
        return Resource.create()
    except RuntimeError:  # the interpreter ends, and the application makes its first call: Sentry's, say
        return Resource({SERVICE_NAME: f"unknown_service:{os.path.basename(sys.executable)}"}).merge(
            OTELResourceDetector().detect()
        )


def _provider(exporter: SpanExporter, settings: Settings) -> SdkTracerProvider:
    # private, so that the application's own provider stays as it set it; its sampler, ids and resource are kept
    theirs = trace.get_tracer_provider()
    inner: Sampler = DEFAULT_ON  # as OpenTelemetry: what the caller decided, else yes; it is what travels on
    resource: Resource | None = None
    generator = None
    if isinstance(theirs, SdkTracerProvider):
        inner, resource, generator = theirs.sampler, theirs.resource, theirs.id_generator
    provider = SdkTracerProvider(
        sampler=RecordEverything(inner),
        resource=resource or _resource(),
        shutdown_on_exit=False,
        id_generator=generator,
        span_limits=SpanLimits(max_span_attributes=SpanLimits.UNSET, max_span_attribute_length=SpanLimits.UNSET),
    )
    provider.add_span_processor(RecordProcessor(exporter))
    provider.add_span_processor(ForwardProcessor(settings.otlp_previews))
    return provider
