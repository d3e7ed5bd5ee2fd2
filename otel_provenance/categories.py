"""Which kind of personal data a value is, as a fideslang key."""

from __future__ import annotations

from typing import Any


def category_of(source: str, field: str, value: Any) -> str | None:
    """The fideslang key of a value's kind of personal data, or None."""
    return None
