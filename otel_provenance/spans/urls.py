"""What of a URL may be shown: no user info, no query values, no fragment."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from otel_provenance.values import redact, shown_path

_QUERY_VALUE = re.compile(r"=[^&;]*")


def shown_url(url: str, *, hide_path: bool = False) -> str:
    """The URL with query values as ``REDACTED`` (OpenTelemetry's word), and the path's shape if it holds data."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "REDACTED"
    host = parts.netloc.rpartition("@")[2]
    path = redact(parts.path) if hide_path else shown_path(parts.path)
    query = _QUERY_VALUE.sub("=REDACTED", parts.query)
    if query and "=" not in query:
        query = "REDACTED"
    return urlunsplit((parts.scheme, host, path, query, ""))
