"""An HTTP request that a client sends → events.ShareEvent."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from otel_provenance.attributes import OURS
from otel_provenance.egress.bodies import SentBody
from otel_provenance.egress.llm import llm_attributes
from otel_provenance.events import Part, ShareEvent

_FORM = "application/x-www-form-urlencoded"
_MANY = 20
_PORTS = {"http": 80, "https": 443}
_NO_ONES_DATA = frozenset(
    """
    accept accept-charset accept-encoding accept-language cache-control connection content-disposition
    content-encoding content-length content-md5 content-type date expect host idempotency-key keep-alive pragma
    range te trailer transfer-encoding traceparent tracestate upgrade user-agent amz-sdk-invocation-id
    amz-sdk-request x-amz-checksum-crc32 x-amz-checksum-crc64nvme x-amz-content-sha256 x-amz-date
    x-amz-sdk-checksum-algorithm x-amz-trailer x-stainless-arch x-stainless-async x-stainless-lang
    x-stainless-os x-stainless-package-version x-stainless-raw-response x-stainless-read-timeout
    x-stainless-retry-count x-stainless-runtime x-stainless-runtime-version x-stainless-timeout
    anthropic-version openai-version
    """.split()  # noqa: SIM905
)
"""Headers that say how to talk, and hold nothing that a person gave."""


def http_event(
    library: str,
    method: str,
    url: str,
    headers: Iterable[tuple[Any, Any]],
    body: SentBody,
    *,
    status_code: int | None = None,
    error: BaseException | None = None,
    never_sent: bool = False,
    attributes: Mapping[str, Any] | None = None,
) -> ShareEvent:
    """One request as it was sent, and how it ended.

    ``url`` is absolute. ``headers`` are pairs of text or bytes, as they go on the wire. ``error`` is what the
    client raised instead of answering; ``never_sent`` says that nothing can have left. ``attributes`` are
    OpenTelemetry's of the library's own.
    """
    try:
        split = urlsplit(url)
        has_user = "@" in split.netloc
        host, port = (_server_of if has_user else _known_server)(split.scheme, split.netloc)
    except ValueError:  # the client will refuse it, or knows better than RFC 3986
        split, host, port, has_user = urlsplit(""), None, None, False
    parts: list[Part] = []
    for segment in split.path.split("/"):
        if segment:
            parts.append(Part("path", unquote(segment) if "%" in segment else segment, str(len(parts))))
    if split.query:
        parts += _query_parts(split.query)
    if has_user and (split.username or split.password):
        parts.append(
            Part("auth", {"username": unquote(split.username or ""), "password": unquote(split.password or "")})
        )
    known = _header_parts(headers, parts)
    content_type = known.get("content-type")
    data = body.data
    inspected, reason = body.inspected
    size = (body.size or None) if body.is_stream or inspected != "full" else None
    if body.is_stream and not body.size and (known.get("content-length", "0") != "0" or "transfer-encoding" in known):
        # the client never came to read it, or read it in a way of its own
        inspected, reason = "none", "unsent" if error is not None else "stream"
    if data:
        parts.append(Part("body", data, media_type=content_type))
    marks = llm_attributes(host, split.path, known, data)
    if attributes:
        marks.update(attributes)
    if error is not None:
        marks["error.type"] = _qualified_name(type(error))
    return ShareEvent(
        "http",
        library,
        method,
        host,
        port,
        url,
        tuple(parts),
        content_type.partition(";")[0].strip().lower() if content_type else None,
        size,
        status_code,
        "blocked" if never_sent else "sent" if error is None else "failed",
        inspected,
        reason,
        marks,
    )


def _server_of(scheme: str, netloc: str) -> tuple[str | None, int | None]:
    server = SplitResult(scheme, netloc, "", "", "")
    return server.hostname, server.port or _PORTS.get(scheme)


_known_server = lru_cache(maxsize=256)(_server_of)  # an application calls few; those with user info are not kept


def _query_parts(query: str) -> list[Part]:
    pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
    if len(pairs) > _MANY or any(not value for _, value in pairs):  # a name without a value may be data itself
        return [Part("query", query, media_type=_FORM)]
    return [Part("query", value, name) for name, value in pairs]


def _header_parts(headers: Iterable[tuple[Any, Any]], parts: list[Part]) -> dict[str, str]:
    known: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = (raw_name if type(raw_name) is str else _text(raw_name)).lower()
        value = raw_value if type(raw_value) is str else _text(raw_value)
        if name in _NO_ONES_DATA:
            known[name] = value
        elif name == "cookie":
            parts.extend(_cookie_parts(value))
        elif name in ("authorization", "proxy-authorization"):
            parts.append(Part("auth", _credentials(value), "" if name == "authorization" else "proxy"))
        elif name == "baggage":
            members = [member for member in value.split(",") if not member.strip().startswith(OURS)]
            if members:
                parts.append(Part("header", ",".join(members), name))
        else:
            known[name] = ""
            parts.append(Part("header", value, _text(raw_name)))
    return known


def _cookie_parts(header: str) -> list[Part]:
    pairs = [pair.strip().partition("=") for pair in header.split(";")]
    return [Part("cookie", value.strip('"'), name) for name, _, value in pairs if value]


def _credentials(value: str) -> Any:
    scheme, _, credentials = value.partition(" ")
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(credentials.strip(), validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return credentials
        username, _, password = text.partition(":")
        return {"username": username, "password": password}
    if scheme.lower() == "digest":
        pairs = [pair.strip().partition("=") for pair in credentials.split(",")]
        return {name: text.strip('"') for name, _, text in pairs if name == "username"}
    return credentials or value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _qualified_name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def headers_of(headers: Any) -> Iterable[tuple[Any, Any]]:
    """Pairs of a mapping or of a list of pairs; none of None."""
    if headers is None:
        return ()
    return headers.items() if hasattr(headers, "items") else headers  # type: ignore[no-any-return]
