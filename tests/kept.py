"""An exporter that keeps what it is given, instead of writing a record."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from otel_provenance.attributes import Facts, read_facts


class Kept(SpanExporter):
    """Keeps what every span says."""

    def __init__(self) -> None:
        self.spans: list[Any] = []

    def export(self, spans: Any) -> SpanExportResult:
        self.spans.extend(spans)
        return SpanExportResult.SUCCESS

    @property
    def facts(self) -> list[Facts]:
        """The facts of each span, in order."""
        return [read_facts(span.attributes) for span in self.spans]
