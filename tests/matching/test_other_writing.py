"""Names with the family name first, JSON in a JSON string, brief keys, escapes of calendars; numbers of five digits."""

from __future__ import annotations

import gzip
import hashlib
import json

import pytest

from otel_provenance.matching import TagIndex, match_tags
from otel_provenance.tags import make_tag

PATIENT = {"name": [{"family": "Memon"}], "gender": "male", "telecom": [{"value": "+91 98765 43210"}]}


def found(payload, *, media_type=None, **tags) -> set[str]:
    made = [make_tag("form", name, value, b"salt", name, 0) for name, value in tags.items()]
    return {m.tag_id for m in match_tags(payload, made, media_type=media_type) if m.confidence >= 0.5}


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_json_in_a_json_string(depth):
    text = json.dumps(PATIENT)
    for _ in range(depth - 1):
        text = json.dumps(text)
    tags = {"gender": "male", "phone": "+91 98765 43210"}
    for payload in (text, text.encode(), gzip.compress(text.encode()), {"payload": text}):
        if not (depth == 4 and isinstance(payload, bytes) and payload[:1] == b"\x1f"):
            assert found(payload, **tags) == {"gender", "phone"}
    assert found(text, media_type="application/json", **tags) == {"gender", "phone"}
    assert not found(json.dumps(json.dumps('"{not json}')), **tags)


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("Mitchell Roberts", "Roberts, Mitchell"),
        ("Mitchell Roberts", "ROBERTS MITCHELL"),
        ("Anna Maria van Dyck", "van Dyck, Anna Maria"),
        ("Lutfi Kısakürek", "KISAKÜREK, Lutfi"),
        ("Zoé Núñez", "Nunez, Zoé"),
    ],
)
def test_the_family_name_first(value, seen):
    assert found({"n": seen}, beneficiary=value) == {"beneficiary"}
    assert found({"n": f"paid to {seen} (7)"}, payee=value) == {"payee"}
    assert not found({"n": seen + "son"}, beneficiary=value)
    made = [make_tag("form", "payee", value, b"salt", "t", 0)]
    assert TagIndex(made).match_value("n", seen).matches


def test_keys_of_advertising_platforms():
    user = {"fn": "immo", "ln": "wirth", "ct": "ulm", "zp": "89073", "ge": "m", "db": "19850603"}
    hashed = {key: hashlib.sha256(text.encode()).hexdigest() for key, text in user.items()}
    tags = {"first_name": "Immo", "last_name": "Wirth", "city": "Ulm", "zip": "89073"}
    assert found({"user_data": hashed}, **tags) == set(tags)
    assert not found({"db_name": "immo", "ct_value": "ulm", "x": "wirth"}, **tags)


def test_escapes_of_calendars_and_cards():
    assert found("LOCATION:Am Weg 5\\, 31000 Toulouse\\; Hof", street="Am Weg 5, 31000 Toulouse; Hof") == {"street"}
    assert found("NOTE:born August 3\\, 1984", dob="1984-08-03") == {"dob"}


@pytest.mark.parametrize("name", ["total", "port", "count", "x"])
def test_five_digits_need_a_name_or_a_neighbour(name):
    assert not found({name: 75001}, zip="75001")
    assert found({name: 75001, "to": "a77@example.org"}, zip="75001", email="a77@example.org") == {"zip", "email"}
    assert found({"postal_code": "75001"}, zip="75001") == {"zip"}
    assert found({name: 750014}, number="750014") == {"number"}


@pytest.mark.parametrize(
    "name", ["sha224", "sha384", "sha3_224", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s"]
)
def test_digests_of_digests_of_the_same_kind(name):
    twice = hashlib.new(name, hashlib.new(name, b"grace@example.org").hexdigest().encode()).hexdigest()
    tags = [make_tag("form", "email", "grace@example.org", b"salt", "t", 0)]
    assert [m.kind for m in match_tags({"key": twice}, tags)] == ["digest"]
    assert not match_tags({"key": twice[::-1]}, tags)


@pytest.mark.parametrize("inner", ["sha1", "sha384", "sha3_512", "blake2s"])
def test_digests_of_digests(inner):
    once = hashlib.new(inner, b"zoe.nunez@example.com")
    tags = {"email": "Zoe.Nunez@example.com"}
    assert found({"key": hashlib.sha256(once.hexdigest().encode()).hexdigest()}, **tags) == {"email"}
    assert found({"key": hashlib.md5(once.digest()).hexdigest()}, **tags) == {"email"}
    assert not found({"key": hashlib.md5(once.digest() + b"salt").hexdigest()}, **tags)
