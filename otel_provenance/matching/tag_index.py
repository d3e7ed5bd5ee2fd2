"""TagIndex: the tags of one request, made ready to be looked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from otel_provenance.matching.digests import DigestNeedles
from otel_provenance.matching.index import Needles
from otel_provenance.matching.model import Match, MatchResult
from otel_provenance.tags import Tag


class TagIndex:
    """The tags of one request; build once, use for many payloads. Its tables are made at the first use."""

    def __init__(self, tags: Iterable[Tag], *, salt: bytes | None = None) -> None:
        self.tags = list(tags)
        self.salt = salt
        """Needed only where there are tags of other services, known by their hash alone."""

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

    def match_value(self, column: str, value: Any, *, with_leaves: bool = False) -> MatchResult:
        """What ``match_tags`` answers for one scalar value of a column; cheap where nothing matches."""
        from otel_provenance.matching import match_tags

        return match_tags(value, self, field=column, with_leaves=with_leaves)
