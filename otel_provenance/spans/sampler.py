"""A sampler that records every span of ours, whatever is sampled for others.

A client can switch recording off with ``traceparent: …-00``. The record must be complete all the same: a
dropped span is recorded for our own processor, and stays unsampled for every exporter.
"""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes


class RecordEverything(Sampler):
    """Turns DROP into RECORD_ONLY, and leaves the decision about sampling to ``inner``."""

    def __init__(self, inner: Sampler) -> None:
        self._inner = inner

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """As ``Sampler.should_sample``."""
        result = self._inner.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)
        if result.decision is Decision.DROP:
            return SamplingResult(Decision.RECORD_ONLY, result.attributes, result.trace_state)
        return result

    def get_description(self) -> str:
        """As ``Sampler.get_description``."""
        return f"RecordEverything({self._inner.get_description()})"
