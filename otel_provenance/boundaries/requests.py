"""requests: every call, whichever of its functions made it; each redirect hop is a call by itself.

``Session.send`` is hooked for what never reaches a transport adapter of requests' own (a mocked or custom
transport, a URL that is refused), ``HTTPAdapter.send`` for the moment of sending: body and headers are
exchanged only there, on the prepared request itself, and are put back before anyone looks again.
"""

from __future__ import annotations

import sys
from typing import Any

from opentelemetry.context import attach, detach

from otel_provenance.boundaries.base import Boundary, replace
from otel_provenance.boundaries.http_calls import Exchange, Sending, begin_sending, status_of
from otel_provenance.guard import guarded
from otel_provenance.spans.calls import current_call


def _hook() -> None:
    # requests imports it at each call; threads of gevent's that do so at once for the first time may wait for ever
    import netrc  # noqa: F401

    from requests import Session
    from requests.adapters import HTTPAdapter

    replace(Session, "send", _sending)
    replace(HTTPAdapter, "send", _sending_by_adapter)


BOUNDARY = Boundary("requests", "requests", _hook)


def _sending(original: Any) -> Any:
    def send(session: Any, /, *args: Any, **kwargs: Any) -> Any:
        sending = _begin(args[0] if args else kwargs.get("request"))
        if sending is None:
            return original(session, *args, **kwargs)
        token = attach(sending.call.context)
        try:
            response = original(session, *args, **kwargs)
        except BaseException as error:
            if not sending.call.ended:
                _see_undelivered(sending)
                sending.failed(error, never_sent=bool(_is_refusal(error)))
            raise
        finally:
            detach(token)
        if not sending.call.ended:
            _see_undelivered(sending)
            sending.answered(status_of(response))
        return response

    return send


def _sending_by_adapter(original: Any) -> Any:
    def send(adapter: Any, /, *args: Any, **kwargs: Any) -> Any:
        request = args[0] if args else kwargs.get("request")
        current = _sending_of(request)
        sending = current or _begin(request)
        if sending is None:
            return original(adapter, *args, **kwargs)
        token = None if current is not None else attach(sending.call.context)
        exchange = Exchange(request)
        _exchange(sending, request, exchange)
        try:
            response = original(adapter, *args, **kwargs)
        except BaseException as error:
            sending.failed(error, never_sent=bool(_is_refusal(error)))
            raise
        finally:
            exchange.put_back()
            if token is not None:
                detach(token)
        sending.answered(status_of(response))
        return response

    return send


@guarded("requests.begin")
def _begin(request: Any) -> Sending | None:
    requests = sys.modules["requests"]  # an import statement takes a microsecond to find what is there
    if not isinstance(request, requests.PreparedRequest) or not isinstance(request.url, str):
        return None  # requests' own error is due
    return begin_sending("requests", request.method or "GET", request.url, of=request, nested=True)


@guarded("requests.within")
def _sending_of(request: Any) -> Sending | None:
    call = current_call("http")
    sending = None if call is None else call.of
    return sending if isinstance(sending, Sending) and sending.of is request else None


@guarded("requests.exchange")
def _exchange(sending: Sending, request: Any, exchange: Exchange) -> None:
    headers = request.headers
    sending.see_headers(_as_kept(headers))
    body = request.body
    given = sending.teed(body)
    if given is not body:
        exchange.put("body", given)
    extra = sending.extra_headers(headers)
    if extra:
        exchange.put("headers", headers.copy())
        request.headers.update(extra)


def _as_kept(headers: Any) -> Any:
    # requests' own mapping looks each name up anew, by three calls of Python, for whoever asks for its items
    is_theirs = type(headers) is sys.modules["requests"].structures.CaseInsensitiveDict
    pairs = getattr(headers, "_store", None) if is_theirs else None
    return headers if pairs is None else pairs.values()


@guarded("requests.undelivered")
def _see_undelivered(sending: Sending) -> None:
    # a transport of someone's own took it: what lies in memory is known, a stream is not
    request = sending.of
    sending.see_headers(request.headers)
    sending.see_unread(request.body)


@guarded("requests.refusal")
def _is_refusal(error: BaseException) -> bool:
    from requests import exceptions

    refusals = (exceptions.InvalidSchema, exceptions.MissingSchema, exceptions.InvalidURL, exceptions.InvalidHeader)
    return isinstance(error, refusals)
