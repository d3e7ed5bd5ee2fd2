"""The response as a place where data goes (PROVENANCE_CAPTURE_RESPONSES): whose data is shown to whom."""

from __future__ import annotations

from typing import Any

from otel_provenance.egress.bodies import SentBody
from otel_provenance.events import Part, ShareEvent

_SHOWING = ("Location", "Set-Cookie", "Content-Disposition", "Link", "Refresh")


class ShownResponse:
    """What of one response is known: its telling headers, and its body as it is handed to the server."""

    __slots__ = ("_body", "_headers", "_media_type", "_status_code")

    def __init__(self, response: Any, limit: int, *, is_streamed: bool) -> None:
        self._status_code: int = response.status_code
        self._media_type: str | None = response.content_type
        headers = response.headers  # an application may have put a dict there, which has one value of each
        all_of = getattr(headers, "getlist", lambda name: [headers[name]] if name in headers else [])
        self._headers = [(name, value) for name in _SHOWING for value in all_of(name)]
        self._body = SentBody(limit)
        if response.is_sequence:
            for chunk in response.response:
                self._body.keep(chunk)
        elif not is_streamed:
            self._body.reason = "stream"  # a file that the server sends by itself, an error page

    def see_chunk(self, chunk: Any) -> None:
        """A chunk of a streamed response, on its way."""
        self._body.keep(chunk)

    def event(self, method: str, path: str, client: str | None) -> ShareEvent:
        """The response as a share: ``host`` is the client that gets it."""
        parts = [Part("header", value, name) for name, value in self._headers]
        if self._body.size and method != "HEAD":
            parts.append(Part("body", self._body.data, media_type=self._media_type))
        return ShareEvent(
            "response",
            "flask",
            method,
            client,
            None,
            path,
            tuple(parts),
            (self._media_type or "").partition(";")[0].strip().lower() or None,
            self._body.size,
            self._status_code,
            "sent",
            *self._body.inspected,
        )
