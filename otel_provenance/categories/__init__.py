"""Which kind of personal data a value is, as a fideslang key; None rather than a guess.

A value that proves itself (an address, a card's check digit) decides, but for secrets, whose name does;
then the field's name, where the value can be what the name says.
"""

from __future__ import annotations

from typing import Any

from otel_provenance.categories import keys
from otel_provenance.categories.by_name import category_by_name, rules_of
from otel_provenance.categories.by_value import LONGEST, category_by_value

__all__ = ["category_of"]

_SECRETS = frozenset((keys.PASSWORD, keys.CREDENTIALS))


def category_of(source: str, field: str, value: Any) -> str | None:
    """The fideslang key of a value's kind of personal data, or None.

    ``source`` and ``field`` are the tag's: ``form``, ``user.email``; ``value`` as it came.
    """
    if type(value) is str:
        text = value.strip()
    elif value is None or isinstance(value, (bool, bytes)):
        return None
    else:
        text = str(value)
    if not text:
        return None
    named = rules_of(source, field)
    by_name = category_by_name(named, text[:LONGEST]) if named.rules else None
    if by_name in _SECRETS:
        return by_name
    return category_by_value(text, identifier=named.identifier) or by_name
