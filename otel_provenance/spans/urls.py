"""What of a URL may be shown: no user info, no query values, no fragment, no path segment that holds data.

And whether it is a value as a whole: an address that someone entered, and that is called (a webhook, a bookmark).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit, urlunsplit

from otel_provenance.matching import MatchResult, TagIndex
from otel_provenance.values import redact, shown_field, shown_path

_NONE: Collection[int] = ()
_PLAIN = re.compile(
    r"https?://[a-zA-Z0-9.:-]+(?:/[a-zA-Z_/.~+-]*(?:[0-9][a-zA-Z_/.~+][a-zA-Z_/.~+-]*)*[0-9]?)?",
)
"""A URL of scheme, server and path alone, in characters that mean nothing, and no two digits in a row in its path."""


def shown_url(url: str, hidden: Collection[int] = _NONE) -> str:
    """The URL as it may be recorded: query values as ``REDACTED`` (as OpenTelemetry does), data in the path as shape.

    ``hidden`` has the numbers of the path segments (empty ones not counted) that are known to hold data.
    """
    if not hidden and _PLAIN.fullmatch(url):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return "REDACTED"
    query = "&".join(map(_shown_pair, parts.query.split("&"))) if parts.query else ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], _shown_path(parts.path, hidden), query, ""))


def match_url(url: str, index: TagIndex) -> MatchResult:
    """The tags that the URL is, begins with, or is a piece of; those that stand in it are told by its parts."""
    leaf = index.leaf_of("", url)
    leaves = () if leaf is None else (leaf,)
    entered = {tag.tag_id: tag.normal for tag in index.tags if "://" in tag.normal}
    if not entered:
        return MatchResult(leaves=leaves)
    spelled = (url.casefold(), unquote(url).casefold())
    matches = tuple(
        match
        for match in index.match_value("", url)
        if not match.field and match.tag_id in entered and _is_of(spelled, entered[match.tag_id])
    )
    return MatchResult(matches, leaves=leaves)


def entered_segments(url: str, found: MatchResult, index: TagIndex) -> range:
    """The numbers of the path segments that someone entered: behind a base address, the application's own follow."""
    ids = {match.tag_id for match in found}
    entered = [tag.normal.rstrip("/") for tag in index.tags if tag.tag_id in ids]
    begun = [text for text in entered if _begins((url.casefold(), unquote(url).casefold()), text)]
    if len(begun) < len(entered):  # a piece of what was entered
        return range(url.count("/"))
    return range(max([text.partition("://")[2].count("/") for text in begun], default=0))


def _begins(spelled: tuple[str, str], begun: str) -> bool:
    return any(text.startswith(begun) for text in spelled)


def _is_of(spelled: tuple[str, str], entered: str) -> bool:
    return _begins(spelled, entered.rstrip("/")) or any(text.rstrip("/") in entered for text in spelled)


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
