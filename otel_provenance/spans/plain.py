"""A span of ours where nobody but the record looks: an SDK span's facts, at a fraction of its cost.

No sampler, limits, locks or processors: those are for who traces with OpenTelemetry, and then spans are the SDK's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Span, SpanContext, SpanKind
from opentelemetry.trace.status import Status, StatusCode

_UNSET = Status(StatusCode.UNSET)
Sink = Callable[[Sequence[ReadableSpan]], Any]


class PlainSpan(ReadableSpan, Span):
    """Recorded by ``sink`` (an exporter's ``export``) when it ends."""

    def __init__(
        self,
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        kind: SpanKind,
        resource: Resource,
        scope: InstrumentationScope,
        sink: Sink,
        together: Any = None,
    ) -> None:
        ReadableSpan.__init__(
            self,
            name,
            context,
            parent,
            resource,
            attributes={},
            kind=kind,
            status=_UNSET,
            start_time=time.time_ns(),
            instrumentation_scope=scope,
        )
        self._sink = sink
        self.together = together
        """Takes the spans below this one, if the exporter records those of a request together."""

    def get_span_context(self) -> SpanContext:
        """Its ids."""
        return self._context  # type: ignore[return-value]

    @property
    def attributes(self) -> Any:
        """All that was set."""
        return self._attributes

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Add attributes, until it ends: then they wait to be written."""
        if self._end_time is None:
            self._attributes.update(attributes)  # type: ignore[union-attr]

    def set_attribute(self, key: str, value: Any) -> None:
        """Add an attribute, until it ends."""
        if self._end_time is None:
            self._attributes[key] = value  # type: ignore[index]

    def update_name(self, name: str) -> None:
        """Name it anew."""
        self._name = name

    def is_recording(self) -> bool:
        """Until it ends."""
        return self._end_time is None

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """How the operation went."""
        self._status = status if isinstance(status, Status) else Status(status, description)

    def add_event(self, name: str, attributes: Any = None, timestamp: int | None = None) -> None:
        """Nothing: the record has no use for events."""

    def record_exception(
        self, exception: BaseException, attributes: Any = None, timestamp: int | None = None, escaped: bool = False
    ) -> None:
        """Nothing: the record tells of exceptions by attributes."""

    def end(self, end_time: int | None = None) -> None:
        """It is over, and recorded, the first time."""
        if self._end_time is None:
            self._end_time = time.time_ns() if end_time is None else end_time
            self._sink((self,))
