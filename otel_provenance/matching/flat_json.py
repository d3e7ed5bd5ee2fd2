"""A small JSON object of values of the request as they came, and of such that hold nothing of it: what most calls send.
It is told without a search, as a row of a table is."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from otel_provenance.matching.columns import is_bare, normal_of
from otel_provenance.matching.model import Leaf, MatchResult
from otel_provenance.matching.places import LONGEST_KEY
from otel_provenance.matching.specificity import is_specific
from otel_provenance.matching.whole_rows import WholeRow

if TYPE_CHECKING:
    from otel_provenance.matching.tag_index import TagIndex

LONGEST, MOST = 4_096, 64
"""Bytes of such an object, and its values."""
_OPENING = frozenset('{["')
_PLAIN = frozenset({str, int, float, bool, type(None)})
_scan = json.JSONDecoder().raw_decode


def told_at_once(data: bytes, media_type: str | None, index: TagIndex, with_leaves: bool) -> MatchResult | None:
    """What ``match_tags`` answers for the bytes of such an object; None where they are, or may hold, anything else."""
    settled, needles = index.settled, index.needles
    if not settled or not is_plain_json(media_type) or data[:1] != b"{" or not data.isascii():
        return None
    if b"[" in data or data.count(b"{") > 1:  # it is not flat, as far as one sees without reading it
        return None
    try:
        value, end = _scan(data.decode("ascii"))
    except (ValueError, RecursionError):
        return None
    if end != len(data) or not 1 < len(value) <= MOST:
        return None
    telling, may_share = needles.telling.leaves, needles.trigrams.may_share
    whole, leaves = WholeRow([], [], []), []
    for key, item in value.items():
        if type(item) not in _PLAIN or len(key) > LONGEST_KEY or "@" in key or "." in key:
            return None
        normal = normal_of(item)
        if normal in settled and normal[0] not in _OPENING:
            whole.add(key, item if type(item) is str else normal, normal)
        elif normal in telling:
            return None
        elif len(normal) > 2:
            if may_share(normal) or (type(item) is str and not is_bare(item)):
                return None
            if with_leaves and is_specific(normal):
                if "@" in normal:
                    return None
                leaves.append(Leaf(key, normal))
    found = whole.matches(needles)
    return None if found is None else MatchResult(tuple(found), leaves=tuple(leaves))


@lru_cache(maxsize=256)
def is_plain_json(media_type: Any) -> bool:
    """Whether a media type says JSON, and nothing of a charset but UTF-8."""
    essence, _, parameters = (media_type or "").lower().partition(";")
    return essence.strip().endswith(("/json", "+json")) and parameters.strip() in ("", "charset=utf-8")
