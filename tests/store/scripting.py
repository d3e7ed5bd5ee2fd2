"""For scripts of tests: `record(email=…)` exports a request in this process and prints its id; `Request()` serves one,
whose writes print theirs."""

from __future__ import annotations

import os
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind
from otel_provenance_exporters import SqliteSpanExporter

from otel_provenance.identifiers import IdSequence
from otel_provenance.settings import Settings, read_settings
from otel_provenance.spans.facts import put_facts
from otel_provenance.spans.runtime import Runtime
from otel_provenance.spans.trace_context import with_span
from tests.store.facts import SALT, request_attributes_of, share_of, share_span, storage_span, write_of

exporter = SqliteSpanExporter(read_settings(), SALT)
_provider = TracerProvider(shutdown_on_exit=False)
_provider.add_span_processor(SimpleSpanProcessor(exporter))
_tracer = _provider.get_tracer("tests")


def record(**fields: Any) -> str:
    """Export one request; its id, which is written to the standard output too."""
    request_id, attributes = request_attributes_of(fields or {"email": "ada@example.com"})
    with _tracer.start_as_current_span("request") as span:
        span.set_attributes(attributes)
    os.write(1, f"{request_id}\n".encode())
    return request_id


class Request:
    """A request while it is served; what ends within it, and at last itself, goes to the exporter."""

    def __init__(self, settings: Settings | None = None, by: SqliteSpanExporter | None = None) -> None:
        self._runtime = Runtime(settings or read_settings(), lambda _settings, _salt: by or exporter)
        self.request_id, self._attributes = request_attributes_of({"email": "ada@example.com"})
        self._ids = IdSequence(self.request_id)
        self._ids.new("t")
        self._span = self._runtime.start_span("POST", Context(), SpanKind.SERVER)
        self._context = with_span(self._span, Context())

    def write(self, **others: Any) -> str:
        """It wrote to the database; the event's id, which is written to the standard output too."""
        event_id = self._ids.new("w") + f"-{os.getpid()}"
        self._end_within(storage_span(self.request_id, write_of(event_id, "email")) | others)
        os.write(1, f"{event_id}\n".encode())
        return event_id

    def call(self) -> str:
        """It made a call; the event's id."""
        event_id = self._ids.new("s")
        self._end_within(share_span(self.request_id, share_of(event_id)))
        return event_id

    def end(self) -> None:
        """It is over."""
        put_facts(self._span, self._attributes)
        self._span.end()

    def _end_within(self, attributes: dict[str, Any]) -> None:
        span = self._runtime.start_span("within", self._context)
        put_facts(span, attributes)
        span.end()
