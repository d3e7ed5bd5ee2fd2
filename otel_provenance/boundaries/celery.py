"""Celery: a task that is sent is data handed to a queue; a task that runs continues the request that sent it.

The message changes only where the broker's host is allowed to get our baggage, or the user asked for distributed
tracing: then its headers carry what an HTTP call's would.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from opentelemetry.context import attach, detach, get_current
from opentelemetry.trace import SpanKind

from otel_provenance.boundaries.base import Boundary, wrap
from otel_provenance.events import Part, ShareEvent
from otel_provenance.guard import guarded
from otel_provenance.spans.calls import Call, begin_call, current_call, end_call
from otel_provenance.spans.propagator import outgoing_headers, receive
from otel_provenance.spans.runtime import runtime
from otel_provenance.spans.scope import RequestScope


def _hook() -> None:
    from celery import signals
    from kombu.messaging import Producer

    wrap(Producer, "publish", _publish)
    wrap(Producer, "_prepare", _prepare)
    signals.task_prerun.connect(_task_begins, weak=False)
    signals.task_postrun.connect(_task_ends, weak=False)


BOUNDARY = Boundary("celery", "celery.app.amqp", _hook, "celery")

_SCALARS = (str, bytes, int, float, bool, Decimal, UUID, date, time)
_MOST_DEPTH = 20
_RUNNING = "_provenance_running"
_OWN_HEADERS = frozenset(
    """
    lang task id shadow eta expires group group_index retries timelimit root_id parent_id argsrepr kwargsrepr origin
    ignore_result replaced_task_nesting stamped_headers compression baggage traceparent tracestate
    """.split()  # noqa: SIM905
)
"""Message headers that Celery makes itself (or that repeat the arguments)."""


# --- a task is sent ----------------------------------------------------------------------------------


def _publish(wrapped: Any, producer: Any, *args: Any, **kwargs: Any) -> Any:
    call = _begin(args, kwargs)
    if call is None:
        return wrapped(producer, *args, **kwargs)
    place = _broker(producer)
    given = _with_headers(call, place, kwargs) or kwargs
    token = attach(call.context)
    try:
        result = wrapped(producer, *args, **given)
    except BaseException as error:
        _end(call, place, args, kwargs, error)
        raise
    finally:
        detach(token)
    _end(call, place, args, kwargs, None)
    return result


def _prepare(wrapped: Any, producer: Any, *args: Any, **kwargs: Any) -> Any:
    prepared = wrapped(producer, *args, **kwargs)
    call = current_call("queue")
    if call is not None and call.of is None:
        call.of = prepared  # body as serialised, content type, content encoding
    return prepared


@guarded("celery.begin")
def _begin(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
    task = _task_of(args, kwargs)
    return None if task is None else begin_call("queue", "celery", f"publish {task}", kind=SpanKind.PRODUCER)


@guarded("celery.headers")
def _with_headers(call: Call, place: Any, kwargs: dict[str, Any]) -> dict[str, Any] | None:
    host, port, _ = place or (None, None, None)
    extra = outgoing_headers(call, "celery", f"amqp://{host or ''}{f':{port}' if port else ''}", kwargs.get("headers"))
    return {**kwargs, "headers": {**(kwargs.get("headers") or {}), **extra}} if extra else None


@guarded("celery.end")
def _end(call: Call, place: Any, args: tuple[Any, ...], kwargs: dict[str, Any], error: BaseException | None) -> None:
    body = args[0] if args else kwargs.get("body")
    headers = kwargs.get("headers") or {}
    task = _task_of(args, kwargs)
    serialised, content_type = call.of[:2] if call.of is not None else (None, None)
    queue = kwargs.get("routing_key") or (args[1] if len(args) > 1 else None)
    host, port, transport = place or (None, None, "queue")
    parts = [Part("body", _plain(_named(body)))]
    own = {name: value for name, value in headers.items() if name not in _OWN_HEADERS and value}
    if own:
        parts.append(Part("header", _plain(own)))
    event = ShareEvent(
        "queue",
        "celery",
        task,
        host,
        port,
        f"{transport}://{host or ''}{f':{port}' if port else ''}/{queue or ''}",
        tuple(parts),
        content_type,
        outcome="sent" if error is None else "failed",
        attributes={
            "messaging.system": transport,
            "messaging.destination.name": str(queue or ""),
            "messaging.operation.type": "send",
            **({} if error is None else {"error.type": type(error).__qualname__}),
        },
        payload=serialised,
    )
    end_call(call, event)


def _task_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
    body = args[0] if args else kwargs.get("body")
    headers = kwargs.get("headers")
    task = headers.get("task") if isinstance(headers, Mapping) else None  # message protocol 2
    if task is None and isinstance(body, Mapping) and "args" in body:  # message protocol 1
        task = body.get("task")
    return task if isinstance(task, str) else None


def _named(body: Any) -> Any:
    if isinstance(body, (tuple, list)) and len(body) == 3 and isinstance(body[2], Mapping):
        return {"args": body[0], "kwargs": body[1], **{k: v for k, v in body[2].items() if v}}
    if isinstance(body, Mapping):
        return {name: body.get(name) for name in ("args", "kwargs", "callbacks", "errbacks", "chord")}
    return body


def _plain(value: Any, depth: int = 0) -> Any:
    # what is not plain data is the application's own: looking into it could run its code
    if value is None or isinstance(value, _SCALARS):
        return value
    if depth == _MOST_DEPTH:
        return None
    if isinstance(value, Mapping):
        return {str(name): _plain(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(inner, depth + 1) for inner in value]
    return None


@guarded("celery.broker")
def _broker(producer: Any) -> tuple[str | None, int | None, str]:
    connection = producer.connection
    transport = connection.transport_cls
    name = transport if isinstance(transport, str) else "queue"
    return connection.hostname, connection.port, name.partition("+")[0]


# --- a task runs -------------------------------------------------------------------------------------


@guarded("celery.task_begins")
def _task_begins(sender: Any = None, task: Any = None, **_: Any) -> None:
    request = getattr(task, "request", None)
    if request is None or request.is_eager:
        return  # an eager task runs in the request itself
    header = getattr(request, "baggage", None) or (request.headers or {}).get("baggage")
    if not isinstance(header, str):
        return
    current = runtime()
    if current is None:
        return
    scope = RequestScope(current.salt)
    receive(scope, header)
    if scope.parent_request_id is None:
        return
    scope.request_id, scope.parent_request_id = scope.parent_request_id, None
    span = current.start_span(f"process {task.name}", get_current(), SpanKind.CONSUMER)
    token = attach(scope.open(span, get_current()))
    request.__dict__[_RUNNING] = (token, span)


@guarded("celery.task_ends")
def _task_ends(sender: Any = None, task: Any = None, **_: Any) -> None:
    request = getattr(task, "request", None)
    running = None if request is None else request.__dict__.pop(_RUNNING, None)
    if running is not None:
        token, span = running
        span.end()
        detach(token)
