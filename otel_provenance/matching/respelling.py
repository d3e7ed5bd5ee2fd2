"""What a value's own text went through to be what was seen: the last steps of a transform."""

from __future__ import annotations

import unicodedata
from typing import Any


def respelling(value: Any, seen: str) -> str:
    """``trim``, ``lower``, ``upper``, ``case``, ``unicode``, ``space``, joined by ``>``; empty if nothing.

    ``seen`` is the leaf, which holds the value as a whole or inside.
    """
    if not isinstance(value, str) or value in seen:
        return ""
    for steps, text in _attempts(value):
        if text in seen:
            return steps
    folded = seen.casefold()
    stripped = value.strip()
    if stripped.casefold() in folded:
        return "case" if stripped == value else "trim>case"
    form = unicodedata.normalize("NFKC", seen)
    plain = unicodedata.normalize("NFKC", stripped)
    if plain in form:
        return "unicode"
    if plain.casefold() in form.casefold():
        return "unicode>case"
    single, spaced = " ".join(plain.split()), " ".join(form.split())
    if single in spaced:
        return "space"
    return "space>case"


def _attempts(value: str) -> list[tuple[str, str]]:
    stripped = value.strip()
    trim = "" if stripped == value else "trim>"
    return [
        ("trim", stripped),
        (trim + "lower", stripped.lower()),
        (trim + "upper", stripped.upper()),
    ]
