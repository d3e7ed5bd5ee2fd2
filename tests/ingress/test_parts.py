"""Parts of a request become tags: the same values that Werkzeug gives the application."""

from __future__ import annotations

import datetime
import gzip
import json
import uuid
import zlib
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Request

from otel_provenance import ingress
from otel_provenance.identifiers import IdSequence, new_request_id
from otel_provenance.tags import TagSet
from otel_provenance.values import hash_value

SALT = b"a salt for tests"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=8)


def new_tags() -> TagSet:
    return TagSet(IdSequence(new_request_id()), SALT)


def seen(tags: TagSet) -> list[tuple[str, str, object]]:
    return [(tag.source, tag.field, tag.value) for tag in tags.known()]


@given(PAIRS)
def test_a_query_has_every_value_that_flask_sees(pairs):
    text = urlencode(pairs)
    tags = new_tags()
    ingress.query(tags, text)
    request = Request({"QUERY_STRING": text, "REQUEST_METHOD": "GET"})
    assert sorted(tag[1:] for tag in seen(tags)) == sorted(request.args.items(multi=True))


@given(st.text(st.characters(max_codepoint=0xFF), max_size=60))
def test_no_query_and_no_cookie_header_raises(text):
    tags = new_tags()
    ingress.query(tags, text)
    ingress.cookies(tags, text)


@given(st.dictionaries(st.text("abcXYZ_-", min_size=1, max_size=8), st.text("abc%&=. 1", max_size=8), max_size=4))
def test_cookies_are_those_that_flask_sees(cookies):
    header = "; ".join(f"{name}={quote(value)}" for name, value in cookies.items())
    tags = new_tags()
    ingress.cookies(tags, header)
    assert {name: value for _, name, value in seen(tags)} == parse_cookie(header).to_dict()


def test_a_quoted_cookie_and_one_without_a_value():
    tags = new_tags()
    ingress.cookies(tags, 'a="b c"; lonely; d=')
    assert seen(tags) == [("cookie", "a", "b c"), ("cookie", "d", "")]


def test_headers_by_the_allow_list():
    tags = new_tags()
    environ = {"HTTP_X_CUSTOMER": "Ada", "HTTP_COOKIE": "a=b", "CONTENT_TYPE": "text/plain"}
    ingress.headers(tags, environ, ("x-customer", "content-type", "x-absent"))
    assert seen(tags) == [("header", "x-customer", "Ada"), ("header", "content-type", "text/plain")]


def test_path_parameters_that_are_values():
    tags = new_tags()
    day, key = datetime.date(2026, 5, 4), uuid.UUID(int=7)
    ingress.path(tags, {"n": 7, "day": day, "key": key, "user": object()})
    assert [tag[1] for tag in seen(tags)] == ["n", "day", "key"]
    assert tags.tags[1].value_hash == hash_value("2026-05-04", SALT)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1, max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, child in value.items():
            yield from leaves(child, (*path, key))
    elif isinstance(value, list):
        for at, child in enumerate(value):
            yield from leaves(child, (*path, str(at)))
    else:
        yield ".".join(path), value


@given(JSON)
def test_every_leaf_of_json_by_its_path_in_order(document):
    tags = new_tags()
    assert ingress.json_body(tags, document) is None
    assert [tag[1:] for tag in seen(tags)] == list(leaves(document))


def test_json_past_its_bound_says_so():
    tags = new_tags()
    assert ingress.json_body(tags, list(range(10_001))) == "too_many_leaves"
    assert len(tags.tags) == 10_000


@pytest.mark.parametrize("take", [ingress.json_body, lambda tags, names: ingress.form(tags, names.items())])
def test_values_that_take_too_long_are_left_out_and_told(take, monkeypatch):
    monkeypatch.setattr(ingress, "MOST_SECONDS", 0.0)
    tags = new_tags()
    assert take(tags, {f"name {at}": "x" for at in range(1000)}) == "timeout"
    assert 60 < len(tags.tags) < 256
    assert take(new_tags(), {f"name {at}": "x" for at in range(60)}) is None


def test_deep_json_does_not_end_the_stack():
    tags = new_tags()
    document: object = "x"
    for _ in range(5000):
        document = [document]
    assert ingress.json_body(tags, document) is None
    assert tags.tags[0].value == "x"


DOCUMENT = {"who": {"name": "Ada"}}
BOUNDARY = "x1y2"
MULTIPART = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="who"\r\n\r\nAda\r\n'
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="cv"; filename="cv.txt"\r\n\r\n'
    f"born 1815\r\n--{BOUNDARY}--\r\n"
).encode()


@pytest.mark.parametrize(
    ("data", "content_type", "encoding", "expected"),
    [
        (b"a=1&a=2", "application/x-www-form-urlencoded", "", {("form", "a"): "2"}),
        (json.dumps(DOCUMENT).encode(), "application/json", "", {("json", "who.name"): "Ada"}),
        (json.dumps(DOCUMENT).encode("utf-16"), "application/json", "", {("json", "who.name"): "Ada"}),
        (json.dumps(DOCUMENT).encode(), "application/vnd.api+json; charset=utf-8", "", {("json", "who.name"): "Ada"}),
        (b'{"a": "x"}\n{"a": "y"}\n', "application/x-ndjson", "", {("json", "0.a"): "x", ("json", "1.a"): "y"}),
        (b'\x1e{"a": "x"}\n', "application/json-seq", "", {("json", "0.a"): "x"}),
        (gzip.compress(json.dumps(DOCUMENT).encode()), "application/json", "gzip", {("json", "who.name"): "Ada"}),
        (zlib.compress(b"a=1"), "application/x-www-form-urlencoded", "deflate", {("form", "a"): "1"}),
        (
            MULTIPART,
            f"multipart/form-data; boundary={BOUNDARY}",
            "",
            {("form", "who"): "Ada", ("file", "cv.filename"): "cv.txt", ("file", "cv"): "born 1815"},
        ),
        ("grüße".encode("latin-1"), "text/plain; charset=latin-1", "", {("body", ""): "grüße"}),
        (b"\x00\xff", "application/octet-stream", "", {("body", ""): b"\x00\xff"}),
    ],
)
def test_a_raw_body_by_its_content_type(data, content_type, encoding, expected):
    tags = new_tags()
    assert ingress.raw_body(tags, data, content_type, encoding, 1000) is None
    assert {(source, field): value for source, field, value in seen(tags)} == expected


