"""http.client and urllib.request of the standard library; what urllib3 sends through it is urllib3's.

A request is begun where its headers are complete (``endheaders``) and ended where its answer is asked for
(``getresponse``). Nothing runs below, so no context is attached.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from otel_provenance.boundaries.base import Boundary, replace, wrap
from otel_provenance.boundaries.http_calls import Sending, begin_sending, status_of
from otel_provenance.egress.bodies import tee_into
from otel_provenance.guard import guarded
from otel_provenance.spans.calls import current_call


def _hook() -> None:
    from http.client import HTTPConnection

    replace(HTTPConnection, "endheaders", _ending_headers)
    replace(HTTPConnection, "send", _sending)
    replace(HTTPConnection, "getresponse", _answering)
    replace(HTTPConnection, "close", _closing)


def _hook_urllib() -> None:
    from urllib.request import AbstractHTTPHandler

    wrap(AbstractHTTPHandler, "do_open", _do_open)


BOUNDARY = Boundary("http.client", "http.client", _hook)
URLLIB_BOUNDARY = Boundary("urllib.request", "urllib.request", _hook_urllib)

_library: ContextVar[str] = ContextVar("provenance_http_library", default="http.client")
_KEPT = "_provenance_sending"
_DEFAULT_PORTS = {"http": 80, "https": 443}


class _Kept:
    """What is known of the request that a connection is sending."""

    __slots__ = ("in_headers", "sending")

    def __init__(self, sending: Sending) -> None:
        self.sending = sending
        self.in_headers = True


def _do_open(wrapped: Any, *args: Any, **kwargs: Any) -> Any:
    token = _library.set("urllib.request")
    try:
        return wrapped(*args, **kwargs)
    finally:
        _library.reset(token)


def _ending_headers(original: Any) -> Any:
    def endheaders(connection: Any, /, *args: Any, **kwargs: Any) -> Any:
        kept = None if current_call("http") else _begin(connection)
        if kept is None:
            return original(connection, *args, **kwargs)
        args, kwargs = _exchange(kept, connection, args, kwargs) or (args, kwargs)
        try:
            return original(connection, *args, **kwargs)
        except BaseException as error:
            _forget(connection)
            kept.sending.failed(error)
            raise
        finally:
            kept.in_headers = False

    return endheaders


def _sending(original: Any) -> Any:
    def send(connection: Any, /, *args: Any, **kwargs: Any) -> Any:
        kept = connection.__dict__.get(_KEPT)
        if kept is None or kept.in_headers:
            return original(connection, *args, **kwargs)
        args = _see_sent(kept, args) or args
        try:
            return original(connection, *args, **kwargs)
        except BaseException as error:
            _forget(connection)
            kept.sending.failed(error)
            raise

    return send


def _answering(original: Any) -> Any:
    def getresponse(connection: Any, /, *args: Any, **kwargs: Any) -> Any:
        kept = connection.__dict__.pop(_KEPT, None)
        if kept is None:
            return original(connection, *args, **kwargs)
        try:
            response = original(connection, *args, **kwargs)
        except BaseException as error:
            kept.sending.failed(error)
            raise
        kept.sending.answered(status_of(response, "status"))
        return response

    return getresponse


def _closing(original: Any) -> Any:
    def close(connection: Any, /, *args: Any, **kwargs: Any) -> Any:
        kept = connection.__dict__.get(_KEPT)
        try:
            return original(connection, *args, **kwargs)
        finally:
            # http.client closes a broken connection before it raises: who sees the error ends the call
            if kept is not None and not kept.in_headers and _forget(connection) is not None:
                kept.sending.answered(None)

    return close


def _forget(connection: Any) -> _Kept | None:
    kept: _Kept | None = connection.__dict__.pop(_KEPT, None)
    return kept


@guarded("http.client.begin")
def _begin(connection: Any) -> _Kept | None:
    lines = connection._buffer
    if not lines:
        return None
    method, _, rest = lines[0].decode("latin-1").partition(" ")
    target = rest.rpartition(" ")[0]
    sending = begin_sending(_library.get(), method, _absolute(connection, target), of=connection)
    if sending is None:
        return None
    kept = _Kept(sending)
    connection.__dict__[_KEPT] = kept
    return kept


@guarded("http.client.exchange")
def _exchange(kept: _Kept, connection: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    sending = kept.sending
    pairs = [line.decode("latin-1").partition(":")[::2] for line in connection._buffer[1:]]
    headers = [(name, value.strip()) for name, value in pairs]
    sending.see_headers(headers)
    body = args[0] if args else kwargs.get("message_body")
    given = sending.teed(body)
    if given is not body:
        args, kwargs = ((given, *args[1:]), kwargs) if args else (args, {**kwargs, "message_body": given})
    for name, value in sending.extra_headers(headers).items():
        start = name.lower().encode("latin-1") + b":"
        connection._buffer[1:] = [line for line in connection._buffer[1:] if not line.lower().startswith(start)]
        connection.putheader(name, value)
    return args, kwargs


@guarded("http.client.sent")
def _see_sent(kept: _Kept, args: tuple[Any, ...]) -> tuple[Any, ...] | None:
    # a body that the application sends piece by piece, after the headers
    return (tee_into(kept.sending.sent, args[0]), *args[1:])


def _absolute(connection: Any, target: str) -> str:
    if "://" in target[:12]:  # through a proxy
        return target
    scheme = "https" if getattr(connection, "default_port", 80) == 443 else "http"
    host = getattr(connection, "_tunnel_host", None) or connection.host
    port = getattr(connection, "_tunnel_port", None) if getattr(connection, "_tunnel_host", None) else connection.port
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    shown = "" if port in (None, _DEFAULT_PORTS[scheme]) else f":{port}"
    return f"{scheme}://{host}{shown}{'' if target.startswith('/') else '/'}{target}"
