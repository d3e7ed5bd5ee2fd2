"""Values of a request become tags, and tags records, many at a time: as each would by itself."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from otel_provenance import ingress
from otel_provenance.documents import NotOpened, document_in, may_be_document
from otel_provenance.identifiers import IdSequence, new_request_id
from otel_provenance.tags import TagSet, make_tag, records_of
from otel_provenance.values import hash_value, preview_of, shown_field

SALT = b"salt" * 8
TEXT = st.text(st.sampled_from("aZ0 @.:+-éß\0\n\u0301\U0001f600\ud800"), max_size=30)
VALUE = TEXT | st.integers() | st.floats() | st.booleans() | st.none() | st.binary(max_size=20)
FIELD = st.sampled_from(["email", "user.name", "password", "note", "x" * 500, "ada@example.org"]) | TEXT
FOUND = st.lists(st.tuples(FIELD, VALUE), max_size=8)


def new_tags() -> TagSet:
    return TagSet(IdSequence(new_request_id()), SALT)


@given(FOUND)
def test_tags_made_together_are_those_made_one_by_one(found):
    tags = new_tags()
    tags.add_all("form", found, 7)
    expected = [
        make_tag("form", field, value, SALT, tag.tag_id, 7)
        for (field, value), tag in zip(found, tags.tags, strict=True)
    ]
    assert [tuple(map(repr, tag)) for tag in tags.tags] == [tuple(map(repr, tag)) for tag in expected]
    assert len({tag.tag_id for tag in tags.tags}) == len(found)
    assert all(type(tag) is type(made) for tag, made in zip(tags.tags, expected, strict=True))
    assert all(tags.hash_of(value) == hash_value(value, SALT) for _, value in found if type(value) is str)


@given(FOUND, st.sampled_from([0, 3, 2048]))
def test_records_show_of_each_tag_what_may_be_shown(found, limit):
    tags = new_tags()
    tags.add_all("form", found, 7)
    for tag, record in zip(tags.tags, records_of(tags.tags, limit), strict=True):
        assert record == tag.to_record(limit)
        assert record.preview == preview_of(tag.value, tag.field, limit)
        assert record.field == shown_field(tag.field)
        assert (record.tag_id, record.value_hash) == (tag.tag_id, tag.value_hash)


BEGINNING = st.sampled_from(
    [
        *("", " ", "{", "[", "#", "<?xml ", "<a:b ", "data:,", "data:text/plain,", "Ada Lovelace"),
        *("query {", "query q { a(b: 1) }", "mutation{", "fragment f on T", "\t{ a(b: 1)"),
        *("eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", "QWRhIExvdmVsYWNlIHdhcyBib3JuIDE4MTU="),
    ]
)


@given(BEGINNING, st.text(st.sampled_from('aZ0 {}()[]<>:,"#=\n'), max_size=60))
@example("query q { a(b: 1) }", "    ")
@example("# a remark of GraphQL\n", "query { a(b: 1) }")
def test_what_may_be_no_document_is_none(beginning, rest):
    text = beginning + rest
    if may_be_document(text):
        return
    try:
        assert document_in(text) is None
    except NotOpened:
        pytest.fail("a document that cannot be opened is one")


def test_prose_is_told_by_its_beginning():
    assert not may_be_document("Ada Lovelace was born in London, and lived there.")
    assert may_be_document("query q { customer(email: 1) { id } }")


def test_what_was_found_before_a_fault_is_known():
    class Refuses:
        def __str__(self) -> str:
            raise RuntimeError("no text")

    tags = new_tags()
    with pytest.raises(RuntimeError):
        ingress.json_body(tags, {"a": "1", "b": Refuses(), "c": "2"})
    assert [tag.field for tag in tags.tags] == ["a"]
