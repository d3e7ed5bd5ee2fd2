"""What a corpus that was written without a look at the matcher found missing, one minimal case each."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import textwrap
import urllib.parse
import uuid
import zlib

import pytest

from otel_provenance.matching import TagIndex, binary, match_tags
from otel_provenance.tags import make_tag

UUID = "6801f36f-be29-438e-81de-8e7b0c069b32"
TOKEN = "5iYMepAxEHT3cLHLKMcWsSZR"


def found(payload, *tags, media_type=None, field="") -> set[str]:
    """Names of the fields that are seen, as the command line shows them."""
    made = [make_tag("form", name, value, b"salt", name, 0) for name, value in tags]
    matches = match_tags(payload, made, media_type=media_type, field=field).matches
    return {match.tag_id for match in matches if match.confidence >= 0.5}


# --- encodings ---------------------------------------------------------------------------------------

NOTE = f"The request of {TOKEN} and of somebody else went to the office on a rainy day in May, by bicycle."
NOTES = base64.b64encode(NOTE.encode()).decode()


def deflated(text: str) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(text.encode()) + packer.flush()


@pytest.mark.parametrize(
    "run",
    [
        "\\x" + NOTE.encode().hex(),  # bytea, as PostgreSQL writes it
        "x'" + NOTE.encode().hex() + "'",
        "0x" + zlib.compress(NOTE.encode()).hex(),
        "\\x" + zlib.compress(NOTE.encode()).hex(),
        "\r\n".join(textwrap.wrap(NOTES, 60)),
        "\n".join(textwrap.wrap(NOTES + "=" * (-len(NOTES) % 4), 70)),
        base64.b32encode(zlib.compress(NOTE.encode())).decode(),
        base64.b32encode(NOTE.encode("utf-16")).decode().rstrip("=").lower(),
        urllib.parse.quote(zlib.compress(NOTE.encode())),
        urllib.parse.quote(deflated(NOTE), safe=""),
    ],
)
def test_runs(run):
    assert found(json.dumps({"id": 7, "data": run}), ("token", TOKEN), media_type="application/json") == {"token"}
    assert found(f"INFO event data={run} done", ("token", TOKEN)) == {"token"}


def test_a_uuid_in_sixteen_bytes():
    data = uuid.UUID(UUID).bytes
    assert found({"id": data}, ("customer", UUID)) == {"customer"}
    assert found({"id": "\\x" + data.hex()}, ("customer", UUID)) == {"customer"}
    assert found({"id": base64.urlsafe_b64encode(data).decode().rstrip("=")}, ("customer", UUID)) == {"customer"}
    assert not found({"id": uuid.UUID(int=1 << 99).bytes}, ("customer", UUID))


def test_parameters_of_an_address_have_names():
    query = {"page": 2, "country": "FR", "first_name": "Zoé", "id": 3}
    address = "https://api.example/search?" + urllib.parse.urlencode(query) + "#top"
    tags = [("country", "FR"), ("first_name", "Zoé"), ("items.0.quantity", "3")]
    assert found({"callback": address}, *tags) == {"country", "first_name"}
    assert found(address, *tags, field="url") == {"country", "first_name"}


def test_text_of_other_scripts_in_utf_16():
    for value in ("深圳市南山区科技园南路15号", "طريق الأمير سلطان 170", "улица Ленина 17, 2"):
        data = value.encode("utf-16-be")
        assert found(json.dumps({"data": base64.b64encode(data).decode()}), ("street", value)) == {"street"}
        assert found({"data": "address=" + urllib.parse.quote(value.encode("utf-16-le"))}, ("street", value)) == {
            "street"
        }


def test_messages_that_are_compressed_or_look_like_latin_text():
    msgpack = pytest.importorskip("msgpack")
    packed = msgpack.packb({"id": 4711, "value": "طريق الأمير سلطان 17 and a long text for the others"})
    assert found(packed, ("street", "طريق الأمير سلطان 17")) == {"street"}
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(msgpack.packb({"id": 4711, "value": "RE-2020-K72169"})) + packer.flush()
    assert found(base64.b64encode(packed).decode(), ("order", "RE-2020-K72169")) == {"order"}


def test_brotli_that_begins_like_deflate():
    brotli = pytest.importorskip("brotli")
    assert found(brotli.compress(b"RE-2020-K72169"), ("order", "RE-2020-K72169")) == {"order"}


@pytest.mark.parametrize("raw", [False, True])
def test_a_digest_of_a_digest_cut_short(raw):
    once = hashlib.sha256(b"+4915123456789")
    twice = hashlib.sha256(once.digest() if raw else once.hexdigest().encode()).hexdigest()
    assert found(f"cache miss for user:{twice[:20]}", ("phone", "+49 151 23456789")) == {"phone"}
    assert found({"key": twice.upper()}, ("phone", "+49 151 23456789")) == {"phone"}
    assert not found({"key": hashlib.sha256(twice.encode()).hexdigest()[:20]}, ("phone", "+49 151 23456789"))


def column(value, *tags) -> set[str]:
    made = [make_tag("form", name, text, b"salt", name, 0) for name, text in tags]
    alone = TagIndex(made).match_value("email", value).matches
    among = list(TagIndex(made).match_column("email", ["x", "zzz", value, "Qqqq", "y"]))
    assert [found.matches for _, found in among] == ([alone] if alone else [])
    return {match.tag_id for match in alone if match.confidence >= 0.5}


@pytest.mark.parametrize(
    "form",
    [
        hashlib.sha256(b"zoe.nunez@example.com").hexdigest(),
        hashlib.md5(b"zoe.nunez@example.com").hexdigest()[:16],
        "sha1:" + hashlib.sha1(b"zoe.nunez@example.com").hexdigest(),
        f"cache miss for user:{hashlib.sha512(b'zoe.nunez@example.com').hexdigest()[:20]} (ttl 300)",
        b"zoe.nunez@example.com".hex(),
        "0x" + b"zoe.nunez@example.com".hex(),
        b"The request of zoe.nunez@example.com".hex().upper(),
        base64.b32encode(b"zoe.nunez@example.com").decode().rstrip("=").lower(),
        "z***@example.com",
    ],
)
def test_columns_with_what_only_looks_like_a_word(form):
    assert column(form, ("email", "zoe.nunez@example.com")) == {"email"}
    assert not column(form, ("email", "zoe.nunes@example.org"))


def test_columns_with_one_word():
    assert column("inProgress", ("email", "in_progress")) == {"email"}
    assert column("Guimaraes", ("email", "Guimarães")) == {"email"}


# --- lists of numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["221B Baker Street", "4578330779121784", "1985-06-03", "12 bis, rue de l'Église"])
def test_a_cell_behind_a_number(value):
    assert found(f"row,x\r\n2,{value}\r\n3,4\r\n", ("street", value), media_type="text/csv") == {"street"}


@pytest.mark.parametrize("number", ["1,234", "12,5", "0,221"])
def test_a_number_is_not_cut_at_its_comma(number):
    head, _, tail = number.partition(",")
    assert not found(f"total {number} points", ("street", tail + "0"), ("zip", head))
    assert not found("it took 48,40212 seconds"[:12], ("zip", "40212"))


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO c (id, phone) VALUES (77, '+48698112233'), (78, '4937')",
        "1,24231\r\n2,0048 698 112 233\r\n",
        "phones: +4930123456, 698 112 233, 12",
    ],
)
def test_a_phone_number_in_a_list(text):
    assert found(text, ("phone", "+48 698112233")) == {"phone"}


# --- dates, numbers, phone numbers -------------------------------------------------------------------


MOMENT = datetime.datetime(2026, 6, 14, 15, 45)


@pytest.mark.parametrize("tag", ["2026-06-14T15:45", "2026-06-14T15:45:00+02:00", "14.06.2026 15:45"])
@pytest.mark.parametrize(
    "spelling",
    [
        MOMENT,
        "2026-06-14 15:45:00",
        "14.06.2026 15:45",
        "14.06.2026, 15:45:00 Uhr",
        "06/14/2026 03:45 PM",
        "6/14/2026, 3:45:00 p.m.",
        "14/06/2026 15:45",
        "Sun, 14 Jun 2026 15:45:00 +0200",
        "June 14, 2026 at 3:45 PM",
        "20260614T154500",
    ],
)
def test_moments(tag, spelling):
    assert found({"starts": spelling}, ("starts_at", tag)) == {"starts_at"}


def test_other_moments():
    for other in ("14.06.2026 15:54", "06/14/2026 03:45 AM", "15.06.2026 15:45", MOMENT.replace(minute=46)):
        assert not found({"starts": other}, ("starts_at", "2026-06-14T15:45:00+02:00"))


@pytest.mark.parametrize("spelling", ["1985年6月3日", "1985年06月03日", "1985년 6월 3일"])
def test_dates_of_east_asia(spelling):
    assert found({"birthday": spelling}, ("dob", "1985-06-03")) == {"dob"}
    assert found({"birthday": "1985-06-03"}, ("dob", spelling)) == {"dob"}
    assert not found({"birthday": "1985-06-04"}, ("dob", spelling))


def test_numbers_and_phones():
    assert found({"total": "7.5e3"}, ("order.total", "7500")) == {"order.total"}
    assert found({"phone": "+49 151 23456789"}, ("phone", "tel:+49-151-23456789")) == {"phone"}
    assert not found({"zip": "790010-280"}, ("zip", "90010-280"))  # +7 has ten digits


@pytest.mark.parametrize(
    "spelling",
    [
        "3 juin 1985",
        "3 de junio de 1985",
        "3 czerwca 1985",
        "3. Juni 1985",
        "Mon Jun 03 1985 00:00:00 GMT+0000 (Coordinated Universal Time)",
    ],
)
def test_months_of_other_languages(spelling):
    assert found({"birthday": spelling}, ("dob", "1985-06-03")) == {"dob"}
    assert not found({"birthday": spelling}, ("dob", "1985-07-03"))


def test_hours_of_half_a_day():
    assert found({"time": "2:30 PM"}, ("time", "14:30")) == {"time"}
    assert not found({"time": "2:30 AM"}, ("time", "14:30"))
    assert found({"total": "12,34,567.50"}, ("total", "1234567.50")) == {"total"}


# --- names of places ---------------------------------------------------------------------------------


def test_names_in_brackets():
    body = "metadata[id]=2&customer[quantity]=2&customer[address][country]=FR&customer[newsletter]=t"
    tags = [("quantity", "2"), ("country", "FR"), ("newsletter", "true")]
    seen = found(body, *tags, media_type="application/x-www-form-urlencoded")
    assert seen == {"quantity", "country", "newsletter"}
    assert found({"qty": 2}, ("items[0][quantity]", "2")) == {"items[0][quantity]"}


def test_whose_it_is():
    assert found({"address_country": "FR", "shipping_city": "Paris"}, ("country", "FR"), ("city", "Paris")) == {
        "country",
        "city",
    }
    assert not found({"order_id": 7, "account_status": "ok"}, ("user_id", "7"), ("order_status", "ok"))
    assert found({"amount": 7607}, ("order.total", "7607")) == {"order.total"}


# --- other writing -----------------------------------------------------------------------------------


def test_strokes_and_apostrophes():
    assert found("to Mscislaw Wrobel today", ("name", "Mścisław Wróbel")) == {"name"}
    assert found("<p>D&rsquo;Angelo Washington</p>", ("name", "D'Angelo Washington")) == {"name"}
    assert found({"name": "D'Angelo Washington"}, ("name", "D\u2019Angelo Washington")) == {"name"}
    assert found("{'email': 'graceh@gmail.com'}", ("email", "grace.h@gmail.com")) == {"email"}
    assert found({"postalCode": "02305"}, ("zip", "02-305")) == {"zip"}


@pytest.mark.parametrize(
    "spelling",
    [
        repr("Zoé Núñez".encode()),
        "INFO " + repr('{"name": "Zoé Núñez"}'.encode()),
        "Zo\\u{e9} N\\u{fa}\\u{f1}ez",
        "Zo%u00E9%20N%u00FA%u00F1ez",
        "https://x.example/people/zoe-nunez",
        "Núñez, Zoé",
        "booked by NUNEZ, ZOE (2 guests)",
    ],
)
def test_other_ways_to_write_a_name(spelling):
    assert found(spelling, ("full_name", "Zoé Núñez")) == {"full_name"}
    assert not found(spelling, ("full_name", "Zoé Núñes"))


def test_names_without_spaces():
    assert found({"full_name": "欧阳 伟明"}, ("first_name", "伟明"), ("last_name", "欧阳")) == {
        "first_name",
        "last_name",
    }
    assert found({"first_name": "太郎"}, ("name", "山田太郎")) == {"name"}
    assert found({"family_name": "山田"}, ("name", "山田太郎")) == {"name"}
    assert not found({"note": "太郎"}, ("name", "山田太郎"))
    assert not found({"name": "山田次朗"}, ("name", "山田太郎"))


def test_addresses_in_signs_that_addresses_may_have():
    tag = ("email", "grace.h@navy.example")
    for text in ("__grace.h@navy.example__ joined", "WHERE e LIKE '%grace.h@navy.example%'", "*grace.h@navy.example*"):
        assert found(text, tag) == {"email"}, text
    for text in ("m.grace.h@navy.example", "m__grace.h@navy.example", "grace.h@navy.example-site.org"):
        assert not found(text, tag), text


def test_names_beside_an_address_that_is_made_of_them():
    tags = [("first_name", "Käthe"), ("last_name", "Schmidt"), ("email", "kaethe.schmidt@gmx.de")]
    assert found({"to": "Käthe Schmidt <kaethe.schmidt@gmx.de>"}, *tags) == {"first_name", "last_name", "email"}
    assert found({"to": "kaethe.schmidt@gmx.de"}, *tags) == {"email"}


def test_what_only_looks_quoted_printable():
    assert not found("theme=dark; n=381665551234; a=1", ("phone", "+81665551234"))
    assert found("=E2=82=AC to +8166=\n5551234", ("phone", "+81665551234")) == {"phone"}


# --- pieces ------------------------------------------------------------------------------------------


def test_an_address_of_short_values():
    tags = [("first", "Ann"), ("last", "Groß"), ("street", "Am Weg 5"), ("zip", "31000"), ("city", "Toulouse")]
    block = "Ann Groß\nAm Weg 5\n31000 Toulouse\nFrance, Europe, 3rd floor on the left"
    assert found({"address": block}, *tags) == {"first", "last", "street", "zip", "city"}
    assert found({"address": "31000 Toulouse"}, *tags) == {"zip", "city"}
    assert "first" not in found({"text": "Ann Grossmann of Am Weg 50, 310001 Toulouse"}, *tags)


@pytest.mark.parametrize(
    ("masked", "value"),
    [
        ("424242******4242", "4242 4242 4242 4242"),
        ("NL56**************7996", "NL56 ABNA 8780 6579 96"[:-2] + "7996"),
        ("+482*****712", "+48223456712"),
        ("l***@wp.pl", "lukasz@wp.pl"),
    ],
)
def test_masks(masked, value):
    assert found({"contact": {"email": masked}}, ("email", value)) == {"email"}
    assert not found({"email": "9" + masked[1:]}, ("email", value))


def test_last_four():
    assert found({"last4": "4242"}, ("number", "4242 4242 4242 4242")) == {"number"}
    assert found({"card_last_four": "4242"}, ("number", "4242 4242 4242 4242")) == {"number"}
    assert not found({"year": "4242", "suffix": "4242"}, ("number", "4242 4242 4242 4242"))


def test_the_shortest_first_names():
    for name in ("Eva Lang", "Anna Schmidt", "Otto Wolf"):
        payload = {"first_name": name.split()[0], "email": "el@lang.example"}
        assert found(payload, ("name", name), ("email", "el@lang.example")) == {"name", "email"}
        assert not found({"text": payload["first_name"]}, ("name", name))


def test_elements_of_xml_are_values_with_names():
    body = (
        '<?xml version="1.0"?><s:Envelope xmlns:s="urn:soap"><s:Body><c:Customer id="77">'
        "<c:FirstName>Zo&#233;</c:FirstName><c:City>Lyon</c:City><c:Qty>3</c:Qty></c:Customer></s:Body></s:Envelope>"
    )
    tags = [("first_name", "Zoé"), ("city", "Lyon"), ("quantity", "3")]
    assert found(body, *tags, media_type="text/xml") == {"first_name", "city", "quantity"}
    assert not found(body, ("user_id", "3"), ("last_name", "Lyon"), media_type="text/xml")
    assert not found("<p>We have <b>3</b> offices: <b>Lyon</b></p>", *tags, media_type="text/html")


def test_what_could_be_text_in_some_charset_may_be_compressed_or_a_digest():
    assert found(zlib.compress(b"AAAAXh@AAAAA00677"), ("code", "AAAAXh@AAAAA00677")) == {"code"}
    assert found("Hjördis Öberg, Åsgatan 12, går till teatern".encode("cp1252"), ("street", "Åsgatan 12")) == {"street"}
    for number in range(2_000):
        value = f"customer-{number}@example.org"
        digest = hashlib.md5(value.encode()).digest()
        if binary.text_of(digest) is not None:
            assert found(digest, ("email", value)) == {"email"}, value
