"""The normal form, the hash, and what may be shown."""

from __future__ import annotations

import datetime
import enum
import json
import unicodedata
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance import hash_value as public_hash_value
from otel_provenance.values import (
    hash_bytes,
    hash_value,
    is_sensitive,
    normal_form,
    normal_text,
    preview_of,
    recorded_key,
    redact,
    redact_structured,
    shown_field,
    shown_path,
)

SALT = b"a salt for tests"
TEXT = st.text(max_size=80)


class Colour(enum.Enum):
    RED = "Red"
    BLUE = object()


class Level(enum.IntEnum):
    HIGH = 3


class Size(str, enum.Enum):
    LARGE = "Large"


@given(TEXT)
def test_the_normal_form_of_a_normal_form_is_itself(text):
    assert normal_form(normal_form(text)) == normal_form(text)


@given(TEXT)
def test_white_space_and_unicode_form_do_not_matter(text):
    assert normal_text(f"  {text}\t\n") == normal_text(text)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert normal_text(unicodedata.normalize(form, text)) == normal_text(text)


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=40))
def test_case_does_not_matter(text):
    assert normal_text(text.upper()) == normal_text(text.lower()) == normal_text(text)


@given(st.text(st.one_of(st.characters(max_codepoint=0x7F), st.sampled_from(" \t\n\r\x0b\x0c\x1c\x1f\x7f"))))
def test_ascii_is_lowered_and_its_white_space_collapsed(text):
    assert normal_text(text) == " ".join(text.lower().split())


@given(st.integers())
def test_a_number_is_the_same_in_every_type(number):
    assert normal_form(number) == normal_form(Decimal(number)) == normal_form(str(number))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_its_shortest_decimal(number):
    text = normal_form(number)
    assert "e" not in text
    assert float(text) == number


def test_of_a_sensitive_field_not_even_the_shape_is_shown():
    body = '{"mail": "a@b.cc", "password": "S3c\\"ret", "pin": 1234, "auth": true, "token" : "x", "n": 7}'
    shown = redact_structured(body)
    assert shown.startswith('{"mail": "x@x.xx", "password": "***", "pin": "***", "auth": "***"')
    assert redact_structured('{"secret": "cut off he') == '{"secret": "***"'
    assert redact_structured('{"token" : "abc", "n" : 1}') == '{"token" : "***", "n" : 0}'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  Straße  EINS ", "strasse eins"),
        ("Ａｄａ", "ada"),  # full width
        (True, "true"),
        (None, "null"),
        (1.50, "1.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.00"), "0"),
        (float("nan"), "nan"),
        (b"Ada", "ada"),
        (b"\xff\x00", "ff00"),
        (Colour.RED, "red"),
        (Colour.BLUE, "blue"),
        (Level.HIGH, "3"),
        (Size.LARGE, "large"),
        (uuid.UUID("0F7651916CD43DD8448EB211C80319CB"), "0f765191-6cd4-3dd8-448e-b211c80319cb"),
        (datetime.date(2026, 11, 24), "2026-11-24"),
        (datetime.datetime(2026, 11, 24, 6, 0, tzinfo=datetime.timezone.utc), "2026-11-24t06:00:00z"),
        (
            datetime.datetime(2026, 11, 24, 8, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
            "2026-11-24t06:00:00z",
        ),
        (datetime.timedelta(minutes=1, milliseconds=500), "60.5"),
    ],
)
def test_each_kind_of_value_has_one_text(value, expected):
    assert normal_form(value) == expected


def test_a_monstrous_exponent_costs_nothing():
    assert len(normal_form(Decimal("1e999999"))) < 100


@given(TEXT, TEXT)
def test_hashes_are_equal_where_the_normal_forms_are(one, two):
    assert (hash_value(one, SALT) == hash_value(two, SALT)) == (normal_form(one) == normal_form(two))


def test_the_hash_is_keyed_and_32_hex_digits():
    digest = hash_value("ada@example.org", SALT)
    assert len(digest) == 32
    assert int(digest, 16) >= 0
    assert digest != hash_value("ada@example.org", b"another salt")
    assert digest == public_hash_value(" ADA@example.org", SALT)
    assert hash_value("x", b"k" * 65) != hash_value("x", b"k" * 64)  # a salt longer than BLAKE2b's key


def test_the_hash_stays_what_it_was():
    # records outlive releases: this value may never change
    assert hash_value("ada@example.org", SALT) == hash_bytes(b"ada@example.org", SALT)
    assert hash_value("ada@example.org", SALT) == "9ce7db30e56323f3cff1a00d72b3b122"


@given(TEXT)
def test_a_redacted_text_has_the_shape_and_no_letter_or_digit(text):
    shown = redact(text)
    assert len(shown) == len(text)
    assert all(c in "xX0" or unicodedata.category(c)[0] not in "LN" for c in shown)


