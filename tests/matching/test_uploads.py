"""What is passed on as it came: a photo byte for byte, a form as the object that Flask made of it."""

from __future__ import annotations

import random

import pytest
from werkzeug.datastructures import CombinedMultiDict, ImmutableMultiDict, MultiDict

from otel_provenance.matching import TagIndex, match_tags
from otel_provenance.tags import make_tag

PHOTO = b"\x89PNG\r\n\x1a\n" + random.Random(7).randbytes(3_000)
OTHER = PHOTO[:-1] + bytes([PHOTO[-1] ^ 1])
INDEX = TagIndex(
    [make_tag("file", "photo", PHOTO, b"s", "photo", 0), make_tag("form", "name", "Ada Lovelace", b"s", "name", 0)]
)


def multipart(data: bytes) -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n' + data + b"\r\n--b--\r\n"


@pytest.mark.parametrize(
    ("payload", "options", "field"),
    [
        (PHOTO, {}, ""),
        (PHOTO, {"media_type": "image/png"}, ""),
        (bytearray(PHOTO), {}, ""),
        ({"id": 7, "data": PHOTO}, {}, "data"),
        (multipart(PHOTO), {"media_type": "multipart/form-data; boundary=b"}, "f"),
    ],
)
def test_an_upload_that_goes_on_byte_for_byte(payload, options, field):
    (match,) = match_tags(payload, INDEX, **options)
    assert match == ("photo", field, "exact", "", 1.0)


def test_an_upload_in_a_column_and_another_one():
    photo, other = INDEX.match_row([("photo", PHOTO), ("other", OTHER)])
    assert [match.tag_id for match in photo] == ["photo"]
    assert list(other) == list(match_tags(OTHER, INDEX)) == []


@pytest.mark.parametrize(
    "form",
    [
        MultiDict([("name", "Ada Lovelace"), ("name", "else"), ("n", "1")]),
        ImmutableMultiDict([("name", "Ada Lovelace")]),
        CombinedMultiDict([MultiDict([("n", "1")]), MultiDict([("name", "Ada Lovelace")])]),
    ],
)
def test_a_form_as_flask_made_it(form):
    (match,) = match_tags(form, INDEX)
    assert (match.tag_id, match.field) == ("name", "name")
    (within,) = match_tags({"payload": form}, INDEX)
    assert (within.tag_id, within.field) == ("name", "payload.name")


def test_two_uploads_that_begin_alike_are_told_apart():
    long = random.Random(8).randbytes(80_000)
    first, second = long + b"\x00\xff1", long + b"\x00\xff2"
    index = TagIndex([make_tag("file", name, data, b"s", name, 0) for name, data in (("a", first), ("b", second))])
    assert [match.tag_id for match in match_tags({"x": second}, index)] == ["b"]
