"""A long JSON text piece by piece, so that it is never in memory as a whole: RFC 8259, values near the root.

The outer containers are walked here; what lies inside them, or is short, is parsed by ``json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from otel_provenance.matching.places import Place, is_value
from otel_provenance.speedups import compiled

LEVELS = 6 if compiled else 2
"""Containers, one in another, that are walked here; by hand where Python is alone, which is slow."""
SPAN = 16_384
"""Characters of a container that are parsed at once, where it can be told at which comma they end."""

_SPACE = re.compile(r"[ \t\n\r]*")
_KEY = re.compile(r'[ \t\n\r]*"([^"\\]*)"[ \t\n\r]*:[ \t\n\r]*')
_scan = json.JSONDecoder().raw_decode


def json_pieces(text: str, place: Place, is_utf8: bool = False) -> Iterator[tuple[Place, Any, int]]:
    """(place, value, characters of it) of every piece; ValueError where the text is not JSON, after those before that.

    ``is_utf8``: its characters are the bytes of UTF-8, so that one emoji does not make four bytes of each.
    """
    start = _space(text, 0)
    end = yield from _value(text, start, place, LEVELS, is_utf8)
    if _space(text, end) != len(text):
        raise ValueError("more than one JSON value")


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int, place: Place, levels: int, is_utf8: bool) -> Any:
    opening = text[at : at + 1]
    if levels and opening in ("{", "["):
        return (yield from _container(text, at, place, levels - 1, opening == "{", is_utf8))
    value, end = _scanned(text, at, is_utf8)
    yield place, value, end - at
    return end


def _scanned(text: str, at: int, is_utf8: bool) -> tuple[Any, int]:
    value, end = _scan(text, at)
    if is_utf8 and not (own := text[at:end]).isascii():
        value = json.loads(_plain(own, is_utf8))
    return value, end


def _plain(text: str, is_utf8: bool) -> str:
    return text.encode("latin-1").decode() if is_utf8 and not text.isascii() else text


def _container(text: str, at: int, place: Place, levels: int, named: bool, is_utf8: bool) -> Any:
    closing = "}" if named else "]"
    at = _space(text, at + 1)
    if text[at : at + 1] == closing:
        return at + 1
    number = 0
    is_ascii = text.isascii()
    while True:
        end = compiled.json_span(text, is_ascii, at, SPAN) if compiled else -1
        if end > at:
            own = _plain(text[at:end], is_utf8)
            some = json.loads(f"{{{own}}}" if named else f"[{own}]")
            if not some:
                raise ValueError("a value was due")
            yield place, some if named or not number else dict(enumerate(some, number)), end - at
            if text[end] == closing:
                return end + 1
            number += len(some)
            at = _space(text, end + 1)
            continue
        key: str | int = number
        if named:
            found = _KEY.match(text, at)
            if found:
                key, at = _plain(found[1], is_utf8), found.end()
            else:
                key, at = _escaped_key(text, at, is_utf8)
        number += 1
        if number % 1024 == 0:
            yield place, (), 0  # a pulse, by which the reader sees how long it takes
        if levels and text[at : at + 1] in ("{", "["):
            if type(key) is str and is_value(key):
                yield (place, key), key, len(key)
            at = yield from _container(text, at, (place, key), levels - 1, text[at] == "{", is_utf8)
        else:
            start = at
            value, at = _scanned(text, at, is_utf8)
            if type(key) is str and is_value(key):
                yield place, {key: value}, at - start
            else:
                yield (place, key), value, at - start
        if text[at : at + 1] not in (",", closing):
            at = _space(text, at)
        if text[at : at + 1] == closing:
            return at + 1
        if text[at : at + 1] != ",":
            raise ValueError("a comma was due")
        at += 1
        if text[at : at + 1] in " \t\n\r":
            at = _space(text, at)


def _escaped_key(text: str, at: int, is_utf8: bool) -> tuple[str, int]:
    at = _space(text, at)
    key, at = _scanned(text, at, is_utf8)
    at = _space(text, at)
    if not isinstance(key, str) or text[at : at + 1] != ":":
        raise ValueError("a key was due")
    return key, _space(text, at + 1)
