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


CSV = "name,email\nGrace Hopper,grace@example.org\n"
XML = "<order><to>Grace Hopper</to><mail>grace@example.org</mail></order>"


@pytest.mark.parametrize(
    ("document", "source", "field", "inside"),
    [(CSV, "file", "list", ("list.0.name", "list.0.email")), (XML, "body", "", ("to", "mail"))],
)
def test_a_document_that_goes_on_as_it_is_takes_its_values_along(document, source, field, inside):
    values = dict(zip((field, *inside), (document, "Grace Hopper", "grace@example.org"), strict=True))
    tags = [make_tag(source, name, value, b"salt", name, 0) for name, value in values.items()]
    index = TagIndex([*tags, make_tag("form", "elsewhere", "grace@example.org", b"salt", "elsewhere", 0)])
    for found in (match_tags(document, index), index.match_row([("content", document), ("id", 7)])[0]):
        assert {match.tag_id for match in found if match.confidence >= 0.5} >= {field, *inside}
        assert {match.kind for match in found if match.tag_id == field} == {"exact"}


def test_a_value_that_is_all_of_a_leaf_is_not_taken_apart_where_it_was_not():
    tags = [
        make_tag("form", name, value, b"salt", name, 0)
        for name, value in (("note", CSV), ("mail", "grace@example.org"))
    ]
    assert {match.tag_id for match in match_tags(CSV, tags)} == {"note"}
