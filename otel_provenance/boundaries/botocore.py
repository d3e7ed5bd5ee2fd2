"""botocore, and boto3 on it: one API call is one call, however often it is retried; what it sends through
urllib3 is its own. A redirect to another host (another region's) is a call by itself.
"""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit

from opentelemetry.context import attach, detach

from otel_provenance.boundaries.base import Boundary, wrap
from otel_provenance.boundaries.http_calls import Exchange, Sending, begin_sending
from otel_provenance.guard import guarded
from otel_provenance.spans.calls import current_call


def _hook() -> None:
    from botocore.endpoint import Endpoint
    from botocore.httpsession import URLLib3Session

    wrap(Endpoint, "_send_request", _call_api)
    wrap(URLLib3Session, "send", _send)


BOUNDARY = Boundary("botocore", "botocore.endpoint", _hook, "botocore")


class _ApiCall:
    """What the attempts of one API call share."""

    __slots__ = ("attempted_at", "status")

    def __init__(self) -> None:
        self.attempted_at: str | None = None
        """Host and port of the last attempt."""
        self.status: int | None = None


def _call_api(wrapped: Any, endpoint: Any, *args: Any, **kwargs: Any) -> Any:
    sending = _begin(endpoint, args, kwargs)
    if sending is None:
        return wrapped(endpoint, *args, **kwargs)
    token = attach(sending.call.context)
    try:
        result = wrapped(endpoint, *args, **kwargs)
    except BaseException as error:
        sending.failed(error)
        raise
    finally:
        detach(token)
    sending.answered(_status_of(result))
    return result


def _send(wrapped: Any, session: Any, *args: Any, **kwargs: Any) -> Any:
    request = args[0] if args else kwargs.get("request")
    sending = _attempt(request)
    if sending is None:
        return wrapped(session, *args, **kwargs)
    exchange = Exchange(request)
    _exchange(sending, request, exchange)
    token = attach(sending.call.context)
    try:
        response = wrapped(session, *args, **kwargs)
    except BaseException as error:
        if not isinstance(sending.of, _ApiCall):  # else it may be tried again
            sending.failed(error)
        raise
    finally:
        detach(token)
        exchange.put_back()
    _see_answer(sending, response)
    return response


@guarded("botocore.begin")
def _begin(endpoint: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Sending | None:
    params = args[0] if args else kwargs["request_dict"]
    operation = args[1] if len(args) > 1 else kwargs["operation_model"]
    sending = begin_sending("botocore", params["method"], params["url"], of=_ApiCall())
    if sending is not None:
        sending.see_headers(params.get("headers"))
        sending.see_unread(_in_memory(params.get("body")))  # what is known if it never gets to sending (a mock)
        service = operation.service_model.service_id
        sending.attributes = {"rpc.system.name": "aws-api", "rpc.method": f"{service}/{operation.name}"}
    return sending


def _in_memory(body: Any) -> Any:
    raw = getattr(body, "_raw", body)  # in the wrapper that adds a checksum
    return raw.getvalue() if isinstance(raw, io.BytesIO) else raw


@guarded("botocore.attempt")
def _attempt(request: Any) -> Sending | None:
    call = current_call("http")
    sending = None if call is None else call.of
    if not isinstance(sending, Sending) or not isinstance(sending.of, _ApiCall):
        # a client of botocore's session by itself, or a hop after the call was ended
        return begin_sending("botocore", request.method, request.url, of=request)
    host = urlsplit(request.url).netloc
    if sending.of.attempted_at not in (None, host):
        sending.answered(sending.of.status)
        return begin_sending("botocore", request.method, request.url, of=request)
    sending.of.attempted_at = host
    sending.method, sending.url = request.method, request.url
    return sending


@guarded("botocore.exchange")
def _exchange(sending: Sending, request: Any, exchange: Exchange) -> None:
    headers = request.headers
    sending.see_headers(headers)
    exchange.put("body", sending.teed(request.body))
    extra = sending.extra_headers(headers)
    if extra:
        exchange.put("headers", type(headers)(headers.items()))
        for name, value in extra.items():
            request.headers[name] = value


@guarded("botocore.answer")
def _see_answer(sending: Sending, response: Any) -> None:
    status = getattr(response, "status_code", None)
    if isinstance(sending.of, _ApiCall):
        sending.of.status = status
    else:
        sending.answered(status)


@guarded("botocore.status")
def _status_of(result: Any) -> int | None:
    status = getattr(result[0], "status_code", None)
    return status if isinstance(status, int) else None
