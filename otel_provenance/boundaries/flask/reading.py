"""The request body, however the application reads it: parsed by Flask, read raw, or left untouched."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from otel_provenance import ingress
from otel_provenance.boundaries.flask.body import BodyTee
from otel_provenance.guard import guarded
from otel_provenance.spans.scope import RequestScope

_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_READ_DEADLINE_S = 0.5


class RequestBody:
    """One request's body: it becomes tags once, by the first way in which the application comes to know it."""

    def __init__(self, environ: dict[str, Any], scope: RequestScope, limit: int) -> None:
        self._scope = scope
        self._limit = limit
        self.is_tagged = False
        """Whether it became tags."""
        self._reason: str | None = None
        self.tee: BodyTee | None = None
        self._length = _length_of(environ)
        if self._length or "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            self._content_type: str = environ.get("CONTENT_TYPE", "") or ""
            self._encoding: str = environ.get("HTTP_CONTENT_ENCODING", "")
            self._expects: bool = bool(environ.get("HTTP_EXPECT"))
            self._socket = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
            self.tee = BodyTee(environ.get("wsgi.input"), self._length, limit, self._is_complete)
            environ["wsgi.input"] = self.tee

    # --- parsed by Flask ----------------------------------------------------------------------------

    def tag_form(self, pairs: list[tuple[str, Any]], files: list[tuple[str, Any]]) -> None:
        """A form as the application parsed it."""
        if self.is_tagged or not (pairs or files):
            return
        self.is_tagged = True
        self.note(ingress.form(self._scope.tags, pairs))
        for field, upload in files:
            content = _content_of(upload, self._limit)
            if content is None:
                self.note("file_not_read")
            self.note(ingress.file(self._scope.tags, field, upload.filename, content, upload.mimetype))
        self._forget()

    def tag_json(self, value: Any) -> None:
        """A JSON body as the application parsed it."""
        if self.is_tagged:
            return
        self.is_tagged = True
        self.note(ingress.json_body(self._scope.tags, value))
        self._forget()

    def _forget(self) -> None:
        if self.tee is not None:
            if 0 < self.tee.size < (self._length or 0):
                self.note("incomplete")  # the client went away: the application took what there was
            self.tee.take()
        self._scope.announce_tags()

    # --- read raw -----------------------------------------------------------------------------------

    def _is_complete(self) -> None:
        # not parsed yet: the application may be about to parse it for us
        self._scope.tags.pending.append(self.tag_what_was_read)

    @guarded("flask.body")
    def tag_what_was_read(self) -> None:
        """What the application read, if it did not let Flask parse it."""
        if self.is_tagged or self.tee is None or not self.tee.size:
            return
        if self.tee.overflowed:
            self.note("too_large")
            return
        data = self.tee.take()
        if data is not None:
            self._tag(data, is_whole=self.tee.complete and self.tee.size >= (self._length or 0))

    def _tag(self, data: bytes, *, is_whole: bool) -> None:
        self.is_tagged = True
        if not is_whole:
            self.note("incomplete")
        self.note(ingress.raw_body(self._scope.tags, data, self._content_type, self._encoding, self._limit))
        self._scope.announce_tags()

    # --- left untouched -----------------------------------------------------------------------------

    def is_untouched(self) -> bool:
        """Whether a form or JSON body of declared, small length waits unread."""
        if self.tee is None or self.tee.size or self.is_tagged or not self._length or self._expects:
            return False
        media_type = self._content_type.partition(";")[0].strip().lower()
        return self._length <= self._limit and (media_type in _FORM_TYPES or media_type.endswith(("/json", "+json")))

    def lies_in_memory(self) -> bool:
        """Whether reading it cannot wait for the client."""
        return self.tee is not None and isinstance(self.tee.inner, io.BytesIO)

    def read_untouched(self) -> None:
        """Read it, after the response was sent; bounded in time, for the client may never send it."""
        if self.tee is None or self._length is None:
            return
        if self.lies_in_memory():  # without moving its position: the application may read it yet
            buffer = self.tee.inner
            data = buffer.getvalue()[buffer.tell() : buffer.tell() + self._length]
        elif self._socket is not None:
            before = self._socket.gettimeout()
            self._socket.settimeout(_READ_DEADLINE_S)
            try:
                data = self.tee.inner.read(self._length)
            except OSError:
                return
            finally:
                self._socket.settimeout(before)
        else:
            return  # no way to bound the wait
        self._tag(data, is_whole=len(data) == self._length)

    def let_go(self) -> None:
        """The request is over: without the tee, which knows this object, both are freed at once."""
        self.tee = None

    # --- how much of it was looked into --------------------------------------------------------------

    def note(self, reason: str | None) -> None:
        """Something of the request was not looked into."""
        self._reason = self._reason or reason

    def inspected(self) -> tuple[str, str | None]:
        """``full``, ``partial`` or ``none``, and why not ``full``."""
        if self.tee is not None and not self.is_tagged:
            return ("none", self._reason or ("unread" if not self.tee.size else "not_parsed"))
        return ("partial", self._reason) if self._reason else ("full", None)


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
