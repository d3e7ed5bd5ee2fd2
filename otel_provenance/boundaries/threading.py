"""A thread works for the request that starts it. Nothing goes in or out here.

OpenTelemetry notes the context as a thread is started, and puts it in place around ``Thread.run``. A class with a
``run`` of its own passes that by, and so does whoever takes ``run`` by its ``__func__`` (Sentry): here, it is in
place around all that the thread does.
"""

from __future__ import annotations

import threading
from typing import Any

from opentelemetry.context import attach, detach

from otel_provenance.boundaries.base import wrap
from otel_provenance.guard import guarded

_AGENTS = frozenset(
    ["ddtrace", "elasticapm", "newrelic", "opentelemetry", "posthog", "rollbar", "segment", "sentry_sdk", "statsd"]
)
"""What begins a thread in some request, and works for all that follow."""


def carry_context_into_threads() -> None:
    """Have threads and thread pools know their request."""
    try:
        from concurrent.futures import thread as _  # noqa: F401
    except RuntimeError:  # first wanted as the interpreter ends: no thread will begin
        return
    from opentelemetry.instrumentation.threading import ThreadingInstrumentor

    instrumentor = ThreadingInstrumentor()
    if not instrumentor.is_instrumented_by_opentelemetry:
        instrumentor.instrument(skip_dep_check=True)
    if hasattr(threading.Thread, "_bootstrap_inner"):  # what calls run, and hands its errors to the excepthook
        wrap(threading.Thread, "_bootstrap_inner", _in_its_context)


def _in_its_context(wrapped: Any, thread: Any, *args: Any, **kwargs: Any) -> Any:
    token = _enter(thread)
    try:
        return wrapped(thread, *args, **kwargs)
    finally:
        if token is not None:
            detach(token)


@guarded("threading.begin")
def _enter(thread: Any) -> Any:
    context = vars(thread).get("_otel_context")
    if context is None:
        return None
    work = getattr(thread, "_target", None) or type(thread)
    if str(getattr(work, "__module__", "")).partition(".")[0] in _AGENTS:
        del thread._otel_context
        return None
    return attach(context)
