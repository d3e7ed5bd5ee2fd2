"""gevent: a greenlet that a request spawns works for that request. Nothing goes in or out here.

gevent starts greenlets with an empty context. Only OpenTelemetry's is handed on, by gevent's own spawn callback:
what else there is (Flask's request) stays where gevent leaves it.
"""

from __future__ import annotations

from contextvars import Context
from typing import Any

from opentelemetry.context import attach, detach, get_current

from otel_provenance.boundaries.base import Boundary, DidNotHook, wrap
from otel_provenance.guard import guarded
from otel_provenance.spans.scope import current_scope


def _hook() -> None:
    from gevent.greenlet import Greenlet
    from gevent.threadpool import ThreadPool

    if not hasattr(Greenlet, "add_spawn_callback"):
        raise DidNotHook("gevent 1.4 or later is needed: it tells when a greenlet is spawned")
    Greenlet.add_spawn_callback(_spawned)
    wrap(ThreadPool, "spawn", _spawn_in_thread)


BOUNDARY = Boundary("gevent", "gevent.greenlet", _hook, "gevent")


@guarded("gevent.spawned")
def _spawned(greenlet: Any) -> None:
    if current_scope() is None or greenlet.gr_context:
        return
    context = Context()
    context.run(attach, get_current())
    greenlet.gr_context = context


def _spawn_in_thread(wrapped: Any, pool: Any, *args: Any, **kwargs: Any) -> Any:
    if current_scope() is None or not args:
        return wrapped(pool, *args, **kwargs)
    function, context = args[0], get_current()

    def run(*run_args: Any, **run_kwargs: Any) -> Any:
        token = attach(context)
        try:
            return function(*run_args, **run_kwargs)
        finally:
            detach(token)

    return wrapped(pool, run, *args[1:], **kwargs)
