"""Many values of one column at once: the checks of ``columns.ColumnFilter`` over a joined text.

A statement that writes a thousand rows has a thousand values for each column, and nearly none of them holds
anything of the request. Groups of them are told so together; a group that is not is halved until the few are
left that must be looked into. Nothing is told that ``ColumnFilter.may_match`` would not tell of each by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from otel_provenance.matching import forms, runs
from otel_provenance.matching.bulk import END, NOT_DIGITS, SEPARATORS, normal_bulk, words_of
from otel_provenance.matching.columns import ColumnFilter, _any_in
from otel_provenance.matching.escapes import SIGNS
from otel_provenance.matching.index import Needles
from otel_provenance.matching.pieces import EXCERPT
from otel_provenance.values import normal_form

GROUP = 128
"""Values that are told of together."""
_FEW = 4
_LONGEST = 128
"""Characters of a value; a longer one is looked into by itself."""
_SIGNS = "".join(SIGNS).encode()
_OPENINGS = tuple(END + sign for sign in '{["')
_RUNS = bytes(i if (chr(i).isalnum() and i < 128) or chr(i) in "+/-_" else 32 for i in range(256))
"""What may be encoded is a run of these characters."""
_KINDS = frozenset({str, int, float, bool, type(None)})


class ColumnBatch:
    """Says which of many values of a column may have anything of the needles."""

    def __init__(self, needles: Needles, single: ColumnFilter) -> None:
        self._single = single
        self._needles = needles
        self._beginnings = frozenset(needles.beginnings)
        self._domains = [*needles.mentioned.domains, *(f"@{domain}" for domain in needles.domains)]
        self._fours = frozenset(needles.spelled.last_four)
        self._long_words = frozenset(word for tag in needles.long for word in words_of(tag.normal))
        self._ignores_booleans = not needles.booleans and needles.keys.isdisjoint(("true", "false"))

    def suspects(self, values: Sequence[Any]) -> Iterator[int]:
        """Places of the values that must be looked into, in order."""
        for start in range(0, len(values), GROUP):
            end = min(start + GROUP, len(values))
            if not self._none_may(values[start:end]):
                yield from self._some_may(values, start, end)

    def _some_may(self, values: Sequence[Any], start: int, end: int) -> Iterator[int]:
        if end - start <= _FEW:
            yield from range(start, end)
            return
        middle = (start + end) // 2
        if self._none_may(values[start:middle]):
            yield from self._some_may(values, middle, end)  # then it is the other half
            return
        yield from self._some_may(values, start, middle)
        if not self._none_may(values[middle:end]):
            yield from self._some_may(values, middle, end)

    def _none_may(self, values: Sequence[Any]) -> bool:
        kinds = set(map(type, values))
        if not kinds <= _KINDS:
            return False
        if bool in kinds and not self._ignores_booleans:
            return False
        texts: list[str]
        if kinds == {str}:
            texts = list(values)  # the usual case
        elif kinds == {float}:
            texts = [text[:-2] if text.endswith(".0") else text for text in map(repr, values)]
            if "-0" in texts or "e" in "".join(texts) or "n" in "".join(texts):
                return False  # its normal form is another: very large, very small, infinite
        else:
            texts = [_spelled(value) for value in values if value is not None and type(value) is not bool]
        if not texts:
            return True
        joined = END.join(texts)
        if "*" in joined:
            return False  # a masked value shows nothing that could be looked up
        if not joined.isascii() or joined.count(END) != len(texts) - 1 or max(map(len, texts)) > _LONGEST:
            return False
        if str not in kinds:
            return (
                self._single.keys.isdisjoint(texts)
                and self._beginnings.isdisjoint([text[:4] for text in texts])
                and self._digits_differ(joined, texts)
            )
        normal = normal_bulk(joined)
        leaves = normal.split(END)
        words = words_of(normal)
        return (
            self._single.keys.isdisjoint(leaves)
            and self._single._anchors.isdisjoint(words)
            and (not self._fours or self._single._fours.isdisjoint([word[-4:] for word in words]))
            and self._compact_differ(normal)
            and self._beginnings.isdisjoint([leaf[:4] for leaf in leaves])
            and self._digits_differ(normal, leaves)
            and self._excerpts_differ(leaves, words)
            and not any(domain in normal for domain in self._domains)
            and not _any_in(self._single._bare, normal.encode())
            and _is_plain([t for t in texts if "@" not in t or " " in t or "%" in t or len(t) >= 64])
        )

    def _compact_differ(self, normal: str) -> bool:
        single = self._single
        if not (single._compact or single._coded):
            return True
        bare = normal.encode().translate(None, SEPARATORS)
        return single._compact.isdisjoint(bare.split(b"\0")) and not _any_in(single._coded, bare)

    def _digits_differ(self, normal: str, leaves: list[str]) -> bool:
        single = self._single
        if not (single._digits or single._tails or self._fours):
            return True
        if self._fours and not self._fours.isdisjoint([leaf[-4:] for leaf in leaves]):
            return False
        digits = normal.encode().translate(None, NOT_DIGITS)
        each = digits.split(b"\0")
        if not single._digits.isdisjoint(each):
            return False
        if max(map(len, each)) < 5:
            return True  # nothing that a number of five digits and more could be in
        if not single._tails.isdisjoint([one[-forms.PHONE_TAIL :] for one in each]):
            return False
        if " " not in normal and max(map(len, each)) <= 16:
            return True  # a number, and not the one
        return not _any_in(single._digit_keys, digits)

    def _excerpts_differ(self, leaves: list[str], words: list[bytes]) -> bool:
        if not self._needles.long:
            return True
        long = [leaf for leaf in leaves if len(leaf) >= EXCERPT]
        if not long:
            return True
        if max(map(len, long)) >= 100:
            return False
        if self._long_words.isdisjoint(words):  # an excerpt of three words and more has a whole one inside
            long = [leaf for leaf in long if leaf.count(" ") < 2 and len(words_of(leaf)) < 3]
        return not any(map(self._needles.fingerprints.may_share, long))


def distinct_of(values: Sequence[Any]) -> Sequence[Any]:
    """The different values, where they are of one kind (1 is not True) and some come again; else all as they are."""
    kinds = set(map(type, values)) - {type(None)}
    if len(kinds) != 1 or not kinds <= _KINDS:
        return values
    distinct = list(dict.fromkeys(values))
    return distinct if len(distinct) < len(values) else values


def _spelled(value: Any) -> str:
    if type(value) is float:
        text = repr(value)
        if "e" in text or "n" in text:
            return normal_form(value)
        return text[:-2] if text.endswith(".0") else text
    return str(value)


def _is_plain(texts: list[str]) -> bool:
    """Whether nothing of the texts is escaped, structured or encoded."""
    raw = (END + END.join(texts)).replace(END + "+", END)  # a phone number's plus: its digits have been looked up
    data = raw.encode()
    if len(data.translate(None, _SIGNS)) != len(data):
        return False
    if any(opening in raw for opening in _OPENINGS):
        return False
    # most long words are plain ones: told apart before each run is tried
    words = set(data.translate(_RUNS).split())
    found = [run for run in words if len(run) >= runs.SHORTEST and not runs.is_word(run)]
    return not found or not runs.may_hold(b" ".join(found).decode())
