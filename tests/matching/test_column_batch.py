"""Many values at once are told what each is told by itself."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otel_provenance.matching import TagIndex
from otel_provenance.tags import make_tag

SALT = b"a salt for tests"
VALUES = [
    "Ada Lovelace",
    "ada.lovelace@example.org",
    "+1 415 555 0123",
    "yes",
    "2024-02-29",
    "17 Some Street",
    "Please deliver order 7 to Edsger before 8 o'clock, and ring twice",
    "C-16225575",
    "2979.62",
    "18",
    "4111 1111 1111 1111",
]
VARIANTS = [
    "ADA  LOVELACE",
    "lovelace",
    "say hello to Ada Lovelace today",
    "QWRhIExvdmVsYWNl",
    "ada.lovelace+news@example.org",
    "4155550123",
    "29/02/2024",
    "29.2.2024",
    "1111",
    "2979.620",
    '{"name": "Ada Lovelace"}',
    "Ada%20Lovelace",
    "Please deliver order 7 to Edsger",
    "c16225575",
    "somebody else",
    "someone@else.org",
    "",
    "+",
]
OTHERS = ["x", "zzz", "Qqqq"]
SPELLINGS = [*VALUES, *VARIANTS, *(v.upper() for v in VALUES), *(v[: len(v) * 2 // 3] for v in VALUES)]
SPELLINGS += [v.encode().hex() for v in VALUES] + [b64encode(v.encode()).decode() for v in VALUES]
SPELLINGS += [sha256(v.encode()).hexdigest() for v in VALUES] + [f"see {v} there" for v in VALUES]
SPELLINGS += [quote(v) for v in VALUES] + [quote_plus(v) for v in VALUES] + [v.replace(" ", "") for v in VALUES]
SPELLINGS += ["".join(filter(str.isdigit, v)) for v in VALUES] + [f"nr {v[-4:]}" for v in VALUES]
text = st.sampled_from(VALUES + VARIANTS) | st.text(max_size=40)
values = st.lists(
    text | st.integers(-9999, 20_000_000) | st.floats(allow_nan=False) | st.booleans() | st.none(), max_size=90
)
texts = st.lists(text, min_size=1, max_size=200)
tags = st.lists(st.sampled_from(VALUES), max_size=6).map(
    lambda chosen: [make_tag("form", f"field{n}", value, SALT, f"t{n}") for n, value in enumerate(chosen)]
)


@settings(max_examples=300, deadline=None)
@given(tags, values | texts | st.lists(st.integers(0, 30), max_size=100))
def test_a_column_is_told_as_its_values_are(tags, column):
    index = TagIndex(tags)
    one_by_one = [
        (at, found)
        for at, value in enumerate(column)
        if value is not None and ((found := TagIndex(tags).match_value("field0", value)) or found.inspected != "full")
    ]
    together = list(index.match_column("field0", column))
    assert [(at, found.matches) for at, found in together] == [(at, found.matches) for at, found in one_by_one]


@pytest.mark.parametrize("value", VALUES)
def test_no_spelling_is_missed_among_others(value):
    tags = [make_tag("form", "name", value, SALT, "t1")]
    missed = []
    for spelling in SPELLINGS:
        index = TagIndex(tags)
        alone = bool(index.match_value("name", spelling))
        among = bool(list(index.match_column("name", [*OTHERS, spelling, *OTHERS])))
        if alone != among:
            missed.append(spelling)
    assert not missed


def test_most_values_are_not_looked_at_one_by_one():
    index = TagIndex([make_tag("form", "name", "Ada Lovelace", SALT, "t1")])
    column = [f"Somebody Number {n}" for n in range(1000)]
    column[500] = "Ada Lovelace"
    assert [at for at, _ in index.match_column("name", column)] == [500]
    assert len(list(index._batch.suspects(column))) <= 4
