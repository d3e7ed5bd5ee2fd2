"""What of a URL may be shown: no user info, no query values, no fragment, no path segment that holds data."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import unquote, urlsplit, urlunsplit

from otel_provenance.values import redact, shown_field, shown_path

_NONE: Collection[int] = ()


def shown_url(url: str, hidden: Collection[int] = _NONE) -> str:
    """The URL as it may be recorded: query values as ``REDACTED`` (as OpenTelemetry does), data in the path as shape.

    ``hidden`` has the numbers of the path segments (empty ones not counted) that are known to hold data.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "REDACTED"
    query = "&".join(map(_shown_pair, parts.query.split("&"))) if parts.query else ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], _shown_path(parts.path, hidden), query, ""))


def _shown_path(path: str, hidden: Collection[int]) -> str:
    if not hidden and "%" not in path:
        return shown_path(path)
    shown = []
    at = 0
    for segment in path.split("/"):
        is_data = at in hidden or shown_path(plain := unquote(segment)) != plain
        shown.append(redact(unquote(segment)) if is_data and segment else segment)
        at += bool(segment)
    return "/".join(shown)


def _shown_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{shown_field(name)}=REDACTED" if equals else "REDACTED"
