"""One HTTP request of whichever client: its call, its body's tee, its headers of ours, its event.

sending = begin_sending("requests", "POST", url)      guarded; None: nothing records here
body, headers = sending.body(body), sending.headers(headers)
with sending.context attached: the client's own call
sending.answered(status) or sending.failed(error)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from otel_provenance.egress.bodies import SentBody, tee
from otel_provenance.egress.http import headers_of, http_event
from otel_provenance.guard import guarded
from otel_provenance.spans.calls import Call, begin_call, end_call
from otel_provenance.spans.propagator import outgoing_headers
from otel_provenance.spans.runtime import runtime


class Sending:
    """A request on its way: what is learnt about it until it is answered or has failed."""

    __slots__ = ("_body", "_headers", "_library", "attributes", "call", "limit", "method", "of", "url")

    def __init__(self, call: Call, library: str, method: str, url: str, limit: int, of: Any) -> None:
        self.call = call
        self.method = method
        self.url = url
        self.limit = limit
        self.of = of
        """The library's own object for the request: the same one is not counted twice."""
        self.attributes: Mapping[str, Any] = {}
        """OpenTelemetry attributes of the library's own kind of call (``rpc.method``)."""
        self._library = library
        self._headers: Any = ()
        self._body: SentBody | None = None
        call.of = self

    def teed(self, body: Any) -> Any:
        """What to give the client in place of its body: the body itself unless it is a stream."""
        given, self._body = tee(body, self.limit)
        return given

    def see_unread(self, body: Any) -> None:
        """A body that a transport of someone's own took: known where it lies in memory."""
        given, seen = tee(body, self.limit)
        self._body = seen if given is body else SentBody(self.limit, reason="stream")

    @property
    def sent(self) -> SentBody:
        """What is known of the body so far."""
        if self._body is None:  # nobody looked at it, or looking at it failed
            self._body = SentBody(self.limit, reason="error")
        return self._body

    def see_body(self, body: SentBody) -> None:
        """A body that the boundary tees itself."""
        self._body = body

    def see_headers(self, headers: Any) -> None:
        """The headers as the application set them."""
        self._headers = headers_of(headers)

    def extra_headers(self, present: Any) -> Mapping[str, str]:
        """Headers that are to go out beside (or in place of) those present; none unless the user asked."""
        return outgoing_headers(self.call, self._library, self.url, present)

    @guarded("http.answered")
    def answered(self, status_code: int | None) -> None:
        """The answer's status has come."""
        self._end(status_code, None)

    @guarded("http.failed")
    def failed(self, error: BaseException, *, never_sent: bool = False) -> None:
        """The client raised instead."""
        self._end(None, error, never_sent)

    def _end(self, status_code: int | None, error: BaseException | None, never_sent: bool = False) -> None:
        if self.call.ended:
            return
        body = self.sent
        body.finish()
        event = http_event(
            self._library,
            self.method,
            self.url,
            self._headers,
            body,
            status_code=status_code,
            error=error,
            never_sent=never_sent,
            attributes=self.attributes,
        )
        end_call(self.call, event)
        # a thread that the call left behind may keep its context, and this, for long
        self._headers, self._body, self.of, self.call.of = (), None, None, None
        self.limit = 0


class Exchange:
    """Attributes of the application's own request, exchanged for the time of sending."""

    __slots__ = ("_given", "_request")

    def __init__(self, request: Any) -> None:
        self._request = request
        self._given: list[tuple[str, Any, Any]] = []

    def put(self, name: str, value: Any) -> None:
        """Set an attribute, and remember what was there."""
        before = getattr(self._request, name)
        if value is not before:
            self._given.append((name, before, value))
            setattr(self._request, name, value)

    def put_back(self) -> None:
        """All is as before, but for what someone else has set meanwhile."""
        while self._given:
            name, before, value = self._given.pop()
            if getattr(self._request, name) is value:
                setattr(self._request, name, before)


def begin_sending(library: str, method: str, url: str, *, of: Any = None, nested: bool = False) -> Sending | None:
    """A request is about to be sent; None where nothing records it (see ``begin_call``)."""
    call = begin_call("http", library, method, nested=nested)
    current = None if call is None else runtime()  # which it would make, and a record with it
    if call is None or current is None:
        return None
    return Sending(call, library, method, url, current.settings.body_limit, of)


@guarded("http.status")
def status_of(response: Any, name: str = "status_code") -> int | None:
    """The status of whatever stands for a response: a mock's may be no number, and may raise when it is read."""
    status = getattr(response, name, None)
    return status if isinstance(status, int) else None
