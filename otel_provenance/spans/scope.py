"""The scope of a request: its id, tags and server span, carried by OpenTelemetry's context.

The context follows threads, tasks and greenlets, so a scope is right wherever the context is. It also
holds the baggage, as one dict that grows with the tags: who reads baggage sees what is known then.
"""

from __future__ import annotations

from typing import Any

from opentelemetry import baggage
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, Context, create_key
from opentelemetry.trace import Span

from otel_provenance.attributes import BAGGAGE_TAGS, REQUEST_ID
from otel_provenance.guard import guarded
from otel_provenance.identifiers import IdSequence, new_request_id
from otel_provenance.matching import TagIndex
from otel_provenance.spans.trace_context import here, with_span
from otel_provenance.tags import TagSet

_SCOPE = create_key("provenance.scope")
_BAGGAGE = next(iter(baggage.set_baggage("a", "b", Context())))
"""Where OpenTelemetry keeps the baggage in a context."""
_NO_TAGS = TagIndex(())


class RequestScope:
    """One request while the application serves it, and after, as long as its context lives on."""

    __slots__ = ("_baggage", "ended", "ids", "parent_request_id", "request_id", "serving", "span", "tags")

    def __init__(self, salt: bytes) -> None:
        self.request_id = new_request_id()
        self.parent_request_id: str | None = None
        self.ids = IdSequence(self.request_id)
        self.tags = TagSet(self.ids, salt)
        self.span: Span | None = None
        self.ended = False
        self.serving: Any = None
        """What the boundary that took the request in keeps about it, until the request is over."""
        self._baggage: dict[str, object] = {}

    def open(self, span: Span, parent: Context) -> Context:
        """The context that the application runs in: span, scope and baggage."""
        self.span = span
        others = parent.get(_BAGGAGE)
        if isinstance(others, dict):  # but not a client's word for what is ours to say
            self._baggage = {name: value for name, value in others.items() if not name.startswith("provenance.")}
        self._baggage[REQUEST_ID] = self.request_id
        # one dict, where each set_value() would copy all
        return Context({**with_span(span, parent), _BAGGAGE: self._baggage, _SCOPE: self})

    def announce_tags(self) -> None:
        """Bring the baggage up to the tags known now."""
        self._baggage[BAGGAGE_TAGS] = " ".join([tag[0] for tag in self.tags.tags])


def current_scope() -> RequestScope | None:
    """The scope of the request that this code runs for, or None outside requests."""
    return here().get(_SCOPE)  # type: ignore[return-value]


def scope_in(context: Context) -> RequestScope | None:
    """As ``current_scope``, of a context."""
    return context.get(_SCOPE)  # type: ignore[return-value]


@guarded("scope.add_tag")
def add_tag(source: str, field: str, value: Any) -> None:
    """A value came in by a way of someone else's boundary; it is known to the request that this code runs for.

    ``source`` names the way (``fax``), ``field`` the place in it. Outside a request nothing happens.
    """
    scope = current_scope()
    if scope is not None and not scope.ended:
        scope.tags.add(source, field, value)
        scope.announce_tags()


def is_suppressed(context: Context | None = None) -> bool:
    """Whether someone (our store, an OTLP exporter) said that nothing is to be instrumented here."""
    if context is None:
        context = here()
    return bool(context.get(_SUPPRESS_INSTRUMENTATION_KEY) or context.get("suppress_instrumentation"))


def tag_index(scope: RequestScope | None) -> TagIndex:
    """The tags to look for in what a scope writes or sends; none outside requests."""
    if scope is None:
        return _NO_TAGS
    tags = scope.tags
    known = tags.known() if tags.pending else tags.tags
    index: TagIndex = tags.index
    if tags.indexed != len(known):
        index = tags.index = TagIndex((*known, *tags.upstream), salt=tags.salt)
        tags.indexed = len(known)
    return index
