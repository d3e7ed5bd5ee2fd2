"""For scripts of tests: `record(email=…)` exports a request in this process and prints its id."""

from __future__ import annotations

import os
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from otel_provenance_exporters import SqliteSpanExporter

from otel_provenance.settings import read_settings
from tests.store.facts import SALT, request_attributes_of

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
