"""The response as the record tells of it: status, type, size, a redacted preview."""

from __future__ import annotations

import re
from typing import Any

from otel_provenance.boundaries.flask.response import ShownResponse
from otel_provenance.settings import Settings
from otel_provenance.values import redact_structured

_TEXT_TYPES = re.compile(r"text/|application/(?:.*\+)?(?:json|xml|javascript)")


class Answer:
    """What goes out in answer to one request."""

    __slots__ = ("_settings", "bytes", "is_streamed", "preview", "shown", "status_code", "type")

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.status_code: int | None = None
        self.type: str | None = None
        self.bytes: int | None = None
        self.preview: str | None = None
        self.is_streamed = False
        self.shown: ShownResponse | None = None
        """The response as a sink, where that was asked for."""

    def see_response(self, response: Any, method: str) -> None:
        """A Flask response, as it is about to be handed to the server."""
        self.status_code = response.status_code
        self.type = response.mimetype or None
        is_sequence = response.is_sequence
        self.is_streamed = not (is_sequence or response.direct_passthrough or _is_error_page(response))
        if self._settings.capture_responses:
            self.shown = ShownResponse(response, self._settings.body_limit, is_streamed=self.is_streamed)
        if not is_sequence:
            self.bytes = None if self.is_streamed else response.content_length
            return
        chunks = response.response
        self.bytes = 0 if method == "HEAD" else sum(map(len, chunks))
        if self.bytes and not _is_encoded(response.headers):
            self._see_preview(b"".join(chunks) if len(chunks) > 1 else chunks[0])

    def see_chunk(self, chunk: Any) -> None:
        """A chunk of a streamed response, on its way."""
        if isinstance(chunk, bytes):
            if self.bytes is None:
                self.bytes = 0
                self._see_preview(chunk)
            self.bytes += len(chunk)
            if self.shown is not None:
                self.shown.see_chunk(chunk)

    def _see_preview(self, data: Any) -> None:
        limit = self._settings.capture_limit
        if limit and isinstance(data, bytes) and _TEXT_TYPES.match(self.type or ""):
            self.preview = redact_structured(data[: limit * 4].decode("utf-8", "replace")[:limit]) or None


def _is_encoded(headers: Any) -> bool:
    pairs = getattr(headers, "_list", None)
    if pairs is None:  # an application may have put a dict there
        return bool(headers.get("Content-Encoding"))
    # Werkzeug's own look-up raises and catches an error for what is not there
    for name, value in pairs:
        if len(name) == 16 and name.lower() == "content-encoding":
            return bool(value)
    return False


def _is_error_page(response: Any) -> bool:
    # Flask turns an HTTPException into a response by running it as a WSGI application: whole, but no list
    return type(response.response).__name__ == "ClosingIterator" and response.content_length is not None
