"""TagIndex: the tags of one request, made ready to be looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from otel_provenance.matching.column_batch import ColumnBatch, distinct_of
from otel_provenance.matching.columns import ColumnFilter, is_bare, normal_of
from otel_provenance.matching.digests import DigestNeedles
from otel_provenance.matching.index import Needles
from otel_provenance.matching.lazily import lazily
from otel_provenance.matching.model import Leaf, Match, MatchResult
from otel_provenance.matching.specificity import is_specific
from otel_provenance.matching.spellings import addresses, names_beside_addresses
from otel_provenance.matching.whole_rows import WholeRow
from otel_provenance.tags import Tag
from otel_provenance.values import normal_form

_NOTHING = MatchResult()
_MOST_KEPT = 4096
_LONGEST_KEPT = 128
_PLAIN = frozenset({str, int, bool})
_SIMPLE = frozenset({str, int})
_OPENING = frozenset('{["')
_SIZED = (str, bytes, dict, list, tuple)
_ROWS_WITHOUT_TABLES = 2
"""A request that writes a row or two would not get back what the tables cost."""
_LONGEST_NAME = 256
"""Characters of a column by which its matches can be told: of a long path only the beginning is."""
_LONGEST_TOGETHER = 4096
"""Characters, bytes or items: what is longer is looked through by itself, within limits of its own."""


class TagIndex:
    """The tags of one request; build once, use for many payloads. Its tables are made at the first use."""

    def __init__(self, tags: Iterable[Tag], *, salt: bytes | None = None) -> None:
        self.tags = list(tags)
        self.salt = salt
        """Needed only where there are tags of other services, known by their hash alone."""
        self._kept: dict[tuple[str, Any, type, bool], MatchResult] = {}
        self._rows = 0

    @lazily
    def needles(self) -> Needles:
        """What is looked for."""
        return Needles(self.tags)

    @lazily
    def pieces(self) -> frozenset[str]:
        """Addresses, and names beside them, inside the values."""
        texts = [tag.normal for tag in self.tags if "@" in tag.normal]
        named = [text for text in texts if "<" in text]
        return frozenset(chain.from_iterable((*map(addresses, texts), *map(names_beside_addresses, named))))

    @lazily
    def digests(self) -> DigestNeedles:
        """Their digests, each computed when a payload first holds something of its size."""
        return DigestNeedles(self.tags)

    @lazily
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
        if not self.needles.upstream or not self.twins:
            return matches
        seen = {(match.tag_id, match.field, match.transform) for match in matches}
        more = [
            match._replace(tag_id=twin.tag_id)
            for match in matches
            for twin in self.twins.get(match.tag_id, ())
            if (twin.tag_id, match.field, match.transform) not in seen
        ]
        return (*matches, *more)

    @lazily
    def _columns(self) -> ColumnFilter:
        return ColumnFilter(self.needles)

    def match_value(self, column: str, value: Any, *, with_leaves: bool = False, limit: int = 1_048_576) -> MatchResult:
        """What ``match_tags`` answers for one scalar value of a column; cheap where nothing matches."""
        found = self._at_once(column, value, with_leaves)
        if found is not None:
            return found
        if type(value) not in _PLAIN or (type(value) is str and len(value) > _LONGEST_KEPT):
            return self._look_into(column, value, with_leaves, limit)
        key = column, value, type(value), with_leaves  # a thousand rows have few different short values
        found = self._kept.get(key)
        if found is None:
            found = self._look_into(column, value, with_leaves, limit)
            if len(self._kept) < _MOST_KEPT:
                self._kept[key] = found
        return found

    @lazily
    def _batch(self) -> ColumnBatch:
        return ColumnBatch(self.needles, self._columns)

    def match_column(
        self, column: str, values: Sequence[Any], *, limit: int = 1_048_576
    ) -> Iterator[tuple[int, MatchResult]]:
        """(place, what ``match_value`` answers) of those of many values of a column that have any match, no leaves."""
        if not self.tags:
            return
        distinct = distinct_of(values)  # a thousand rows have few different values of some columns
        places = range(len(distinct)) if self.needles.upstream else self._batch.suspects(distinct)
        results: dict[Any, MatchResult] = {}
        for at in places:
            value = distinct[at]
            if value is not None:
                found = self.match_value(column, value, limit=limit)
                if found.matches or found.inspected != "full":
                    if distinct is values:
                        yield at, found
                    else:
                        results[value] = found
        if results:
            yield from [(at, results[value]) for at, value in enumerate(values) if value in results]

    def leaf_of(self, column: str, value: Any) -> Leaf | None:
        """A scalar value of a column, where it is specific; not looked into, as ``match_value`` with leaves would."""
        if value is None or (isinstance(value, _SIZED) and (type(value) is not str or len(value) > _LONGEST_TOGETHER)):
            return None
        normal = normal_of(value)
        if not is_specific(normal) or ("@" in normal and " " in normal):
            return None
        return Leaf(column, normal)

    def match_row(
        self, row: Iterable[tuple[str, Any]], *, with_leaves: bool = False, limit: int = 1_048_576
    ) -> list[MatchResult]:
        """As ``match_value`` for each (column, value) of one row, in one search: they vouch for each other."""
        found: list[MatchResult] = []
        places: dict[str, int] = {}
        payload: dict[str, Any] = {}
        texts: set[Any] = set()  # a search tells of the first of equal leaves
        settled, whole = self.settled, WholeRow([], [], [])
        self._rows += 1
        tables_pay = self._rows > _ROWS_WITHOUT_TABLES
        for column, value in row:
            normal = normal_of(value) if type(value) in _SIMPLE and len(str(value)) <= _LONGEST_TOGETHER else ""
            is_whole = normal in settled and normal[0] not in _OPENING
            result = None if is_whole else self._at_once(column, value, with_leaves, tables_pay)
            if result is None:
                text = _key_of(value)
                if (
                    not column  # what opens into something nested has then no name by which to tell its column
                    or "." in column
                    or len(column) > _LONGEST_NAME
                    or column in places
                    or text in texts
                    or (isinstance(value, _SIZED) and len(value) > _LONGEST_TOGETHER)
                ):
                    result = self._look_into(column, value, with_leaves, limit)
                else:
                    result = _NOTHING
                    places[column] = len(found)
                    payload[column] = value
                    if is_whole:
                        whole.add(column, value if type(value) is str else normal, normal)
                    if text is not None:
                        texts.add(text)
            found.append(result)
        together: MatchResult | None = None
        if len(payload) > 1:
            # of a row that is all values of the request, nothing is left to be searched
            told = whole.matches(self.needles) if len(whole.columns) == len(payload) else None
            together = self._look_into("", payload, with_leaves, limit) if told is None else MatchResult(tuple(told))
        if together is None or together.inspected != "full":
            for column, at in places.items():
                found[at] = self.match_value(column, payload[column], with_leaves=with_leaves, limit=limit)
            return found
        matches: dict[int, list[Match]] = {}
        leaves: dict[int, list[Leaf]] = {}
        for match in together.matches:
            matches.setdefault(places[match.field.partition(".")[0]], []).append(match)
        for leaf in together.leaves:
            leaves.setdefault(places[leaf.field.partition(".")[0]], []).append(leaf)
        for at in matches.keys() | leaves.keys():
            found[at] = MatchResult(tuple(matches.get(at, ())), leaves=tuple(leaves.get(at, ())))
        return found

    @lazily
    def settled(self) -> dict[str, Any]:
        """Normal forms of the values that hold nothing but themselves; none where leaves are other services' too."""
        return {} if not self.tags or self.needles.upstream else self.needles.telling.settled

    def _at_once(self, column: str, value: Any, with_leaves: bool, tables_pay: bool = True) -> MatchResult | None:
        """The answer, where it is told at once that nothing matches; None where the value must be looked into."""
        if value is None or (not self.tags and not with_leaves):
            return _NOTHING
        if type(value) is bytes or isinstance(value, (dict, list, tuple)):
            return None
        if type(value) is str and len(value) > _LONGEST_TOGETHER:
            return None  # within the limits of a search
        upstream = self.needles.upstream
        if upstream and not with_leaves:
            return None
        normal = normal_of(value)
        if self._may_match(value, normal, tables_pay):
            return None
        if with_leaves and is_specific(normal):
            if upstream or ("@" in normal and " " in normal):
                return None
            return MatchResult(leaves=(Leaf(column, normal),))
        return _NOTHING

    def _may_match(self, value: Any, normal: str, tables_pay: bool) -> bool:
        """Whether a scalar has to be looked into; ``normal`` is its normal form."""
        kind = type(value)
        if kind is str or kind is int:
            needles = self.needles
            if normal in needles.telling.leaves:
                return True
            if not needles.trigrams.may_share(normal) and (kind is int or is_bare(value)):
                return False
        return not tables_pay or self._columns.may_match(value, normal)

    def _look_into(self, column: str, value: Any, with_leaves: bool, limit: int) -> MatchResult:
        from otel_provenance.matching import match_tags

        return match_tags(value, self, field=column, with_leaves=with_leaves, limit=limit)


def _key_of(value: Any) -> Any:
    """What values of equal normal form have in common, nearly always; None for what has no one form."""
    if type(value) is str:
        return value.lower().strip()
    return None if isinstance(value, _SIZED) else normal_form(value)
