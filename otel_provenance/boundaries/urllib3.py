"""urllib3: calls of its own pools and managers; what requests and botocore send through it is theirs.

Retries and redirects within one pool go to the same host: one call. A manager follows a redirect to another
host through another pool: a call by itself.
"""

from __future__ import annotations

from typing import Any

from opentelemetry.context import attach, detach

from otel_provenance.boundaries.base import Boundary, replace
from otel_provenance.boundaries.http_calls import Sending, begin_sending, status_of
from otel_provenance.guard import guarded
from otel_provenance.spans.calls import current_call


def _hook() -> None:
    from urllib3.connectionpool import HTTPConnectionPool

    replace(HTTPConnectionPool, "urlopen", _calling)


BOUNDARY = Boundary("urllib3", "urllib3", _hook)

_PLACES = {"method": 0, "url": 1, "body": 2, "headers": 3}
_DEFAULT_PORTS = {"http": 80, "https": 443}


def _calling(original: Any) -> Any:
    def urlopen(pool: Any, /, *args: Any, **kwargs: Any) -> Any:
        sending = None if current_call("http") else _begin(pool, args, kwargs)
        if sending is None:
            return original(pool, *args, **kwargs)
        args, kwargs = _exchange(sending, pool, args, kwargs) or (args, kwargs)
        token = attach(sending.call.context)
        try:
            response = original(pool, *args, **kwargs)
        except BaseException as error:
            sending.failed(error)
            raise
        finally:
            detach(token)
        sending.answered(status_of(response, "status"))
        return response

    return urlopen


@guarded("urllib3.begin")
def _begin(pool: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Sending | None:
    method, url = _argument("method", args, kwargs), _argument("url", args, kwargs)
    if not isinstance(method, str) or not isinstance(url, str):
        return None  # urllib3's own error is due
    return begin_sending("urllib3", method, _absolute(pool, url), of=pool)


@guarded("urllib3.exchange")
def _exchange(sending: Sending, pool: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    headers = _argument("headers", args, kwargs)
    if headers is None:
        headers = pool.headers
    sending.see_headers(headers)
    body = _argument("body", args, kwargs)
    given = sending.teed(body)
    if given is not body:
        args, kwargs = _with(args, kwargs, "body", given)
    extra = sending.extra_headers(headers)
    if extra:
        headers = headers.copy()
        headers.update(extra)
        args, kwargs = _with(args, kwargs, "headers", headers)
    return args, kwargs


def _argument(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    place = _PLACES[name]
    return args[place] if len(args) > place else kwargs.get(name)


def _with(args: tuple[Any, ...], kwargs: dict[str, Any], name: str, value: Any) -> tuple[Any, Any]:
    place = _PLACES[name]
    if len(args) > place:
        return (*args[:place], value, *args[place + 1 :]), kwargs
    return args, {**kwargs, name: value}


def _absolute(pool: Any, url: str) -> str:
    if "://" in url[:12]:  # through a proxy
        return url
    host = f"[{pool.host}]" if ":" in pool.host and not pool.host.startswith("[") else pool.host
    port = "" if pool.port in (None, _DEFAULT_PORTS.get(pool.scheme)) else f":{pool.port}"
    return f"{pool.scheme}://{host}{port}{'' if url.startswith('/') else '/'}{url}"
