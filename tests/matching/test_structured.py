"""A value that is JSON or a form itself is recognised as a whole, beside what stands in it."""

from __future__ import annotations

import json

import pytest

from otel_provenance.matching import TagIndex, match_tags
from otel_provenance.tags import make_tag

SALT = b"a salt for tests"
VALUES = [
    '{"uri": "/data/customers of zoe.csv"}',
    '{"cols":[{"type":"long","name":"age"}]}',
    '["red", "green"]',
    '{"first": "of two lines"}\n{"second": "of them"}',
    "name=zoe&city=lisbon",
    '"a text in quotes"',
]


def index(value: str) -> TagIndex:
    return TagIndex([make_tag("json", "dataset.source", value, SALT, "t1")], salt=SALT)


def found(matches):
    return {(match.field, match.kind, match.transform) for match in matches if match.confidence >= 0.5}


@pytest.mark.parametrize("value", VALUES)
def test_in_a_column(value):
    assert ("source", "exact", "") in found(index(value).match_value("source", value))
    row = [("source", value), ("note", "some other text")]
    assert ("source", "exact", "") in found(index(value).match_row(row)[0])
    assert [at for at, _ in index(value).match_column("source", ["x"] * 20 + [value])] == [20]


@pytest.mark.parametrize("value", VALUES)
def test_in_a_body(value):
    body = json.dumps({"data": {"source": value}})
    assert ("data.source", "exact", "") in found(match_tags(body, index(value), media_type="application/json"))


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("as_sent", [str, str.encode])
def test_as_the_whole_body(value, as_sent):
    assert ("source", "exact", "") in found(match_tags(as_sent(value), index(value), field="source"))


def test_what_stands_in_it_is_recognised_too():
    text = json.dumps({"email": "zoe.nunez@example.com"})
    tags = [
        make_tag("form", "payload", text, SALT, "t1"),
        make_tag("form", "mail", "zoe.nunez@example.com", SALT, "t2"),
    ]
    matches = TagIndex(tags, salt=SALT).match_value("raw", text)
    assert {(match.tag_id, match.field) for match in matches} == {("t1", "raw"), ("t2", "raw.email")}


def test_another_structure_is_not_it():
    assert not found(index(VALUES[0]).match_value("source", '{"uri": "/data/somebody else.csv"}'))
