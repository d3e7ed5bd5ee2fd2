"""TagIndex: the tags of one request, made ready to be looked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from otel_provenance.matching.columns import ColumnFilter
from otel_provenance.matching.digests import DigestNeedles
from otel_provenance.matching.index import Needles
from otel_provenance.matching.model import Leaf, Match, MatchResult
from otel_provenance.matching.specificity import is_specific
from otel_provenance.tags import Tag

_NOTHING = MatchResult()
_MOST_KEPT = 4096
_LONGEST_KEPT = 128
_PLAIN = frozenset({str, int, bool})


class TagIndex:
    """The tags of one request; build once, use for many payloads. Its tables are made at the first use."""

    def __init__(self, tags: Iterable[Tag], *, salt: bytes | None = None) -> None:
        self.tags = list(tags)
        self.salt = salt
        """Needed only where there are tags of other services, known by their hash alone."""
        self._kept: dict[tuple[str, Any, type, bool], MatchResult] = {}

    @cached_property
    def needles(self) -> Needles:
        """What is looked for."""
        return Needles(self.tags)

    @cached_property
    def digests(self) -> DigestNeedles:
        """Their digests, each computed when a payload first holds something of its size."""
        return DigestNeedles(self.tags)

    @cached_property
    def twins(self) -> dict[str, list[Tag]]:
        """Id of a tag → tags of other services with the same value: what carries one carries the other."""
        upstream = self.needles.upstream
        if not upstream:
            return {}
        return {
            tag.tag_id: upstream[tag.value_hash]
            for tag in self.tags
            if tag.source != "upstream" and tag.value_hash in upstream
        }

    def with_twins(self, matches: tuple[Match, ...]) -> tuple[Match, ...]:
        """The matches, and those of the twins of what was matched."""
        if not self.twins:
            return matches
        seen = {(match.tag_id, match.field, match.transform) for match in matches}
        more = [
            match._replace(tag_id=twin.tag_id)
            for match in matches
            for twin in self.twins.get(match.tag_id, ())
            if (twin.tag_id, match.field, match.transform) not in seen
        ]
        return (*matches, *more)

    @cached_property
    def _columns(self) -> ColumnFilter:
        return ColumnFilter(self.needles)

    def match_value(self, column: str, value: Any, *, with_leaves: bool = False, limit: int = 1_048_576) -> MatchResult:
        """What ``match_tags`` answers for one scalar value of a column; cheap where nothing matches."""
        if value is None or (not self.tags and not with_leaves):
            return _NOTHING
        kind = type(value)
        if kind is bytes or isinstance(value, (dict, list, tuple)):
            return self._look_into(column, value, with_leaves, limit)
        if self.needles.upstream and with_leaves is False:
            return self._look_into(column, value, with_leaves, limit)
        columns = self._columns
        normal = columns.normal_of(value)
        if not columns.may_match(value, normal):
            if with_leaves and is_specific(normal):
                if self.needles.upstream or ("@" in normal and " " in normal):
                    return self._look_into(column, value, with_leaves, limit)
                return MatchResult(leaves=(Leaf(column, normal),))
            return _NOTHING
        if kind not in _PLAIN or len(normal) > _LONGEST_KEPT:
            return self._look_into(column, value, with_leaves, limit)
        key = column, value, kind, with_leaves  # a thousand rows have few different short values
        found = self._kept.get(key)
        if found is None:
            found = self._look_into(column, value, with_leaves, limit)
            if len(self._kept) < _MOST_KEPT:
                self._kept[key] = found
        return found

    def _look_into(self, column: str, value: Any, with_leaves: bool, limit: int) -> MatchResult:
        from otel_provenance.matching import match_tags

        return match_tags(value, self, field=column, with_leaves=with_leaves, limit=limit)
