"""One request while it is served: its scope, its parts, its span."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach, get_current
from opentelemetry.trace.status import Status, StatusCode

from otel_provenance import ingress
from otel_provenance.attributes import RECORDS_PER_SPAN, request_attributes, tag_attributes
from otel_provenance.boundaries.flask.body import BodyTee
from otel_provenance.boundaries.flask.response import ShownResponse
from otel_provenance.guard import guarded
from otel_provenance.records import RequestRecord
from otel_provenance.spans.calls import record_share
from otel_provenance.spans.facts import put_facts
from otel_provenance.spans.propagator import receive
from otel_provenance.spans.runtime import Runtime
from otel_provenance.spans.scope import RequestScope
from otel_provenance.spans.trace_context import is_tracing_used, parent_in
from otel_provenance.values import redact, redact_structured, shown_path

_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_TEXT_TYPES = re.compile(r"text/|application/(?:.*\+)?(?:json|xml|javascript)")
_EMAIL = re.compile(r"[^\s@<>'\"(),;:]+@[^\s@<>'\"(),;:]+")
_READ_DEADLINE_S = 0.5
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
        self.status_code: int | None = None
        self.response_type: str | None = None
        self.response_bytes: int | None = None
        self.response_preview: str | None = None
        self.is_streamed = False
        self._shown: ShownResponse | None = None
        self._parts_tagged = False
        self._body_tagged = False
        self._reason: str | None = None
        self._uninspected = False
        self.tee: BodyTee | None = None
        self._content_type: str = environ.get("CONTENT_TYPE", "") or ""
        self._length = _length_of(environ)
        if self._length or "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            limit = runtime.settings.body_limit
            self.tee = BodyTee(environ.get("wsgi.input"), self._length, limit, self._body_is_complete)
            environ["wsgi.input"] = self.tee
        span = runtime.tracer.start_span(self.method or "HTTP", parent, trace.SpanKind.SERVER)
        self.context = self.scope.open(span, around)

    # --- what came in -------------------------------------------------------------------------------

    def tag_parts(self, view_args: Mapping[str, Any] | None) -> None:
        """Query, cookies, headers and path parameters."""
        self._parts_tagged = True
        tags, environ = self.scope.tags, self.environ
        if view_args:
            ingress.path(tags, view_args)
        ingress.query(tags, environ.get("QUERY_STRING", ""))
        cookie = environ.get("HTTP_COOKIE")
        if cookie:
            ingress.cookies(tags, cookie)
        if self._runtime.settings.headers:
            ingress.headers(tags, environ, self._runtime.settings.headers)
        self.scope.announce_tags()

    def tag_form(self, pairs: list[tuple[str, Any]], files: list[tuple[str, Any]]) -> None:
        """A form as the application parsed it."""
        if self._body_tagged or not (pairs or files):
            return
        self._body_tagged = True
        ingress.form(self.scope.tags, pairs)
        for field, upload in files:
            content = _content_of(upload, self._runtime.settings.body_limit)
            if content is None:
                self._note("file_not_read")
            ingress.file(self.scope.tags, field, upload.filename, content, upload.mimetype)
        self._forget_body()

    def tag_json(self, value: Any) -> None:
        """A JSON body as the application parsed it."""
        if self._body_tagged:
            return
        self._body_tagged = True
        self._note(ingress.json_body(self.scope.tags, value))
        self._forget_body()

    def _forget_body(self) -> None:
        if self.tee is not None:
            if 0 < self.tee.size < (self._length or 0):
                self._note("incomplete")  # the client went away: the application took what there was
            self.tee.take()
        self.scope.announce_tags()

    def _body_is_complete(self) -> None:
        # not parsed yet: the application may be about to parse it for us
        self.scope.tags.pending.append(self._tag_read_body)

    @guarded("flask.body")
    def _tag_read_body(self) -> None:
        if self._body_tagged or self.tee is None or not self.tee.size:
            return
        if self.tee.overflowed:
            self._note("too_large")
            return
        data = self.tee.take()
        if data is None:
            return
        self._body_tagged = True
        if not self.tee.complete or self.tee.size < (self._length or 0):
            self._note("incomplete")
        self._tag_bytes(data)

    def _tag_bytes(self, data: bytes) -> None:
        encoding = self.environ.get("HTTP_CONTENT_ENCODING", "")
        limit = self._runtime.settings.body_limit
        self._note(ingress.raw_body(self.scope.tags, data, self._content_type, encoding, limit))
        self.scope.announce_tags()

    def _note(self, reason: str | None) -> None:
        self._reason = self._reason or reason

    # --- a body that the view never touched ---------------------------------------------------------

    def wants_untouched_body(self) -> bool:
        """Whether a form or JSON body of declared, small length waits unread after a view that went well."""
        tee = self.tee
        if tee is None or tee.size or self._body_tagged or not self._length:
            return False
        media_type = self._content_type.partition(";")[0].strip().lower()
        return (
            self._length <= self._runtime.settings.body_limit
            and (media_type in _FORM_TYPES or media_type.endswith(("/json", "+json")))
            and self.route is not None
            and self.error is None
            and (self.status_code or 500) < 400
            and not self.environ.get("HTTP_EXPECT")
        )

    def may_read_at_once(self) -> bool:
        """Whether the body lies in memory, so that reading it cannot wait for the client."""
        return self.tee is not None and isinstance(self.tee.inner, io.BytesIO)

    def read_untouched_body(self) -> None:
        """Read it, after the response was sent; bounded in time, for the client may never send it."""
        if self.tee is None or self._length is None or not self.wants_untouched_body():
            return
        sock = self.environ.get("gunicorn.socket") or self.environ.get("werkzeug.socket")
        if self.may_read_at_once():  # without moving its position: the application may read it yet
            buffer = self.tee.inner
            data = buffer.getvalue()[buffer.tell() : buffer.tell() + self._length]
        elif sock is not None:
            before = sock.gettimeout()
            sock.settimeout(_READ_DEADLINE_S)
            try:
                data = self.tee.inner.read(self._length)
            except OSError:
                return
            finally:
                sock.settimeout(before)
        else:
            return  # no way to bound the wait
        self._body_tagged = True
        if len(data) < self._length:
            self._note("incomplete")
        self._tag_bytes(data)

    # --- what went out ------------------------------------------------------------------------------

    def see_response(self, response: Any) -> None:
        """A Flask response, as it is about to be handed to the server."""
        self.status_code = response.status_code
        self.response_type = response.mimetype or None
        self.is_streamed = not (response.is_sequence or response.direct_passthrough or _is_error_page(response))
        if self._runtime.settings.capture_responses:
            self._shown = ShownResponse(response, self._runtime.settings.body_limit, is_streamed=self.is_streamed)
        if not response.is_sequence:
            self.response_bytes = None if self.is_streamed else response.content_length
            return
        chunks = response.response
        self.response_bytes = 0 if self.method == "HEAD" else sum(map(len, chunks))
        if self.response_bytes and not response.headers.get("Content-Encoding"):
            self._see_preview(b"".join(chunks) if len(chunks) > 1 else chunks[0])

    def see_chunk(self, chunk: Any) -> None:
        """A chunk of a streamed response, on its way."""
        if isinstance(chunk, bytes):
            if self.response_bytes is None:
                self.response_bytes = 0
                self._see_preview(chunk)
            self.response_bytes += len(chunk)
            if self._shown is not None:
                self._shown.see_chunk(chunk)

    def _see_preview(self, data: Any) -> None:
        limit = self._runtime.settings.capture_limit
        if limit and isinstance(data, bytes) and _TEXT_TYPES.match(self.response_type or ""):
            self.response_preview = redact_structured(data[: limit * 4].decode("utf-8", "replace")[:limit]) or None

    def see_error(self, error: BaseException) -> None:
        """The view, or what came after it, raised: type and message, with personal data taken out."""
        message = str(error)[:2000]
        for tag in self.scope.tags.tags:
            text = tag.value if isinstance(tag.value, str) else tag.normal
            if len(text) > 1 and text in message:
                message = message.replace(text, redact(text))
        message = _EMAIL.sub(lambda found: redact(found[0]), message)[:300]
        self.error = f"{type(error).__name__}: {message}" if message else type(error).__name__

    # --- the end ------------------------------------------------------------------------------------

    @guarded("flask.end")
    def end(self, error: BaseException | None = None) -> None:
        """The request is over: all that is known goes to its span, and the span ends."""
        scope = self.scope
        if scope.ended:
            return
        scope.ended = True
        if error is not None and self.error is None:
            self.see_error(error)
        if not self._parts_tagged:
            self.tag_parts(None)
        if self.may_read_at_once():
            self.read_untouched_body()
        self._tag_read_body()
        record = RequestRecord(
            scope.request_id,
            scope.parent_request_id,
            self.method,
            shown_path(self.path),
            self.route,
            self.user_id,
            self._client,
            self.status_code if self.status_code is not None else 500 if self.error else None,
            self.response_type,
            self.response_bytes,
            self.response_preview,
            self.error,
            *self._inspected(),
        )
        span = scope.span
        if span is None:
            return
        limit = self._runtime.settings.capture_limit
        tags = [tag.to_record(limit) for tag in scope.tags.known()]
        self._continue(tags[RECORDS_PER_SPAN:])
        if self.route:
            span.update_name(f"{self.method} {self.route}")
        put_facts(span, {**request_attributes(record), **tag_attributes(scope.request_id, tags[:RECORDS_PER_SPAN])})
        if (record.status_code or 0) >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end()
        if self._shown is not None:
            self._record_shown(self._shown)
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
        self.environ.pop(IN_ENVIRON, None)
        self.environ = {}

    def _continue(self, tags: list[Any]) -> None:
        for at in range(0, len(tags), RECORDS_PER_SPAN):
            span = self._runtime.tracer.start_span("provenance.tags", parent_in(self.context))
            put_facts(span, tag_attributes(self.scope.request_id, tags[at : at + RECORDS_PER_SPAN]))
            span.end()

    def _inspected(self) -> tuple[str, str | None]:
        if self.tee is not None and not self._body_tagged:
            unread = self._reason or ("unread" if not self.tee.size else "not_parsed")
            return ("none", unread)
        return ("partial", self._reason) if self._reason else ("full", None)


def begin(runtime: Runtime, environ: dict[str, Any]) -> Serving:
    """A request comes in."""
    around = parent = get_current()
    if not trace.get_current_span(around).get_span_context().is_valid:
        parent = _extracted(environ, around)
        if is_tracing_used():  # else the application would pass on what a client sent
            around = parent
    serving = Serving(runtime, environ, parent, around)
    header = environ.get("HTTP_BAGGAGE")
    if header:
        receive(serving.scope, header)
    return serving


def _extracted(environ: Mapping[str, Any], current: Context) -> Context:
    from opentelemetry import propagate

    names = {name: "HTTP_" + name.upper().replace("-", "_") for name in propagate.get_global_textmap().fields}
    carrier = {name: environ[key] for name, key in names.items() if key in environ}
    if not carrier:
        return current
    return propagate.extract(carrier, current) or current  # OTEL_PROPAGATORS=none gives None


def _is_error_page(response: Any) -> bool:
    # Flask turns an HTTPException into a response by running it as a WSGI application: whole, but no list
    return type(response.response).__name__ == "ClosingIterator" and response.content_length is not None


def _environ_text(text: str) -> str:
    return text if text.isascii() else text.encode("latin-1", "replace").decode("utf-8", "replace")


def _length_of(environ: Mapping[str, Any]) -> int | None:
    text = environ.get("CONTENT_LENGTH")
    return int(text) if isinstance(text, str) and text.isdigit() else None


def _content_of(upload: Any, limit: int) -> bytes | None:
    # the parser has spooled it: read it where it lies, and leave the position as it was
    stream = upload.stream
    if isinstance(stream, io.BytesIO):
        return stream.getvalue() if stream.getbuffer().nbytes <= limit else None
    try:
        at = stream.tell()
        try:
            stream.seek(0)
            content = stream.read(limit + 1)
        finally:
            stream.seek(at)
    except (OSError, ValueError, AttributeError):  # a stream of the application's own that cannot be read back
        return None
    return content if isinstance(content, bytes) and len(content) <= limit else None
