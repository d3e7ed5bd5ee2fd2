"""smtplib of the standard library: each message handed to a mail server, with all its recipients."""

from __future__ import annotations

from typing import Any

from opentelemetry.context import attach, detach

from otel_provenance.boundaries.base import Boundary, wrap
from otel_provenance.egress.mail import mail_event
from otel_provenance.guard import guarded
from otel_provenance.spans.calls import Call, begin_call, end_call
from otel_provenance.spans.runtime import runtime


def _hook() -> None:
    from smtplib import SMTP

    wrap(SMTP, "sendmail", _sendmail)  # send_message() ends there too


BOUNDARY = Boundary("smtplib", "smtplib", _hook)


def _sendmail(wrapped: Any, client: Any, *args: Any, **kwargs: Any) -> Any:
    call = begin_call("smtp", "smtplib", "MAIL")
    if call is None:
        return wrapped(client, *args, **kwargs)
    place = _place_of(client)
    token = attach(call.context)
    try:
        refused = wrapped(client, *args, **kwargs)
    except BaseException as error:
        _end(call, place or _place_of(client), args, kwargs, error)
        raise
    finally:
        detach(token)
    _end(call, place or _place_of(client), args, kwargs, None)
    return refused


@guarded("smtplib.place")
def _place_of(client: Any) -> tuple[str | None, int | None] | None:
    if client.sock is None:  # not connected: the error that is due says so
        return None
    try:
        peer = client.sock.getpeername()
    except OSError:
        return None
    address = (str(peer[0]), int(peer[1])) if isinstance(peer, tuple) else (str(peer) or None, None)
    return getattr(client, "_host", None) or address[0], address[1]


@guarded("smtplib.end")
def _end(
    call: Call,
    place: tuple[str | None, int | None] | None,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    error: BaseException | None,
) -> None:
    current = runtime()
    if current is None:
        return
    given = dict(zip(("from_addr", "to_addrs", "msg"), args, strict=False)) | kwargs
    recipients, message = given.get("to_addrs", ()), given.get("msg", b"")
    if isinstance(message, str):
        message = message.encode("ascii", "replace")
    host, port = place or (None, None)
    code = getattr(error, "smtp_code", None) if error is not None else 250
    event = mail_event(
        "smtplib",
        host,
        port,
        str(given.get("from_addr", "")),
        [recipients] if isinstance(recipients, str) else [str(recipient) for recipient in recipients],
        message,
        current.settings.body_limit,
        status_code=code if isinstance(code, int) else None,
        error=error,
    )
    end_call(call, event)
