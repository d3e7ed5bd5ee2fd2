"""An SMTP message (RFC 5321 envelope, RFC 5322 message, MIME) → events.ShareEvent."""

from __future__ import annotations

from collections.abc import Iterable
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from typing import Any

from otel_provenance.events import Part, ShareEvent

_NO_ONES_DATA = frozenset(
    ["content-transfer-encoding", "content-type", "date", "message-id", "mime-version", "received", "x-mailer"]
)


def mail_event(
    library: str,
    host: str | None,
    port: int | None,
    sender: str,
    recipients: Iterable[str],
    message: bytes,
    limit: int,
    *,
    status_code: int | None = None,
    error: BaseException | None = None,
) -> ShareEvent:
    """A message handed to a mail server: envelope, headers, texts and attachments.

    ``limit`` bounds the bytes of the message that are taken apart. ``status_code`` is the server's reply to the
    message (250, or that of an error).
    """
    parts = [Part("recipient", recipient) for recipient in recipients]
    parts.append(Part("header", sender, "MAIL FROM"))
    whole = len(message) <= limit
    parsed = BytesParser().parsebytes(message if whole else message[:limit])
    for name, value in parsed.items():
        if name.lower() not in _NO_ONES_DATA:
            parts.append(Part("header", _header_text(value), name))
    for part in parsed.walk():
        if not part.is_multipart():
            parts.append(_content(part))
    return ShareEvent(
        "smtp",
        library,
        "MAIL",
        host,
        port,
        parts=tuple(parts),
        payload_type="message/rfc822",
        payload_bytes=len(message),
        status_code=status_code,
        outcome="sent" if error is None else "failed",
        inspected="full" if whole else "partial",
        inspected_reason=None if whole else "too_large",
        attributes={} if error is None else {"error.type": type(error).__qualname__},
        payload=message,
    )


def _content(part: Message[str, str]) -> Part:
    filename = part.get_filename()
    payload: Any = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    media_type = part.get_content_type()
    given: Any = content
    if media_type.startswith("text/") or media_type.endswith(("json", "xml")):
        try:
            given = content.decode(part.get_content_charset() or "utf-8", "replace")
        except LookupError:
            given = content.decode("utf-8", "replace")
    if filename is not None or part.get_content_disposition() == "attachment":
        return Part("attachment", given, _header_text(filename or ""), media_type)
    return Part("body", given, media_type=media_type)


def _header_text(value: Any) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, ValueError):  # a charset or an encoded word that nobody can read
        return str(value)
