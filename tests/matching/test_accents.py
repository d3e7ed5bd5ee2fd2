"""Accents that were dropped from long values, and those that one side lost and the other kept."""

from __future__ import annotations

import pytest

from otel_provenance.matching import TagIndex, match_tags
from otel_provenance.tags import make_tag

LONG = "Ma fille est allergique aux arachides, merci de prévenir la cuisine de l'école n° 949."
TURKISH = "Kargo 750. kattaki komşuya bırakılmış ve kutu çoktan yırtılmıştı."


def found(payload, value) -> bool:
    made = [make_tag("form", "comments", value, b"salt", "t", 0)]
    return any(match.confidence >= 0.5 for match in match_tags(payload, made))


@pytest.mark.parametrize("seen", [LONG.replace("é", "e"), LONG.upper().replace("É", "E")])
def test_long_values_without_accents(seen):
    assert found({"body": seen}, LONG)
    assert found({"body": f"Note: {seen} (sent)"}, LONG)
    made = [make_tag("form", "comments", LONG, b"salt", "t", 0)]
    assert TagIndex(made).match_value("body", f"Note: {seen} (sent)").matches


@pytest.mark.parametrize(("value", "seen"), [(TURKISH, TURKISH.upper()), ("Iğdır Kısakürek", "IĞDIR KISAKÜREK")])
def test_both_without_accents(value, seen):
    assert found({"note": seen}, value)
    assert found({"note": f"Not: {seen} ok"}, value)
    assert not found({"note": "Not: IGDIRA KISAKUREKLAR ok"}, value)
