"""An uploaded file that holds values, a table or JSON: each of them is a value that came in."""

from __future__ import annotations

import json

import pytest

from otel_provenance import ingress
from otel_provenance.identifiers import IdSequence, new_request_id
from otel_provenance.matching import TagIndex
from otel_provenance.tags import TagSet

SALT = b"a salt for tests"
PEOPLE = 'id,Name,E-Mail\r\n1,Ada Lovelace,ada@x.example\r\n2,"Babbage, Charles",cb@x.example\r\n'

SEMICOLONS = "id;Name;E-Mail\n1;Ada Lovelace;ada@x.example\n2;Babbage, Charles;cb@x.example"


def new_tags() -> TagSet:
    return TagSet(IdSequence(new_request_id()), SALT)


def seen(tags: TagSet) -> dict[str, object]:
    return {tag.field: tag.value for tag in tags.known()}


@pytest.mark.parametrize(
    ("name", "media_type", "text"),
    [
        ("people.csv", "text/csv", PEOPLE),
        ("people.CSV", "application/vnd.ms-excel", PEOPLE),
        ("people", "text/csv", "\ufeff" + PEOPLE),
        ("people.csv", None, SEMICOLONS),
    ],
)
def test_a_table_is_its_cells_by_the_names_of_its_columns(name, media_type, text):
    tags = new_tags()
    assert ingress.file(tags, "upload", name, text.encode(), media_type) is None
    found = seen(tags)
    assert found.pop("upload.filename") == name
    assert found.pop("upload") == text
    assert found == {
        "upload.0.id": "1",
        "upload.0.Name": "Ada Lovelace",
        "upload.0.E-Mail": "ada@x.example",
        "upload.1.id": "2",
        "upload.1.Name": "Babbage, Charles",
        "upload.1.E-Mail": "cb@x.example",
    }


def test_a_first_row_that_may_be_data_is_no_name():
    tags = new_tags()
    ingress.file(tags, "upload", "people.csv", b"Ada,London,Mathematician\nCharles,Devon,Engineer\n", "text/csv")
    assert not any("Ada" in tag.field for tag in tags.known())
    assert seen(tags)["upload.0.0"] == "Ada"


def test_json_is_its_leaves():
    tags = new_tags()
    ingress.file(tags, "upload", "people.json", json.dumps([{"name": "Ada"}]).encode(), "application/json")
    assert seen(tags)["upload.0.name"] == "Ada"


@pytest.mark.parametrize("text", ["", "\n", "one column\nof text\n", 'a,"b\nc', "\x00,\x00"])
def test_what_is_no_table_is_one_value(text):
    tags = new_tags()
    assert ingress.file(tags, "upload", "notes.csv", text.encode(), "text/csv") is None


def test_too_many_cells_are_told():
    tags = new_tags()
    assert ingress.file(tags, "upload", "x.csv", b"id,name\n" + b"7,Ada\n" * 6_000, "text/csv") == "too_many_leaves"


def test_an_imported_row_leads_back_to_its_cells():
    tags = new_tags()
    ingress.file(tags, "upload", "people.csv", PEOPLE.encode(), "text/csv")
    index = TagIndex(tags.known(), salt=SALT)
    fields = {tag.tag_id: tag.field for tag in tags.tags}
    row = index.match_row([("name", "Ada Lovelace"), ("email", "ada@x.example")])
    assert [[fields[match.tag_id] for match in found] for found in row] == [["upload.0.Name"], ["upload.0.E-Mail"]]
