"""Short and common values are no match because they occur somewhere."""

from __future__ import annotations

import datetime
import hashlib
import json
from decimal import Decimal
from uuid import UUID

import pytest

from otel_provenance.matching import Match, MatchResult, TagIndex, match_tags
from otel_provenance.tags import make_tag
from otel_provenance.values import hash_value

SALT = b"a salt"


def form(**fields):
    return [make_tag("form", name, value, SALT, f"t-{name}", 0) for name, value in fields.items()]


def sure(payload, tags, **options):
    return {m.tag_id.removeprefix("t-") for m in match_tags(payload, tags, **options) if m.confidence >= 0.5}


SHORT = {"newsletter": "yes", "quantity": "2", "country": "US", "lang": "en", "page": "1", "answer": "42", "on": "true"}


@pytest.mark.parametrize(
    "payload",
    [
        {"id": 2, "count": 42, "locale": "en", "region": "US", "version": 1, "ok": True, "reply": "yes"},
        "yes, 2 of 42 in the US, true",
        {"rows": [[1, 2, 42], ["en", "US", "yes", "true"]]},
        "/v1/things/2?x=42",
        {"items": [{"sku": "A", "n": n} for n in range(50)]},
    ],
)
def test_short_values_elsewhere(payload):
    assert sure(payload, form(**SHORT)) == set()


@pytest.mark.parametrize(("field", "value"), list(SHORT.items()))
def test_short_values_under_their_own_name(field, value):
    tags = form(**SHORT)
    assert sure({"order": {field: value, "id": 2}}, tags) == {field}
    assert sure(value, tags, field=field) == {field}
    (match,) = TagIndex(tags).match_value(field, value)
    assert 0.5 <= match.confidence < 0.95


def test_the_columns_of_an_order():
    index = TagIndex(form(newsletter="yes", quantity="2"))
    assert [m.tag_id for m in index.match_value("quantity", 2) if m.confidence >= 0.5] == ["t-quantity"]
    assert not index.match_value("id", 2)
    assert [m.transform for m in index.match_value("newsletter", True)] == ["boolean"]
    assert [m.transform for m in index.match_value("newsletter", 1)] == ["boolean"]
    assert not index.match_value("newsletter", False)
    assert not index.match_value("is_active", True)


def test_boundaries_of_words():
    tags = form(name="Jennifer", short="Jenni")
    assert sure("for Jennifer, 12", tags) == {"name"}
    assert sure("Jennifers", tags) == set()
    assert sure("jenniferson@x.example", tags) == set()
    assert sure("NoJennifer", form(name="jennifer")) == set()


def test_boundaries_of_numbers_and_addresses():
    tags = form(number="1234567", mail="grace@navy.example", price="1234.5678")
    for text in ("91234567", "1234567.5", "mary.grace@navy.example", "grace@navy.example.org", "grace@navy.examples"):
        assert sure(f"it says {text} there", tags) == set(), text
    assert sure("it says 1234567, there", tags) == {"number"}
    assert sure("mail to <grace@navy.example>.", tags) == {"mail"}


def test_the_longer_value_explains_the_shorter():
    tags = form(site="navy.example", mail="grace@navy.example", first="Grace")
    assert sure({"to": "grace@navy.example"}, tags) == {"mail"}


def test_a_neighbour_vouches():
    tags = form(first_name="Grace", mail="grace.h@navy.example")
    assert sure({"a": {"x": "Grace"}, "b": {"y": "other"}}, tags) == set()
    assert sure({"a": {"x": "Grace", "y": "grace.h@navy.example"}}, tags) == {"first_name", "mail"}


def test_two_fields_joined():
    tags = form(first_name="Grace", last_name="Hopper")
    assert sure({"customer": "Grace Hopper"}, tags) == {"first_name", "last_name"}
    assert sure({"login": "gracehopper"}, tags) == {"first_name", "last_name"}
    assert sure({"login": "gracehoppers"}, tags) == set()
    assert sure({"customer": "**Grace** Hopper"}, form(name="Grace Hopper")) == {"name"}
    assert sure({"customer": "Hopper, Grace"}, tags) == {"first_name", "last_name"}


def test_a_value_that_is_everywhere_is_nowhere():
    tags = form(quantity="2")
    rows = [{"quantity": 2, "sku": f"S-{n}"} for n in range(40)]
    assert sure(rows, tags) == set()


