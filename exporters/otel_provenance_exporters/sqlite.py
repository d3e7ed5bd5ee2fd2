"""SqliteSpanExporter: what spans say about the data of people, into a SQLite file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from otel_provenance import guard, status
from otel_provenance.attributes import IS_REQUEST, REQUEST_ID, carries_facts, read_facts
from otel_provenance.keys import salt_of
from otel_provenance.settings import Settings, read_settings
from otel_provenance.tables.rows import SpanFacts
from otel_provenance.tables.spool import Held, encode_held
from otel_provenance_exporters.store import store_of
from otel_provenance_exporters.together import Together

_ATTRIBUTES = SpanFacts._fields.index("attributes")


class SqliteSpanExporter(SpanExporter):
    """Records the spans that carry ``provenance.*`` attributes; others are passed over.

    ``export`` takes some ten microseconds for each, and never waits for the database: a thread writes, some
    milliseconds later. All exporters of one process for one file share it. Facts seen twice are recorded once.
    """

    def __init__(self, settings: Settings | None = None, salt: bytes | None = None) -> None:
        """Without arguments, as OpenTelemetry makes it: from the environment. Raises as ``keys.salt_of``."""
        settings = read_settings() if settings is None else settings
        salt = salt_of(settings.hash_salt, settings.db_path) if salt is None else salt
        self._store = store_of(settings, salt)
        self._resource: Any = None
        self._service: str | None = None
        self._service_version: str | None = None

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Queue what the spans say; FAILURE where not all of it had room, which is counted."""
        encoded = [self._encoded(span) for span in spans]
        frames = [frame for some in encoded if some for frame in some]
        left: Sequence[Held] = ()
        if frames:
            left = self._store.put(frames, durable=self._store.is_durable and any(map(_is_awaited, frames)))
            for held in left:
                _count_lost(held.payload[_ATTRIBUTES])
        return SpanExportResult.FAILURE if left or None in encoded else SpanExportResult.SUCCESS

    def together(self) -> Together:
        """Take the spans of a request that begins: those that end within it are recorded with it, in one write."""
        self._store.see_a_fork()
        return Together(self.export, self._store)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Write what was exported before; False if it took longer, or cannot be done now."""
        return self._store.flush(timeout_millis / 1000)

    def shutdown(self) -> None:
        """Write what waits, and close the file. What cannot be written stays in the spool beside it."""
        self._store.close()

    @guard.guarded("sqlite.export")
    def _encoded(self, span: ReadableSpan) -> Sequence[tuple[bytes, Held]]:
        attributes = _attributes_of(span)
        if not carries_facts(attributes):
            return ()
        context = span.context
        facts = (
            self._store.writer.process.process_id,
            self._service_of(span.resource),
            None if context is None else f"{context.trace_id:032x}",
            None if context is None else f"{context.span_id:016x}",
            span.start_time or 0,
            span.end_time or span.start_time or 0,
            attributes,
            self._service_version,
        )
        return (encode_held(facts),)

    def _service_of(self, resource: Any) -> str | None:
        if resource is not self._resource:
            self._service = str(resource.attributes.get(SERVICE_NAME) or "") or None
            self._service_version = str(resource.attributes.get(SERVICE_VERSION) or "") or None
            self._store.writer.process.service = self._service
            self._resource = resource
        return self._service


def _is_awaited(frame: tuple[bytes, Held]) -> bool:
    """Whether facts are to be on the disk: of a request's end, with what came before it, or of no request."""
    attributes = frame[1].payload[_ATTRIBUTES]
    return IS_REQUEST in attributes or REQUEST_ID not in attributes


def _attributes_of(span: ReadableSpan) -> dict[str, Any]:
    """The dict inside, where there is one: copying it through the mapping's own methods costs three times as much."""
    inside: Any = span._attributes
    if type(inside) is not dict:
        inside = getattr(inside, "_dict", None)
    return inside if type(inside) is dict else dict(span.attributes or {})


def _count_lost(attributes: dict[str, Any]) -> None:
    facts = read_facts(attributes)
    counts = {
        "requests": int(facts.request is not None),
        "data_events": len(facts.tags),
        "storage_events": len(facts.storage),
        "share_events": int(facts.share is not None),
        "tag_matches": len(facts.matches),
    }
    for table, count in counts.items():
        if count:
            status.count_loss("queue_full", table, count)
