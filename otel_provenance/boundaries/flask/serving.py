"""One request while it is served: its scope, its parts, its span."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.trace.status import Status, StatusCode

from otel_provenance import ingress
from otel_provenance.attributes import RECORDS_PER_SPAN, request_attributes, tag_attributes
from otel_provenance.boundaries.flask.answer import Answer
from otel_provenance.boundaries.flask.errors import error_text
from otel_provenance.boundaries.flask.paths import recorded_path, shown_route
from otel_provenance.boundaries.flask.reading import RequestBody
from otel_provenance.boundaries.flask.response import ShownResponse
from otel_provenance.guard import guarded, run_guarded
from otel_provenance.records import RequestRecord
from otel_provenance.spans.calls import record_share
from otel_provenance.spans.facts import put_facts
from otel_provenance.spans.propagator import receive
from otel_provenance.spans.runtime import Runtime
from otel_provenance.spans.scope import RequestScope
from otel_provenance.spans.trace_context import is_tracing_used
from otel_provenance.tags import records_of

IN_ENVIRON = "provenance.serving"
"""The WSGI environ's key of the Serving: tells a request within a request from one that is passed on."""


class Serving:
    """What is learnt about one request, from its first byte to its response's last."""

    def __init__(self, runtime: Runtime, environ: dict[str, Any], parent: Context, around: Context) -> None:
        self._runtime = runtime
        self.environ = environ
        self.scope = RequestScope(runtime.salt)
        self.scope.serving = environ[IN_ENVIRON] = self
        self.method: str = environ.get("REQUEST_METHOD", "")
        self.path = _environ_text(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""))
        self._client = environ.get("REMOTE_ADDR") or None
        self.route: str | None = None
        self.error: str | None = None
        self.user_id: str | None = None
        self._parts_tagged = False
        self._is_websocket = environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        self.body = RequestBody(environ, self.scope, runtime.settings.body_limit)
        self.answer = Answer(runtime.settings)
        span = runtime.start_span(self.method or "HTTP", parent, trace.SpanKind.SERVER)
        self.context = self.scope.open(span, around)

    def tag_parts(self, view_args: Mapping[str, Any] | None) -> None:
        """Query, cookies, headers and path parameters."""
        self._parts_tagged = True
        tags, environ = self.scope.tags, self.environ
        path, self.path = self.path, self.route or "/***"  # should a fault of ours keep the path from being told
        self.path = shown_route(path) if path == self.route else recorded_path(path, self.route, view_args or {})
        if view_args:
            ingress.path(tags, view_args)
        query = environ.get("QUERY_STRING")
        if query:
            self.body.note(ingress.query(tags, query))
        cookie = environ.get("HTTP_COOKIE")
        if cookie:
            ingress.cookies(tags, cookie)
        if self._runtime.settings.headers:
            ingress.headers(tags, environ, self._runtime.settings.headers)
        self.scope.announce_tags()

    def see_error(self, error: BaseException) -> None:
        """The view, or what came after it, raised."""
        self.error = type(error).__name__  # should the error's own text fail to be told
        self.error = error_text(error, self.scope.tags.known())

    def wants_untouched_body(self) -> bool:
        """Whether the view went well and left a form or JSON body unread, which is to be read after it."""
        return (
            self.body.is_untouched()
            and self.route is not None
            and self.error is None
            and (self.answer.status_code or 500) < 400
        )

    def leave(self, error: BaseException) -> None:
        """An exception leaves Flask: what its response would have been, and what the client gets, is not known."""
        # once a WebSocket is closed, Flask-Sock raises so that the server writes no response
        is_closed = self._is_websocket and self.answer.status_code is not None
        self.answer = Answer(self._runtime.settings)
        self.end(None if is_closed else error)

    @guarded("flask.end")
    def end(self, error: BaseException | None = None) -> None:
        """The request is over: all that is known goes to its span, and the span ends."""
        scope, answer = self.scope, self.answer
        if scope.ended:
            return
        scope.ended = True
        if error is not None and self.error is None:
            run_guarded("flask.error", self.see_error, error)
        if not self._parts_tagged:
            self.tag_parts(None)
        if self.body.tee is not None and not self.body.is_tagged:
            if self.body.lies_in_memory() and self.wants_untouched_body():
                self.body.read_untouched()
            self.body.tag_what_was_read()
        if self._is_websocket and (answer.status_code or 101) < 400:
            self.body.note("stream")  # its frames go past us
        record = RequestRecord(
            scope.request_id,
            scope.parent_request_id,
            self.method,
            self.path,
            self.route,
            self.user_id,
            self._client,
            answer.status_code,
            answer.type,
            answer.bytes,
            answer.preview,
            self.error,
            *self.body.inspected(),
        )
        span = scope.span
        if span is None:
            return
        limit = self._runtime.settings.capture_limit
        tags = records_of(scope.tags.known(), limit)
        if len(tags) > RECORDS_PER_SPAN:
            self._continue(tags[RECORDS_PER_SPAN:])
        if self.route:
            span.update_name(f"{self.method} {self.route}")
        put_facts(span, {**request_attributes(record), **tag_attributes(scope.request_id, tags[:RECORDS_PER_SPAN])})
        if (record.status_code is None and self.error) or (record.status_code or 0) >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end()
        if answer.shown is not None:
            self._record_shown(answer.shown)
        self._let_go()

    def _record_shown(self, shown: ShownResponse) -> None:
        token = attach(self.context)
        try:
            record_share(shown.event(self.method, self.path, self._client))
        finally:
            detach(token)

    def _let_go(self) -> None:
        # scope and environ point here, and this at them: without the cycles all of it is freed at once
        self.scope.serving = None
        self.body.let_go()
        self.environ.pop(IN_ENVIRON, None)
        self.environ = {}

    def _continue(self, tags: list[Any]) -> None:
        for at in range(0, len(tags), RECORDS_PER_SPAN):
            span = self._runtime.start_span("provenance.tags", self.context)
            put_facts(span, tag_attributes(self.scope.request_id, tags[at : at + RECORDS_PER_SPAN]))
            span.end()


def begin(runtime: Runtime, environ: dict[str, Any], around: Context) -> Serving:
    """A request comes in; ``around`` is the current context."""
    parent = around
    if not (around and trace.get_current_span(around).get_span_context().is_valid):
        parent = _extracted(environ, around)
        if parent is not around and is_tracing_used():  # else the application would pass on what a client sent
            around = parent
    serving = Serving(runtime, environ, parent, around)
    header = environ.get("HTTP_BAGGAGE")
    if header:
        receive(serving.scope, header)
    return serving


_propagate: Any = None
_fields: tuple[Any, list[tuple[str, str]]] = (None, [])
"""A propagator, and the headers that it reads with their keys in a WSGI environ."""


def _extracted(environ: Mapping[str, Any], current: Context) -> Context:
    global _propagate, _fields
    if _propagate is None:
        from opentelemetry import propagate

        _propagate = propagate
    propagator = _propagate.get_global_textmap()
    known = _fields
    if known[0] is not propagator:
        known = _fields = propagator, [(name, "HTTP_" + name.upper().replace("-", "_")) for name in propagator.fields]
    carrier = {}
    for name, key in known[1]:
        if key in environ:
            carrier[name] = environ[key]
    if not carrier:
        return current
    return _propagate.extract(carrier, current) or current  # OTEL_PROPAGATORS=none gives None


def _environ_text(text: str) -> str:
    return text if text.isascii() else text.encode("latin-1", "replace").decode("utf-8", "replace")
