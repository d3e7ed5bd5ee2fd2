"""What any chain of encoders did to a value is found again; and nothing is found where it is not."""

from __future__ import annotations

import base64
import gzip
import json
import urllib.parse
import zlib

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from otel_provenance.matching import TagIndex, match_tags
from otel_provenance.matching.specificity import specificity
from otel_provenance.tags import Tag, make_tag
from otel_provenance.values import normal_form

SALT = b"a salt"


def tag_of(value, field="value", source="form") -> Tag:
    return make_tag(source, field, value, SALT, "t-1", 0)


def sure(payload, tags, **options) -> set[str]:
    return {match.tag_id for match in match_tags(payload, tags, **options) if match.confidence >= 0.5}


TEXT_TO_TEXT = {
    "percent": lambda t: urllib.parse.quote(t, safe=""),
    "form": lambda t: urllib.parse.urlencode({"a": "b", "v": t}),
    "json": lambda t: json.dumps({"k": [1, t]}),
    "json, no escapes": lambda t: json.dumps({"k": t}, ensure_ascii=False),
    "html": lambda t: "".join(f"&#{ord(c)};" for c in t),
    "base64": lambda t: base64.b64encode(t.encode()).decode(),
    "base64url": lambda t: base64.urlsafe_b64encode(t.encode()).decode().rstrip("="),
    "base64, inside": lambda t: base64.b64encode(f"user: {t} (ok)".encode()).decode(),
    "base32": lambda t: base64.b32encode(t.encode()).decode(),
    "hex": lambda t: t.encode().hex(),
    "HEX": lambda t: t.encode().hex().upper(),
    "gzip, base64": lambda t: base64.b64encode(gzip.compress(t.encode(), mtime=0)).decode(),
    "zlib, hex": lambda t: zlib.compress(t.encode()).hex(),
    "template": lambda t: f"We have noted: {t} - thank you.",
}
TEXT_TO_BYTES = {
    "utf-8": str.encode,
    "utf-16": lambda t: t.encode("utf-16"),
    "gzip": lambda t: gzip.compress(t.encode(), mtime=0),
    "zlib": lambda t: zlib.compress(t.encode()),
    "text": None,
}

values = st.from_regex(r"[A-Za-z]{3,8}[ .@_][A-Za-z]{4,9}[0-9]{2,5}", fullmatch=True) | st.builds(
    "{} {}".format,
    st.from_regex(r"[A-ZÄÖÜÉÑ][a-zäöüéñß]{3,9}", fullmatch=True),
    st.from_regex(r"[A-ZÄÖÜÉÑ][a-zäöüéñß]{5,9}", fullmatch=True),
)
chains = st.lists(st.sampled_from(sorted(TEXT_TO_TEXT)), max_size=4)


def _looks_like_a_code(payload: str) -> bool:
    """Base64 of one case alone, in less than 16 characters, is taken for a code: one in a hundred."""
    run = payload.rstrip("=")
    return len(run) < 16 and run.isalnum() and (run.isupper() or run.islower())


@settings(max_examples=400, deadline=None)
@given(values, chains, st.sampled_from(sorted(TEXT_TO_BYTES)))
@example("Grace Hopper", ["hex", "percent", "gzip, base64", "json"], "utf-16")
def test_chains_of_encoders(value, chain, last):
    assume(specificity(normal_form(value)) >= 16)
    payload = value
    for name in chain:
        payload = TEXT_TO_TEXT[name](payload)
        assume(not _looks_like_a_code(payload))
    encode = TEXT_TO_BYTES[last]
    payload = payload if encode is None else encode(payload)
    result = match_tags(payload, [tag_of(value)])
    assert {m.tag_id for m in result if m.confidence >= 0.5} == {"t-1"}, (payload, result, list(result))


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=8, max_size=200), st.text(max_size=200))
def test_texts_that_do_not_hold_a_value(value, other):
    normal, elsewhere = normal_form(value), normal_form(other)
    assume(not set(normal.split()) & set(elsewhere.split()))
    assume(len(elsewhere) < 4 or elsewhere[:4] != normal[:4])
    plain = "".join(c for c in elsewhere if c.isalnum())
    assume(len(plain) < 3 or plain not in normal)
    assume(normal not in elsewhere and "".join(c for c in normal if c.isalnum()) != plain)
    assert sure(other, [tag_of(value)]) == set()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_hold_nothing(data):
    tags = [tag_of("Grace Hopper", "name"), make_tag("form", "mail", "grace@navy.example", SALT, "t-2", 0)]
    assert sure(data, tags) == set()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(json_values)
def test_structures_and_their_json_are_searched_whole(payload):
    tags = [tag_of("Grace Hopper", "name"), make_tag("json", "id", 12345678, SALT, "t-2", 0)]
    held = {"a": payload, "b": {"c": ["Grace Hopper", 12345678]}}
    for form in (held, json.dumps(held), json.dumps(held).encode()):
        result = match_tags(form, tags)
        assert {m.tag_id for m in result if m.kind == "exact" and m.confidence > 0.9} == {"t-1", "t-2"}
        assert result.inspected == "full"


@settings(max_examples=100, deadline=None)
@given(json_values, st.lists(st.text(max_size=30) | st.integers() | st.booleans() | st.none(), max_size=8))
def test_the_same_question_has_the_same_answer(payload, values_):
    tags = [make_tag("json", f"f{at}", value, SALT, f"t-{at}", 0) for at, value in enumerate(values_)]
    first = match_tags(payload, tags, with_leaves=True)
    again = match_tags(payload, TagIndex(tags), with_leaves=True)
    assert (first.matches, first.leaves, first.reason) == (again.matches, again.leaves, again.reason)
    assert all(0.0 <= m.confidence <= 1.0 for m in first)


columns = st.sampled_from(["name", "email", "note", "quantity", "id", "born"])
cells = (
    st.text(max_size=40)
    | st.integers(-1000, 10**10)
    | st.booleans()
    | st.dates()
    | st.datetimes()
    | st.uuids()
    | st.decimals(allow_nan=False, allow_infinity=False, places=2)
    | values
)


@settings(max_examples=400, deadline=None)
@given(columns, cells, st.lists(cells, min_size=1, max_size=5))
def test_a_column_value_gets_the_answer_of_match_tags(column, value, tagged):
    taggable = [v if isinstance(v, (str, int, bool)) else str(v) for v in tagged]
    tags = [make_tag("form", "name", v, SALT, f"t-{at}", 0) for at, v in enumerate(taggable)]
    index = TagIndex(tags)
    assert index.match_value(column, value).matches == match_tags(value, index, field=column).matches


@pytest.mark.parametrize("value", ["Grace Hopper", "grace@navy.example", "C-12345678", 12345678, "415-555-0132"])
def test_a_column_value_that_is_a_tags(value):
    index = TagIndex([tag_of(value, "thing")])
    (match,) = index.match_value("other", value)
    assert match[:4] == ("t-1", "other", "exact", "")
