"""aiohttp's client: each hop is a call by itself, its body seen chunk by chunk as aiohttp writes it.

A hop is begun where its ``ClientRequest`` is sent, and ended where its response starts; what never got a
connection is recorded where connecting failed.
"""

from __future__ import annotations

from typing import Any

from otel_provenance.boundaries.base import Boundary, DidNotHook, wrap
from otel_provenance.boundaries.http_calls import Sending, begin_sending, status_of
from otel_provenance.egress.bodies import SentBody
from otel_provenance.guard import guarded


def _hook() -> None:
    from aiohttp.client_reqrep import ClientRequest, ClientResponse
    from aiohttp.connector import BaseConnector

    if not hasattr(ClientRequest, "write_bytes"):
        raise DidNotHook("this version of aiohttp sends in a way that is not known here")
    wrap(BaseConnector, "connect", _connect)
    wrap(ClientRequest, "send", _send)
    wrap(ClientRequest, "write_bytes", _write_bytes)
    wrap(ClientResponse, "start", _start)


BOUNDARY = Boundary("aiohttp", "aiohttp", _hook)

_KEPT = "_provenance_sending"


async def _connect(wrapped: Any, connector: Any, *args: Any, **kwargs: Any) -> Any:
    try:
        return await wrapped(connector, *args, **kwargs)
    except BaseException as error:
        _never_connected(args[0] if args else kwargs.get("req"), error)
        raise


@guarded("aiohttp.connect")
def _never_connected(request: Any, error: BaseException) -> None:
    sending = _begin(request)
    if sending is not None:
        content = getattr(request.body, "_value", request.body)
        sending.see_unread(content if isinstance(content, (bytes, str)) else iter(()))
        sending.failed(error)


async def _send(wrapped: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    sending = _begin(request)
    if sending is None:
        return await wrapped(request, *args, **kwargs)
    _prepare(sending, request)
    try:
        response = await wrapped(request, *args, **kwargs)
    except BaseException as error:
        sending.failed(error)
        raise
    _hand_over(sending, request, response)
    return response


def _write_bytes(wrapped: Any, request: Any, writer: Any, *args: Any, **kwargs: Any) -> Any:
    _tee_writer(request, writer)
    return wrapped(request, writer, *args, **kwargs)


async def _start(wrapped: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
    sending: Sending | None = response.__dict__.pop(_KEPT, None)
    if sending is None:
        return await wrapped(response, *args, **kwargs)
    try:
        result = await wrapped(response, *args, **kwargs)
    except BaseException as error:
        sending.failed(error)
        raise
    sending.answered(status_of(response, "status"))
    return result


@guarded("aiohttp.begin")
def _begin(request: Any) -> Sending | None:
    return begin_sending("aiohttp", request.method, str(request.url), of=request)


@guarded("aiohttp.prepare")
def _prepare(sending: Sending, request: Any) -> None:
    sending.see_headers(list(request.headers.items()))
    sending.see_body(SentBody(sending.limit, is_stream=True))
    request.__dict__[_KEPT] = sending
    for name, value in sending.extra_headers(request.headers).items():
        request.headers[name] = value  # made for this hop alone


@guarded("aiohttp.hand_over")
def _hand_over(sending: Sending, request: Any, response: Any) -> None:
    request.__dict__.pop(_KEPT, None) if request.body in (None, b"") else None
    response.__dict__[_KEPT] = sending


@guarded("aiohttp.write")
def _tee_writer(request: Any, writer: Any) -> None:
    sending: Sending | None = request.__dict__.pop(_KEPT, None)
    if sending is None:
        return
    keep, theirs = sending.sent.keep, writer._on_chunk_sent

    async def on_chunk_sent(chunk: Any) -> None:
        keep(chunk)
        if theirs is not None:
            await theirs(chunk)

    writer._on_chunk_sent = on_chunk_sent
