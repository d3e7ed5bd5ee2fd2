"""Which kind of personal data a value is, as a fideslang key; None rather than a guess.

A value that proves itself (an address, a card's check digit) decides, but for secrets, whose name does;
then the field's name, where the value can be what the name says.
"""

from __future__ import annotations

from typing import Any

from otel_provenance.categories import keys
from otel_provenance.categories.by_name import Named, rules_of
from otel_provenance.categories.by_value import LONGEST, LONGEST_NUMBER, SHORTEST, category_by_value, is_credential
from otel_provenance.categories.rules import is_anything

__all__ = ["category_of", "category_of_text", "rules_of"]

_SECRETS = frozenset((keys.PASSWORD, keys.CREDENTIALS))


def category_of(source: str, field: str, value: Any) -> str | None:
    """The fideslang key of a value's kind of personal data, or None.

    ``source`` and ``field`` are the tag's: ``form``, ``user.email``; ``value`` as it came.
    """
    if type(value) is str:
        return category_of_text(rules_of(source, field), value)
    if value is None or isinstance(value, (bool, bytes)):
        return None
    return category_of_text(rules_of(source, field), str(value))


def category_of_text(named: Named, value: str) -> str | None:
    """As ``category_of``, of a text in a field of which ``named`` is known."""
    text = value.strip()
    if not text:
        return None
    rules, identifier = named
    by_name = None
    if rules:
        start = text[:LONGEST]
        for rule in rules:  # the first that the value can meet decides
            if rule.plausible is is_anything or rule.plausible(start):
                by_name = rule.category
                break
    size = len(text)
    if by_name in _SECRETS or not SHORTEST <= size <= LONGEST:
        return by_name
    if size > LONGEST_NUMBER and "@" not in text:  # as category_by_value() says it of a text
        return keys.CREDENTIALS if is_credential(text) and not text.isalpha() else by_name
    return category_by_value(text, identifier=identifier) or by_name
