"""Phone numbers: trunk prefixes, and the country that the request itself tells."""

from __future__ import annotations

import hashlib

import pytest

from otel_provenance.matching import match_tags
from otel_provenance.tags import make_tag


def found(payload, **tags) -> float:
    made = [make_tag("form", name, value, b"salt", name, 0) for name, value in tags.items()]
    return max([match.confidence for match in match_tags(payload, made) if match.tag_id == "phone"], default=0.0)


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("+7 903-825-27-47", "89038252747"),
        ("8 (903) 825-27-47", "+79038252747"),
        ("+7 903-825-27-47", "8 (903) 825-27-47"),
        ("8 903 825 27 47", "79038252747"),
    ],
)
def test_eight_is_the_trunk_prefix_of_seven(value, seen):
    assert found({"phone": seen}, phone=value) >= 0.5
    assert found(f"call {seen} now", phone=value) >= 0.5
    assert found({"ph": hashlib.sha256(seen.replace(" ", "").encode()).hexdigest()}, phone=value) >= 0.5 or " " in seen


def test_other_numbers():
    assert found({"phone": "+79038252748"}, phone="8 (903) 825-27-47") < 0.5
    assert found({"phone": "+89038252747"}, phone="+7 903-825-27-47") < 0.5
    assert found({"phone": "9038252747"}, phone="8 903 825 27 48") < 0.5


@pytest.mark.parametrize("country", ["DE", "de", "Germany", "Deutschland", "DEU"])
def test_the_country_is_known(country):
    assert found({"phone": "+491712345678"}, phone="0171 2345678", country=country) >= 0.5
    assert found({"phone": "+441712345678"}, phone="0171 2345678", country=country) < 0.5
    assert found({"phone": "0171 2345678"}, phone="+44 171 2345678", country=country) >= 0.5


def test_the_country_is_not_known():
    assert found({"phone": "+441712345678"}, phone="0171 2345678") >= 0.5
    assert found({"phone": "+441712345678"}, phone="0171 2345678", country="Elsewhere") >= 0.5