@pytest.mark.parametrize(
    "name",
    [
        "vulnerability_critical_generic_count",
        "vulnerabilityCriticalGenericCount",
        "vulnerability[line_1][of-it]",
    ],
)
def test_what_a_programmer_named_is_no_data(name):
    tags = form(type="Vulnerability")
    assert sure({name: 0, "other": 1}, tags) == set()
    assert not any(TagIndex(tags).match_row([(name, 0), ("other", 1)]))


@pytest.mark.parametrize("key", ["grace@example.org", "Rear Admiral Grace Hopper", "https://example.org/grace/hopper"])
def test_a_key_may_be_a_value(key):
    assert sure({key: 1}, form(field=key)) == {"field"}


def test_of_many_places_those_beside_a_value_that_vouches_count():
    tags = form(quantity="2", sku="QX-4471-ZB")
    rows = [{"quantity": 2, "sku": f"S-{n}"} for n in range(40)]
    rows[30]["sku"] = "QX-4471-ZB"
    found = match_tags(rows, tags)
    assert {match.field for match in found if match.tag_id == "t-quantity"} == {"30.quantity"}
    assert all(match.confidence > 0.5 for match in found)


@pytest.mark.parametrize(
    ("tag", "seen"),
    [
        ("1,234.50", 1234.5), ("1234.5", Decimal("1234.50")), ("1e5", 100000), (98765, "98,765"),
        (98765.25, "98.765,25"),
        ("1985-04-12", datetime.date(1985, 4, 12)), ("1985-04-12", datetime.datetime(1985, 4, 12)),
        ("12.04.1985", "1985-04-12"), ("April 12, 1985", datetime.date(1985, 4, 12)), ("12 Apr 1985", "12/04/1985"),
        ("2021-05-06T10:20:30+02:00", datetime.datetime(2021, 5, 6, 8, 20, 30, tzinfo=datetime.timezone.utc)),
        ("550E8400-E29B-41D4-A716-446655440000", UUID("550e8400-e29b-41d4-a716-446655440000")),
        ("+49 (0)30 1234567", "030 1234567"), ("030 1234567", "+49301234567"), ("(415) 555-0132", "+1 415-555-0132"),
        ("4111 1111 1111 1111", "4111111111111111"), ("de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("Grace", b"Grace"), (" Ｇｒａｃｅ　Ｈｏｐｐｅｒ ", "grace hopper"), ("Straße 7", "STRASSE 7"),
    ],
)  # fmt: skip
def test_spellings(tag, seen):
    assert sure(seen, form(field=tag), field="field") == {"field"}


@pytest.mark.parametrize(
    ("tag", "seen"),
    [
        ("1,234.50", 1234.51), ("1234.5", 12345), ("1.234", 1234), ("1985-04-12", datetime.date(1985, 4, 13)),
        ("+49 30 1234567", "+49 30 1234568"), ("+49 30 1234567", "+1 30 1234567"), ("030 1234567", "040 1234567"),
        ("4111 1111 1111 1111", "4111111111111112"), ("Jose Garcia", "Josef Garcia"),
        ("grace@navy.example", "grace@army.example"), ("Grace Hopper", "Grace Kelly"),
    ],
)  # fmt: skip
def test_no_spellings(tag, seen):
    assert sure(seen, form(field=tag), field="other") == set()


@pytest.mark.parametrize(
    ("payload", "transform"),
    [
        ("GRACE HOPPER", "upper"), ("grace hopper", "lower"), ("Grace  Hopper", "space"), ("Grace Hopper", ""),
        ("R3JhY2UgSG9wcGVy", "base64"), (json.dumps({"a": json.dumps({"n": "Grace Hopper"})}), "json>json"),
        ("Grace%20Hopper", "percent"), ("4772616365 20486f70706572".replace(" ", ""), "hex"),
        ("6ca5e9c1b1ea0c4f8e1d1f4a6a4a2a5f", None),
    ],
)  # fmt: skip
def test_transforms_are_named(payload, transform):
    found = match_tags(payload, form(name="Grace Hopper"))
    assert [m.transform for m in found] == ([] if transform is None else [transform])


def test_paths_and_field_names():
    tags = form(email="grace@navy.example")
    body = json.dumps({"user": {"emails": ["x@y.example", "grace@navy.example"]}}).encode()
    assert match_tags(body, tags, media_type="application/json").matches == (
        Match("t-email", "user.emails.1", "exact", "", 1.0),
    )
    assert [m.field for m in match_tags(b"a=1&mail=grace%40navy.example", tags)] == ["mail"]
    assert [m.field for m in match_tags("grace@navy.example", tags, field="column")] == ["column"]


def test_upstream_tags_match_by_their_hash():
    salt = b"shared salt"
    known = make_tag("form", "email", "grace@navy.example", salt, "t-up", 0)
    upstream = known._replace(source="upstream", value=None, normal="")
    index = TagIndex([upstream], salt=salt)
    assert [m.tag_id for m in match_tags({"to": "Grace@Navy.example"}, index)] == ["t-up"]
    assert [m.tag_id for m in match_tags("write to grace@navy.example now", index)] == ["t-up"]
    assert [m.tag_id for m in index.match_value("mail", "grace@navy.example")] == ["t-up"]
    assert not match_tags({"to": "other@navy.example"}, index)
    assert upstream.value_hash == hash_value("grace@navy.example", salt)


def test_leaves_are_specific_and_bounded():
    payload = {"id": 7, "status": "active", "mail": "grace@navy.example", "text": "call +1 or mail ada@navy.example",
               "rows": [f"unique-value-{n}" for n in range(2000)]}  # fmt: skip
    leaves = match_tags(payload, [], with_leaves=True).leaves
    assert ("mail", "grace@navy.example") in leaves
    assert ("text", "ada@navy.example") in leaves
    assert not {leaf.normal for leaf in leaves} & {"7", "active"}
    assert len(leaves) <= 256


def test_bytes_beside_a_text_are_no_part_of_it():
    data = b"\x00\xe2\x80ada.lovelace@example.org\xc3\x00\xff"
    assert [leaf.normal for leaf in match_tags(data, [], with_leaves=True).leaves] == ["ada.lovelace@example.org"]
    digests = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(100)]
    leaves = match_tags({"em": digests}, [], with_leaves=True).leaves
    assert set(digests) <= {leaf.normal for leaf in leaves}
    assert not [leaf for leaf in leaves if "\ufffd" in leaf.normal]