@pytest.mark.parametrize(
    ("data", "content_type", "encoding", "reason"),
    [
        (b"{", "application/json", "", "malformed_json"),
        (b'{"a": 1}\n{', "application/jsonl", "", "malformed_json"),
        (b"[" * 100_000, "application/json", "", "malformed_json"),
        (MULTIPART[:-20], f"multipart/form-data; boundary={BOUNDARY}", "", "malformed_form"),
        (b"junk", "multipart/form-data", "", "malformed_form"),
        (b"not gzip", "text/plain", "gzip", "unknown_encoding"),
        (b"?", "text/plain", "br", "unknown_encoding"),
        (gzip.compress(b"0" * 100_000), "text/plain", "gzip", "too_large"),
        (gzip.compress(b"hello")[:-9], "text/plain", "gzip", "incomplete"),
    ],
)
def test_what_cannot_be_looked_into_says_why(data, content_type, encoding, reason):
    assert ingress.raw_body(new_tags(), data, content_type, encoding, 1000) == reason


@given(
    st.binary(max_size=200),
    st.sampled_from(["application/json", "multipart/form-data; boundary=x", "text/a; charset=b"]),
)
def test_no_body_raises(data, content_type):
    ingress.raw_body(new_tags(), data, content_type, "", 1000)


INSIDE = '{"email": "zoe@example.com", "tags": ["vip", 7], "more": "{\\"city\\": \\"Lisbon\\"}"}'
LEAVES = [
    ("", INSIDE),
    (".email", "zoe@example.com"),
    (".tags.0", "vip"),
    (".tags.1", 7),
    (".more", '{"city": "Lisbon"}'),
    (".more.city", "Lisbon"),
]


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("form", lambda tags: ingress.form(tags, [("payload", INSIDE)])),
        ("query", lambda tags: ingress.query(tags, urlencode({"payload": INSIDE}))),
        ("json", lambda tags: ingress.json_body(tags, {"payload": INSIDE})),
    ],
)
def test_json_inside_a_value_is_values_too(source, read):
    tags = new_tags()
    assert read(tags) is None
    assert sorted(seen(tags), key=str) == sorted([(source, "payload" + at, value) for at, value in LEAVES], key=str)


@pytest.mark.parametrize("text", ["{", "[draft] hello", "{{ name }}", "[" * 100_000])
def test_what_only_looks_like_json_is_one_value(text):
    tags = new_tags()
    assert ingress.form(tags, [("note", text)]) is None
    assert seen(tags) == [("form", "note", text)]


def test_too_many_values_inside_a_value_are_told():
    tags = new_tags()
    assert (
        ingress.form(tags, [("ids", json.dumps([7] * 9_000)), ("more", json.dumps([7] * 9_000))]) == "too_many_leaves"
    )
    assert ingress.query(tags, "after=x") == "too_many_leaves"
    assert len(tags.tags) == 10_000  # of all parts together: no request waits for more


def test_too_many_fields_are_told():
    tags = new_tags()
    assert ingress.form(tags, [("a", "1")] * 10_001) == "too_many_leaves"
    assert len(tags.tags) == 10_000


@pytest.mark.parametrize("name", ["{", "[", "{}x", "{{ x }}", "[0]"])
def test_a_name_that_is_no_json_object_stays_a_name(name):
    tags = new_tags()
    ingress.form(tags, [(name, "x")])
    ingress.query(tags, urlencode([(name, "x")]))
    assert seen(tags) == [("form", name, "x"), ("query", name, "x")]


@pytest.mark.parametrize(
    "media_type", ["application/x-www-form-urlencoded", "text/plain", "application/x-amz-json-1.0", ""]
)
def test_a_body_that_is_json_is_json_whatever_it_is_said_to_be(media_type):
    tags = new_tags()
    body = b'{"name": "Ada Lovelace", "query": "a=1&b=2"}'
    assert ingress.raw_body(tags, body, media_type, "", 9_999) is None
    assert seen(tags) == [("json", "name", "Ada Lovelace"), ("json", "query", "a=1&b=2")]


def test_json_that_was_parsed_as_a_form_is_no_name():
    tags = new_tags()
    for text in ('{"name": "Ada Lovelace"}', '["Ada Lovelace"]', '{"query": "a=Ada Lovelace"}', "[0].name"):
        ingress.form(tags, [text.partition("=")[::2]])
    assert seen(tags) == [
        ("form", "", '{"name": "Ada Lovelace"}'),
        ("form", "name", "Ada Lovelace"),
        ("form", "", '["Ada Lovelace"]'),
        ("form", "0", "Ada Lovelace"),
        ("form", "", '{"query": "a=Ada Lovelace"}'),
        ("form", "query", "a=Ada Lovelace"),
        ("form", "[0].name", ""),
    ]
