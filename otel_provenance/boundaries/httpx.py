"""httpx and httpx2, synchronous and asynchronous: what most modern SDKs send by. Each hop is a call by itself.

``_send_single_request`` is hooked: after authentication and redirects have made the request what it is, and
before any transport, mocked ones too. Stream and headers are exchanged on the request and put back after it.
"""

from __future__ import annotations

import sys
from typing import Any

from opentelemetry.context import attach, detach

from otel_provenance.boundaries.base import Boundary, DidNotHook, wrap
from otel_provenance.boundaries.http_calls import Exchange, Sending, begin_sending, status_of
from otel_provenance.egress.bodies import SentBody, TeedIterable
from otel_provenance.guard import guarded


def _hook_module(name: str) -> None:
    module = sys.modules[name]
    if not hasattr(module.Client, "_send_single_request"):
        raise DidNotHook(f"this version of {name} sends in a way that is not known here")
    wrap(module.Client, "_send_single_request", _send)
    wrap(module.AsyncClient, "_send_single_request", _send_async)


BOUNDARY = Boundary("httpx", "httpx", lambda: _hook_module("httpx"))
BOUNDARY2 = Boundary("httpx2", "httpx2", lambda: _hook_module("httpx2"))


def _send(wrapped: Any, client: Any, *args: Any, **kwargs: Any) -> Any:
    request = args[0] if args else kwargs.get("request")
    sending = _begin(client, request)
    if sending is None:
        return wrapped(client, *args, **kwargs)
    exchange = Exchange(request)
    _exchange(sending, request, exchange)
    token = attach(sending.call.context)
    try:
        response = wrapped(client, *args, **kwargs)
    except BaseException as error:
        sending.failed(error, never_sent=_is_refusal(error))
        raise
    finally:
        detach(token)
        exchange.put_back()
    sending.answered(status_of(response))
    return response


async def _send_async(wrapped: Any, client: Any, *args: Any, **kwargs: Any) -> Any:
    request = args[0] if args else kwargs.get("request")
    sending = _begin(client, request)
    if sending is None:
        return await wrapped(client, *args, **kwargs)
    exchange = Exchange(request)
    _exchange(sending, request, exchange)
    token = attach(sending.call.context)
    try:
        response = await wrapped(client, *args, **kwargs)
    except BaseException as error:
        sending.failed(error, never_sent=_is_refusal(error))
        raise
    finally:
        detach(token)
        exchange.put_back()
    sending.answered(status_of(response))
    return response


@guarded("httpx.begin")
def _begin(client: Any, request: Any) -> Sending | None:
    library = type(request).__module__.partition(".")[0]
    return begin_sending(library, request.method, str(request.url), of=request, nested=True)


@guarded("httpx.exchange")
def _exchange(sending: Sending, request: Any, exchange: Exchange) -> None:
    headers = request.headers
    sending.see_headers(headers.raw)
    content = request.__dict__.get("_content")
    if isinstance(content, bytes):
        sending.teed(content)
    else:
        sent = SentBody(sending.limit, is_stream=True)
        exchange.put("stream", TeedIterable(request.stream, sent))
        sending.see_body(sent)
    extra = sending.extra_headers(headers)
    if extra:
        exchange.put("headers", headers.copy())
        request.headers.update(extra)


def _is_refusal(error: BaseException) -> bool:
    return type(error).__name__ in ("UnsupportedProtocol", "InvalidURL", "LocalProtocolError")
