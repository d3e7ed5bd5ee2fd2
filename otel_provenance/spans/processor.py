"""The span processor of our own tracer: facts go to the record, and a copy without previews is forwarded."""

from __future__ import annotations

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.sdk.trace.export import SpanExporter

from otel_provenance.attributes import carries_facts, without_previews
from otel_provenance.guard import guarded


class RecordProcessor(SpanProcessor):
    """Hands each ended span that carries facts to the exporter, which queues it off the request path."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    @guarded("spans.record")
    def on_end(self, span: ReadableSpan) -> None:
        """Record the span, sampled or not."""
        if span.attributes and carries_facts(span.attributes):
            self._exporter.export((span,))

    def shutdown(self) -> None:
        """Write what waits, and stop."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Wait until what ended before is written; False if it took longer."""
        return self._exporter.force_flush(timeout_millis)


class ForwardProcessor(SpanProcessor):
    """Shows our spans to the application's own tracer provider, if it has one, so that they are exported too.

    What is forwarded is a copy: with the provider's resource, and without previews unless they are allowed.
    """

    def __init__(self, previews: bool) -> None:
        self._previews = previews

    @guarded("spans.forward_start")
    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Let the other processors see, and add to, a span that begins."""
        provider = trace.get_tracer_provider()
        if isinstance(provider, SdkTracerProvider):
            provider._active_span_processor.on_start(span, parent_context=parent_context)

    @guarded("spans.forward_end")
    def on_end(self, span: ReadableSpan) -> None:
        """Let the other processors see a copy of a span that ended."""
        provider = trace.get_tracer_provider()
        if not isinstance(provider, SdkTracerProvider):
            return
        attributes = span.attributes or {}
        provider._active_span_processor.on_end(
            ReadableSpan(
                name=span.name,
                context=span.context,
                parent=span.parent,
                resource=provider.resource,
                attributes=attributes if self._previews else without_previews(attributes),
                events=span.events,
                links=span.links,
                kind=span.kind,
                status=span.status,
                start_time=span.start_time,
                end_time=span.end_time,
                instrumentation_scope=span.instrumentation_scope,
            )
        )
