"""Pieces of values inside texts: a first name in a greeting, a local part in a log line, a domain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance.matching import TagIndex, match_tags
from otel_provenance.matching.names import is_persons, likeness, names_of_path
from otel_provenance.tags import make_tag

GUEST = {"name": "Rebecca O'Connor", "email": "r.oc77@example.org"}
USER = {"email": "rifkiye.guclu@northwind-labs.com.tr"}


def found(payload, **tags) -> dict[str, float]:
    made = [make_tag("form", name, value, b"salt", name, 0) for name, value in tags.items()]
    sure: dict[str, float] = {}
    for match in match_tags(payload, made):
        sure[match.tag_id] = max(match.confidence, sure.get(match.tag_id, 0.0))
    return sure


def names(payload, **tags) -> set[str]:
    return {name for name, sure in found(payload, **tags).items() if sure >= 0.5}


@pytest.mark.parametrize(
    "text", ["Dear Rebecca,\n\nwe wrote to r.oc77@example.org", "r.oc77@example.org (Rebecca) asks"]
)
def test_a_first_name_beside_an_address_of_hers(text):
    assert names({"body": text}, **GUEST) == {"name", "email"}
    assert names({"to": "r.oc77@example.org", "body": text.replace("r.oc77@example.org", "you")}, **GUEST) == {
        "name",
        "email",
    }


def test_the_shortest_names_need_a_greeting():
    tags = {"name": "Anna Schmidt", "email": "a77@example.org"}
    assert names({"to": "a77@example.org", "body": "Hi Anna, it is on its way"}, **tags) == {"name", "email"}
    assert names({"to": "a77@example.org", "body": "it is on its way, Anna"}, **tags) == {"email"}


@pytest.mark.parametrize(
    "text", ["Dear Rebecca, it is on its way", "called rebecca at noon", "Benjamin and Rebecca met"]
)
def test_a_first_name_by_itself_is_anybodys(text):
    assert found({"body": text}, **GUEST).get("name", 0.0) < 0.5


def test_a_rare_name_by_itself():
    assert names({"body": "called Bartholomew at noon"}, name="Bartholomew Ives") == {"name"}
    assert names({"body": "called Sebastienne at noon"}, name="Sébastienne Ives") == {"name"}


@pytest.mark.parametrize("value", ["Summer Jordan", "April Young", "Florence Baker", "Chase King"])
def test_names_that_are_words(value):
    first, last = value.lower().split()
    text = f"r.oc77@example.org asks for {first} and for the {last} of it"
    assert names({"text": text}, name=value, email="r.oc77@example.org") == {"email"}
    assert names({"text": text}, first_name=first, last_name=last, email="r.oc77@example.org") == {"email"}


@pytest.mark.parametrize("text", ["Rebecca Smith asks", "with Peter O'Connor", "O'Connor Street 5", "Rebecca Okafor"])
def test_names_of_somebody_else(text):
    tags = {"name": "Rebecca O'Connor", "email": "r.oc77@example.org"}
    assert names({"to": "r.oc77@example.org", "t": text, "full_name": text}, **tags) == {"email"}
    assert not names({"full_name": text}, name="Rebecca O'Connor")
    assert names({"to": "r.oc77@example.org", "t": "with Ms O'Connor"}, **tags) == {"name", "email"}


def test_what_is_no_persons_name():
    text = "to r.oc77@example.org: the northern harbours and lanterns"
    for field in ("company_name", "product.name", "street", "title"):
        assert names({"t": text}, **{field: "Northern Lanterns", "email": "r.oc77@example.org"}) == {"email"}
    for field in ("name", "billing_name", "cardholder", "passengers.0.name", "beneficiary"):
        assert is_persons(names_of_path(field)), field
    for field in ("username", "company.name", "file_name", "event_name", "notes"):
        assert not is_persons(names_of_path(field)), field
    assert likeness(names_of_path("patient_name"), names_of_path("first_name")) == 0.7
    assert not likeness(names_of_path("company_name"), names_of_path("first_name"))


@pytest.mark.parametrize(
    "text",
    [
        "new login by rifkiye.guclu from 10.0.0.1",
        "GET /users/rifkiye.guclu/cart",
        "Sender domain northwind-labs.com.tr is new.",
        "blocked (northwind-labs.com.tr).",
    ],
)
def test_halves_of_an_address(text):
    assert names({"t": text}, **USER) == {"email"}
    made = [make_tag("form", name, value, b"salt", name, 0) for name, value in USER.items()]
    assert [m.tag_id for m in TagIndex(made).match_value("t", text)] == ["email"]
    assert [at for at, _ in TagIndex(made).match_column("t", ["x", text, "some other text"])] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "by x.rifkiye.guclu and rifkiye.guclu2",
        "by rifkiye.guclu@other.example",
        "by @rifkiye.guclu",
        "at mail.northwind-labs.com.tr",
        "at other@northwind-labs.com.tr",
        "at northwind-labs.com.tr.example",
        "at anorthwind-labs.com.tr",
    ],
)
def test_longer_names_and_addresses(text):
    assert not names({"t": text}, **USER)


@pytest.mark.parametrize("address", ["info@gmail.com", "contact@web.de", "sales@orange.fr", "anna@qq.com"])
def test_mailboxes_of_everybody(address):
    local, _, domain = address.partition("@")
    assert not names({"t": f"write to {local} at {domain}, please"}, email=address)


@given(st.text(alphabet="abcxyz019.-_+@ ", max_size=12), st.text(alphabet="abcxyz019.-_+@ ", max_size=12))
def test_a_column_gets_the_same_answer(before, after):
    made = [make_tag("form", name, value, b"salt", name, 0) for name, value in {**GUEST, **USER}.items()]
    for piece in ("rebecca", "rifkiye.guclu", "northwind-labs.com.tr"):
        text = before + piece + after
        assert TagIndex(made).match_value("t", text).matches == match_tags(text, made, field="t").matches
