"""A longer value explains a shorter one where it covers it, not where the shorter one stands by itself too."""

from __future__ import annotations

import pytest

from otel_provenance.matching import match_tags
from otel_provenance.tags import make_tag

PERSON = {"first_name": "Nicolas", "last_name": "Goncalves", "email": "nicolas.goncalves@globex.fr"}


def found(payload, **tags) -> set[str]:
    made = [make_tag("form", name, value, b"salt", name, 0) for name, value in tags.items()]
    return {match.tag_id for match in match_tags(payload, made) if match.confidence >= 0.5}


@pytest.mark.parametrize(
    "line",
    [
        "User Nicolas Goncalves logged in as nicolas.goncalves@globex.fr from 10.0.0.3",
        "nicolas.goncalves@globex.fr; Goncalves; Nicolas; 10.0.0.3; ok",
        "FN:Nicolas Goncalves / EMAIL:nicolas.goncalves@globex.fr / TEL:7",
        "the mail nicolas.goncalves@globex.fr was sent again to NICOLAS GONCALVES in Lyon",
    ],
)
def test_beside_what_would_cover_it(line):
    assert found({"line": line}, **PERSON) == set(PERSON)


@pytest.mark.parametrize(
    "line",
    [
        "logged in as nicolas.goncalves@globex.fr from 10.0.0.3",
        "nicolas.goncalves@globex.fr, nicolas.goncalves@globex.fr: seen twice",
        "nicolas.goncalves@globex.fr and nicolasse@globex.fr were seen",
        "nicolas.goncalves@globex.fr and nicolas-jean@globex.fr were seen",
        "nicolas.goncalves@globex.fr and anna.goncalves@globex.fr were seen",
    ],
)
def test_only_inside_what_covers_it(line):
    assert found({"line": line}, **PERSON) == {"email"}