@given(st.dictionaries(st.text("abcdef_", min_size=1, max_size=9), st.text('GHIJ"\\:{}1', max_size=9)))
def test_redacted_json_keeps_keys_and_no_value(document):
    shown = redact_structured(json.dumps(document))
    assert not set("GHIJ1") & set(shown)
    assert all(f'"{key}"' in shown for key in document)


def test_a_key_that_is_data_is_redacted_too():
    assert redact_structured('{"ada@x.org": 1, "170 1234567": 2, "name": "Ada"}') == (
        '{"xxx@x.xxx": 0, "000 0000000": 0, "name": "Xxx"}'
    )


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("user.emails.0", "user.emails.0"),
        ("matrix.0.12.7.345", "matrix.0.12.7.345"),
        ("source[number]", "source[number]"),
        ("consents.ada@example.org.0", "xxxxxxxx.xxx@xxxxxxx.xxx.0"),
        ("+49 170 123456", "+00 000 000000"),
        ("x" * 600, "x" * 512),
    ],
)
def test_a_field_whose_name_is_data_is_shown_as_its_shape(field, shown):
    assert shown_field(field) == shown


def test_a_row_key_that_is_data_is_recorded_as_its_hash():
    assert recorded_key("Ada@example.org", SALT) == f"#{hash_value('ada@example.org', SALT)}"
    assert recorded_key("0170-123456789", SALT).startswith("#")
    for key in (7, "DE", "trip-to-lisbon", "12345678-1234-4123-8123-123456789012", None):
        assert recorded_key(key, SALT) == key


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/users/7", "/users/7"),
        ("/orders/2026-11-24/17", "/orders/2026-11-24/17"),
        ("/users/ada@example.org/orders", "/users/xxx@xxxxxxx.xxx/orders"),
        ("/by-phone/0170-123456789", "/by-phone/0000-000000000"),
        ("/queues/test-59381532-1dc3-423e-b982-9e76fbcca517", "/queues/test-59381532-1dc3-423e-b982-9e76fbcca517"),
        ("/12345678-1234-4123-8123-123456789012/0170123456789", "/12345678-1234-4123-8123-123456789012/0000000000000"),
    ],
)
def test_a_path_shows_no_address_and_no_long_number(path, shown):
    assert shown_path(path) == shown


SPELLED = st.builds(
    lambda of, number: of(number), st.sampled_from([str, lambda u: u.hex, lambda u: str(u).upper()]), st.uuids()
)
NAMES = st.text("abcxyz", max_size=8)


@given(SPELLED, NAMES, NAMES, st.sampled_from("._-:"))
def test_a_uuid_is_a_name_wherever_names_are_shown(identifier, before, after, separator):
    name = separator.join(filter(None, (before, identifier, after)))
    assert shown_field(name) == name
    assert shown_path(f"/orders/{name}/lines") == f"/orders/{name}/lines"
    assert recorded_key(name, SALT) == name
    assert redact_structured(json.dumps({name: "Ada"})) == json.dumps({name: "Xxx"})


@given(SPELLED, st.integers(10**9, 10**15), st.booleans())
def test_a_uuid_hides_no_number_beside_it(identifier, number, is_first):
    name = ".".join([str(number), identifier] if is_first else [identifier, str(number)])
    for shown in (shown_field(name), shown_path(f"/by/{name}"), str(recorded_key(name, SALT))):
        assert str(number) not in shown
    assert str(number) not in redact_structured(json.dumps({name: 1}))


def test_many_uuids_are_a_long_name():
    assert len(shown_field(".".join(["12345678-1234-4123-8123-123456789012"] * 100))) == 512


SENSITIVE = """
    password passWord user.passwd userPassword user[password] PASSWORD passphrase new_pwd api_key X-API-Key apikey
    csrf_token CSRFToken csrfmiddlewaretoken card_number cardNumber card.number cvc cvv2 CVV ssn user.ssn pin pinCode
    auth authToken auth_token x-auth X-Auth-Token authorization Authorisation oauth2 basicauth auth.user.name
    secret secrets client_secret clientsecret secretKey secretId webhook-secret token accesstoken tokenId tokenIssuer
    session sessionid session_id shop_session session.user sessionToken PHPSESSID otp privateKey my_cookie
"""
ORDINARY = """
    email name pinned company postcard cv spin map_pins author authors author_name authorName authored_by coAuthor
    AUTHOR authority books.0.author secretary secretaryName secretariat tokenizer tokenized session_title
    sessions.0.title sessionDate passenger compass cardinality card_note
"""


@pytest.mark.parametrize("field", SENSITIVE.split())
def test_a_sensitive_field_has_no_preview(field):
    assert is_sensitive(field)
    assert preview_of("secret value", field, 100) is None


@pytest.mark.parametrize("field", ORDINARY.split())
def test_an_ordinary_field_has_one(field):
    assert preview_of("Ada 7", field, 100) == "Xxx 0"


def test_previews_are_limited_and_can_be_off():
    assert preview_of("Ada Lovelace", "name", 3) == "Xxx"
    assert preview_of("Ada Lovelace", "name", 0) is None