def test_nothing_to_look_for_costs_nothing():
    assert match_tags({"a": object()}, []).matches == ()
    assert isinstance(TagIndex([]).match_value("a", object()), MatchResult)


PERSON = {
    "first_name": "Anna", "last_name": "Schmidt", "email": "anna.schmidt@mail.example", "phone": "0151 23456789",
    "street": "Hauptstr. 5", "zip": "10115", "user_id": 1042, "price": "19.99", "country": "DE", "season": "spring",
    "born": "1990-04-03",
}  # fmt: skip


@pytest.mark.parametrize(
    "payload",
    [
        {"name": "Peter Schmidt", "mail": "peter.schmidt@mail.example", "zip": "10117", "phone": "0151 23456788"},
        {"name": "Anna Schmid", "contact": "anna.schmid@mail.example", "born": "1990-04-04", "price": "19.98"},
        {"domain_of_shop": "example", "order_id": 1042, "weight": 19.99, "lang": "DE", "text": "in spring"},
        {"address": "Hauptstr. 51", "note": "at 110115 and 10115.5", "x": "spring", "user": "annas"},
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/119.0 Safari/537.36",
        "7f3b8e2a-1042-4c3d-9e10-115034199900",
        "2026-11-24T10:11:12Z INFO order 2042 from 10.1.15.3 in 1042.5 ms",
    ],
)
def test_data_of_somebody_else(payload):
    assert sure(payload, form(**PERSON)) == set()


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("fname", "Anna", "first_name"), ("surname", "SCHMIDT", "last_name"), ("postal_code", 10115, "zip"),
        ("customer_phone", "+4915123456789", "phone"), ("country_code", "DE", "country"), ("user_id", 1042, "user_id"),
        ("price", 19.99, "price"), ("birth_date", datetime.date(1990, 4, 3), "born"),
    ],
)  # fmt: skip
def test_columns_named_alike(column, value, expected):
    assert sure(value, form(**PERSON), field=column) == {expected}


@pytest.mark.parametrize("payload", ["balance=6713.096 in 31ms", {"amount": "6713.096"}, {"phone": "6713.096"}])
def test_an_amount_with_the_point_elsewhere_is_no_phone_number(payload):
    index = TagIndex([make_tag("form", "total", "67130.96", b"s", "t", 0)])
    assert list(match_tags(payload, index)) == []
