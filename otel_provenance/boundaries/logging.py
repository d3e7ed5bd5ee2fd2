"""logging of the standard library: a record that carries a tagged value is data that leaves the request.

Each handler that took the record is an event of its own, for it is a place of its own: a file, a stream, a
server. Without a request at hand a log call costs one look-up more; records without a match leave nothing.
"""

from __future__ import annotations

import traceback
from typing import Any

from otel_provenance.boundaries.base import Boundary, replace
from otel_provenance.events import Part, ShareEvent
from otel_provenance.guard import guarded
from otel_provenance.spans.calls import are_likely_carriers, record_share
from otel_provenance.spans.runtime import runtime
from otel_provenance.spans.scope import current_scope


def _hook() -> None:
    import logging

    replace(logging.Handler, "handle", _handling)


BOUNDARY = Boundary("logging", "logging", _hook)

_OWN = "otel_provenance"
_STANDARD = frozenset(
    """
    args asctime created exc_info exc_text filename funcName levelname levelno lineno message module msecs msg name
    pathname process processName relativeCreated stack_info taskName thread threadName otelSpanID otelTraceID
    otelTraceSampled otelServiceName
    """.split()  # noqa: SIM905
)
"""Attributes that logging sets itself: all others are the application's (``extra=…``)."""


def _handling(original: Any) -> Any:
    def handle(handler: Any, /, *args: Any, **kwargs: Any) -> Any:
        taken = original(handler, *args, **kwargs)
        if taken and current_scope() is not None:
            _see(handler, args[0] if args else kwargs.get("record"))
        return taken

    return handle


@guarded("logging.record")
def _see(handler: Any, record: Any) -> None:
    current = runtime()
    if current is None or not current.settings.capture_logs:
        return
    if record.name == _OWN or record.name.startswith("otel_provenance."):
        return
    attributes = record.__dict__
    parts = [Part("message", _message(record))]
    error = _error_text(record)
    if error:
        parts.append(Part("error", error))
    if not attributes.keys() <= _STANDARD:
        parts += [
            Part("extra", value, name)
            for name, value in attributes.items()
            if name not in _STANDARD and isinstance(value, (str, int, float, dict, list, tuple))
        ]
    if not are_likely_carriers(parts, current.settings.body_limit):  # nearly all: asked before anything else is made
        return
    destination, host, port = _destination(handler)
    record_share(
        ShareEvent(
            "log",
            "logging",
            record.levelname,
            host or record.name,
            port,
            f"logging://{record.name}/{type(handler).__name__}{destination}",
            tuple(parts),
            "text/plain",
            payload=parts[0].payload,
        )
    )


def _message(record: Any) -> str:
    made = record.__dict__.get("message")  # by a formatter
    if isinstance(made, str):
        return made
    try:
        return str(record.getMessage())
    except (TypeError, ValueError, KeyError):  # arguments that do not fit: logging has said so
        return str(record.msg)


def _error_text(record: Any) -> str | None:
    if record.exc_text:
        return str(record.exc_text)
    if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
        return "".join(traceback.format_exception_only(record.exc_info[1]))
    return None


def _destination(handler: Any) -> tuple[str, str | None, int | None]:
    file = getattr(handler, "baseFilename", None)
    if isinstance(file, str):
        return file if file.startswith("/") else f"/{file}", None, None
    stream = getattr(getattr(handler, "stream", None), "name", None)
    if isinstance(stream, str):
        return f"/{stream.strip('<>')}", None, None
    host, port = getattr(handler, "host", None), getattr(handler, "port", None)  # SocketHandler, HTTPHandler
    if host is None:
        address = getattr(handler, "address", None) or (getattr(handler, "mailhost", None), None)  # syslog, SMTP
        host, port = address if isinstance(address, tuple) and len(address) == 2 else (address, None)
    return "", str(host) if host else None, port if isinstance(port, int) else None
