"""Which kind of personal data a value is; and what is none, however much it looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance.categories import category_of

PROVEN = [
    ("user.contact.email", "anything", "Grace.Hopper+x@navy.example"),
    ("user.contact.email", "login", "zoë@müller.example"),
    ("user.contact.phone_number", "note", "+49 (30) 123-4567"),
    ("user.contact.phone_number", "", "+14155550132"),
    ("user.financial.credit_card", "value", "4111 1111 1111 1111"),
    ("user.financial.credit_card", "x", "378282246310005"),
    ("user.financial.credit_card", "order_id", "5500-0000-0000-0004"),
    ("user.financial.bank_account", "x", "DE89 3704 0044 0532 0130 00"),
    ("user.financial.bank_account", "x", "gb29nwbk60161331926819"),
    ("user.government_id.national_identification_number", "x", "536-90-4399"),
    ("user.government_id.national_identification_number", "x", "529.982.247-25"),
    ("user.government_id.national_identification_number", "x", "RSSMRA85T10A562S"),
    ("user.device.ip_address", "x", "203.0.113.77"),
    ("user.device.ip_address", "x", "2001:db8:85a3::8a2e:370:7334"),
    ("user.device.device_id", "x", "00:1B:44:11:3A:B7"),
    ("user.authorization.credentials", "x", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI5In0.c2lnbmF0dXJl"),
    ("user.authorization.credentials", "x", "ghp_0123456789abcdefghijABCDEFGHIJ012345"),
    ("user.authorization.credentials", "x", "Bearer 7f3a9c21b0"),
]
NAMED = [
    ("user.authorization.password", "password", "x"),
    ("user.authorization.password", "newPassword", "a@b.example"),
    ("user.authorization.password", "user.pwd", "correct horse"),
    ("user.authorization.credentials", "csrf_token", "a81bc81b-dead"),
    ("user.authorization.credentials", "apiKey", "0123456789"),
    ("user.name", "name", "Grace Hopper"),
    ("user.name", "customer.name", "Ñandú"),
    ("user.name", "full_name", "O'Neill, Anne-Marie"),
    ("user.name.first", "firstName", "Grace"),
    ("user.name.first", "user.first", "Grace"),
    ("user.name.last", "surname", "de la Cruz"),
    ("user.account.username", "username", "ghopper_1906"),
    ("user.contact.phone_number", "phone", "030 1234567"),
    ("user.contact.phone_number", "mobileNumber", "4155550132"),
    ("user.contact.fax_number", "fax", "030 1234567"),
    ("user.contact.address.street", "street", "12 Compiler Avenue"),
    ("user.contact.address.street", "address_line_1", "12 Compiler Avenue"),
    ("user.contact.address.city", "shipping.city", "São Paulo"),
    ("user.contact.address.postal_code", "zip", "94107"),
    ("user.contact.address.postal_code", "postcode", "SW1A 1AA"),
    ("user.contact.address.country", "country", "Portugal"),
    ("user.contact.address", "billing_address", "12 Compiler Avenue, Boston"),
    ("user.demographic.date_of_birth", "dob", "1906-12-09"),
    ("user.demographic.date_of_birth", "birthDate", "09/12/1906"),
    ("user.demographic.gender", "gender", "female"),
    ("user.demographic.religious_belief", "religion", "none"),
    ("user.financial.credit_card", "card_number", "4111111111111111"),
    ("user.financial.credit_card", "cvv", "123"),
    ("user.financial.bank_account", "account_number", "000123456789"),
    ("user.government_id.national_identification_number", "ssn", "536904399"),
    ("user.government_id.national_identification_number", "dni", "12345678Z"),
    ("user.government_id.national_identification_number", "nino", "AB 12 34 56 C"),
    ("user.government_id.national_identification_number", "pesel", "44051401359"),
    ("user.government_id.national_identification_number", "bsn", "111222333"),
    ("user.government_id.national_identification_number", "steuer_id", "86095742719"),
    ("user.government_id.national_identification_number", "personnummer", "811218-9876"),
    ("user.government_id.national_identification_number", "ahv", "756.9217.0769.85"),
    ("user.government_id.national_identification_number", "aadhaar", "2341 2341 2346"),
    ("user.government_id.national_identification_number", "nir", "2 55 08 14 168 025 38"),
    ("user.government_id.passport_number", "passport_no", "C01X00T47"),
    ("user.device.ip_address", "x-forwarded-for", "203.0.113.77, 10.0.0.1"),
    ("user.location.precise", "latitude", "52.5200"),
    ("user.unique_id", "customer_id", "8812"),
    ("user.unique_id", "user.id", "8812"),
    ("user.health.medical_diagnosis", "diagnosis", "asthma"),
]
NONE = [
    ("quantity", "2"),
    ("newsletter", "yes"),
    ("page", 1),
    ("q", "email"),
    ("email", "not given"),
    ("company_name", ""),
    ("file_name", "report final"),
    ("filename", "grace.txt"),
    ("product.name", "Compiler"),
    ("name", "widget_4711"),
    ("name", "{{ user }}"),
    ("id", "8812"),
    ("order_id", "4111111111111111"),
    ("tracking_number", "4111111111111111"),
    ("x", "4111111111111112"),
    ("x", "0000000000000000"),
    ("x", "DE89370400440532013001"),
    ("x", "536904399"),
    ("x", "666-12-3456"),
    ("ssn", "000-12-3456"),
    ("dni", "12345678A"),
    ("x", "1234567890"),
    ("x", "4155550132"),
    ("x", "+1"),
    ("phone", "call me"),
    ("x", "1.2.3"),
    ("version", "127.0.0.1"),
    ("x", "300.1.2.3"),
    ("x", "12:30:45"),
    ("x", "::1"),
    ("x", "user@localhost"),
    ("x", "@grace"),
    ("x", "2024-01-01"),
    ("created_at", "1906-12-09"),
    ("dob", "soon"),
    ("zip", "unknown"),
    ("token", "yes"),
    ("language", "en"),
    ("x", "550e8400-e29b-41d4-a716-446655440000"),
    ("x", "2024-11-24T10:00:00Z"),
    ("x", None),
    ("email", None),
    ("password", ""),
    ("password", True),
    ("x", b"grace@navy.example"),
    ("lat", "52"),
    ("passage", "of time"),
    ("pinned", "1234"),
    ("catalog", "city"),
    ("landing", "page"),
    ("brandName", "Acme"),
]


@pytest.mark.parametrize(("expected", "field", "value"), PROVEN + NAMED)
def test_recognised(expected, field, value):
    assert category_of("form", field, value) == expected


@pytest.mark.parametrize(("field", "value"), NONE)
def test_no_false_alarm(field, value):
    assert category_of("json", field, value) is None


@given(st.text(max_size=60), st.text(max_size=80) | st.integers() | st.floats() | st.none() | st.binary(max_size=20))
def test_anything_has_an_answer(field, value):
    found = category_of("form", field, value)
    assert found is None or found.startswith("user.")


@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=40))
def test_a_word_alone_proves_nothing(word):
    assert category_of("form", "x", word) is None


@given(st.integers(0, 10**15 - 1))
def test_a_number_alone_proves_nothing_under_the_name_of_another(number):
    assert category_of("json", "order_number", number) is None


@given(st.from_regex(r"[a-z][a-z0-9.]{0,20}[a-z0-9]@[a-z]{2,12}\.(com|org|example)", fullmatch=True))
def test_addresses_whatever_they_are_called(address):
    assert category_of("query", "q", address) == "user.contact.email"


@given(st.integers(0, 10**9 - 1))
def test_check_digits_are_computed(number):
    body = f"{number:09}"
    digits = []
    for length in (9, 10):
        digits.append(str(sum(int(d) * (length + 1 - at) for at, d in enumerate(body)) * 10 % 11 % 10))
        body += digits[-1]
    valid = len(set(body)) > 1
    assert (category_of("form", "cpf", body) is not None) or not valid
    wrong = body[:-1] + str((int(body[-1]) + 1) % 10)
    assert category_of("form", "x", f"{wrong[:3]}.{wrong[3:6]}.{wrong[6:9]}-{wrong[9:]}") is None
