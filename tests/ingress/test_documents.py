"""What comes in as XML, MessagePack, a data URL or base64 is its values too: an application stores those."""

from __future__ import annotations

import base64
import io
import json
from contextlib import suppress

import flask
import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance import ingress
from otel_provenance.documents import NotOpened, document_in, may_be_document
from otel_provenance.identifiers import IdSequence, new_request_id
from otel_provenance.matching import TagIndex
from otel_provenance.tags import TagSet
from otel_provenance.xmlvalues import NotXml, xml_values

SALT = b"a salt for tests"
LETTER = "Isolde Marchbanks lives at 4 Foxglove Row, Tintagel since 1987"
PERSON = {"name": "Xavier Marklund", "mails": ["x.marklund@example.org"], "age": 41}
XML = """<?xml version="1.0"?>
<!-- a customer --><c:order xmlns:c="urn:shop" number="77">
  <c:who lang="sv"><name>Xavier Marklund</name><street><![CDATA[17 Gannet Lane]]></street></c:who>
  <line>Cheese &amp; wine</line><line>Bread</line>
</c:order>"""
OF_XML = {
    "number": "77",
    "who.lang": "sv",
    "who.name": "Xavier Marklund",
    "who.street": "17 Gannet Lane",
    "line.0": "Cheese & wine",
    "line.1": "Bread",
}


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def posted(recording, **request):
    """What an application that reads all sees, and the values that are recorded of it."""

    @recording.app.post("/")
    def view():
        return {"read": len(flask.request.get_data(cache=True)), "form": len(flask.request.form)}

    response = recording.app.test_client().post("/", **request)
    assert response.status_code == 200
    return {(tag.source, tag.field) for facts in recording.facts for tag in facts.tags}


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml; charset=utf-8", "application/soap+xml"])
def test_an_xml_body_is_its_elements_and_attributes(recording, media_type):
    found = posted(recording, data=XML, content_type=media_type)
    assert found == {("body", ""), *(("body", name) for name in OF_XML)}
    assert recording.request.inspected == "full"


def test_a_message_pack_body_is_its_leaves(recording):
    found = posted(recording, data=msgpack.packb(PERSON), content_type="application/msgpack")
    assert found == {("body", ""), ("body", "name"), ("body", "mails.0"), ("body", "age")}
    assert recording.request.inspected == "full"


@pytest.mark.parametrize("media_type", ["application/xml", "application/x-msgpack"])
def test_what_is_not_what_it_is_said_to_be_is_told(recording, media_type):
    assert posted(recording, data=b"<order><line>Bread", content_type=media_type) == {("body", "")}
    assert (recording.request.inspected, recording.request.inspected_reason) == ("partial", "undecodable")


def test_an_uploaded_document_is_its_values(recording):
    files = {"order": (io.BytesIO(XML.encode()), "order.xml"), "photo": (io.BytesIO(b"\xff\xd8\xff" * 99), "me.jpg")}
    assert posted(recording, data=files) >= {("file", f"order.{name}") for name in OF_XML}
    assert recording.request.inspected == "full"


@pytest.mark.parametrize(
    ("sent", "values"),
    [
        (encoded(LETTER), {"sent.base64": LETTER}),
        (base64.urlsafe_b64encode(LETTER.encode()).decode().rstrip("="), {"sent.base64": LETTER}),
        (base64.encodebytes(LETTER.encode() * 3).decode(), {"sent.base64": LETTER * 3}),
        (f"data:text/plain;base64,{encoded(LETTER)}", {"sent.data-url": LETTER}),
        ("data:text/plain;charset=utf-8,Isolde%20March", {"sent.data-url": "Isolde March"}),
        (f"data:text/plain;charset=latin-1;base64,{encoded(b'Gr' + bytes([252]) + b'n')}", {"sent.data-url": "Grün"}),
        (f"data:image/png;base64,{encoded(bytes(range(256)))}", {"sent.data-url": bytes(range(256))}),
        (encoded(bytes(range(256))), {"sent.base64": bytes(range(256))}),
        (
            f"data:text/csv;base64,{encoded('name,mail' + chr(10) + 'Ada,ada@example.org')}",
            {"sent.data-url.0.name": "Ada", "sent.data-url.0.mail": "ada@example.org"},
        ),
        (encoded(json.dumps(PERSON)), {"sent.base64.name": PERSON["name"], "sent.base64.mails.0": PERSON["mails"][0]}),
        (encoded(XML), {f"sent.base64.{name}": value for name, value in OF_XML.items()}),
        (encoded(encoded(LETTER)), {"sent.base64.base64": LETTER}),
        (f"eyJhIjoxfQ.{encoded(json.dumps(PERSON)).rstrip('=')}.c2ln", {"sent.jwt.name": PERSON["name"]}),
        (XML, {f"sent.{name}": value for name, value in OF_XML.items()}),
    ],
)
@pytest.mark.parametrize("source", ["json", "form"])
def test_a_value_that_came_in_encoded_is_known_decoded(source, sent, values):
    tags = TagSet(IdSequence(new_request_id()), SALT)
    reason = ingress.form(tags, [("sent", sent)]) if source == "form" else ingress.json_body(tags, {"sent": sent})
    found = {tag.field: tag.value for tag in tags.tags}
    assert reason is None
    assert found["sent"] == sent  # the whole is a value too
    for name, value in values.items():
        assert found[name] == value
    assert {tag.source for tag in tags.tags} == {source}


@pytest.mark.parametrize("sent", [encoded(LETTER), f"data:text/plain;base64,{encoded(LETTER)}"])
def test_what_is_stored_decoded_leads_back_to_what_came_in(recording, sent):
    seen = []

    @recording.app.post("/")
    def view():
        text = base64.b64decode(flask.request.json["contents"].split(",")[-1]).decode()
        tags = flask.request.environ["provenance.serving"].scope.tags.known()
        (match,) = TagIndex(tags, salt=SALT).match_value("body", text).matches
        seen.append((match.kind, {tag.tag_id: tag.field for tag in tags}[match.tag_id].partition(".")[0]))
        return "ok"

    assert recording.app.test_client().post("/", json={"contents": sent}).status_code == 200
    assert seen == [("exact", "contents")]


def test_too_long_a_value_is_not_opened_and_that_is_told(recording):
    @recording.app.post("/")
    def view():
        return {"n": len(flask.request.json)}

    recording.app.test_client().post("/", json={"photo": "data:image/png;base64," + "A" * 1_400_000, "name": "Ada"})
    assert (recording.request.inspected, recording.request.inspected_reason) == ("partial", "too_large")
    assert set(recording.tags) == {("json", "photo"), ("json", "name")}


@pytest.mark.parametrize(
    "text",
    [
        "a sentence that is longer than any short value",
        "12345678-1234-4123-8123-123456789012",
        "d41d8cd98f00b204e9800998ecf8427e",
        "Donaudampfschifffahrtsgesellschaft",
        "data: this is what we know",
        "data:,",
        "<p>Hello <b>Ada</b>, how are you?</p>",
        "<?xml is what this text is about",
        "eyJ.is.not-a-token-of-any-kind",
        base64.urlsafe_b64encode(bytes(range(200, 240))).decode(),
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ],
)
def test_an_ordinary_value_is_one_value(text):
    tags = TagSet(IdSequence(new_request_id()), SALT)
    assert ingress.form(tags, [("note", text)]) is None
    assert [tag.value for tag in tags.tags] == [text]


@pytest.mark.parametrize(
    "document",
    [
        "",
        "<a>",
        "<a></b>",
        "<a>" * 100 + "</a>" * 100,
        "<a>" + "<b>x</b>" * 200 + "</a>",
        '<!DOCTYPE a [<!ENTITY who "Ada">]><a>&who;</a>',
        '<!DOCTYPE a [<!ENTITY who SYSTEM "file:///etc/passwd">]><a>&who;</a>',
        b"\xff\xfe<",
    ],
)
def test_xml_that_is_not_read(document):
    with pytest.raises(NotXml):
        xml_values(document, 100)


def test_xml_in_the_encoding_that_it_declares():
    text = '<?xml version="1.0" encoding="iso-8859-1"?><who name="Zo\u00eb"><name>Gr\u00fcn</name></who>'
    expected = {"name": "Zoë", "name.text": "Grün"}
    assert xml_values(text.encode("latin-1"), 100) == xml_values(text, 100) == expected
    assert xml_values("<name>Ada</name>", 100) == {"name": "Ada"}


@given(
    st.text() | st.binary() | st.binary(min_size=18).map(encoded) | st.text().map("data:text/plain;base64,{}".format),
    st.sampled_from(["", "application/xml", "application/msgpack", "text/csv", "text/plain"]),
)
def test_no_value_raises(value, media_type):
    if may_be_document(value, media_type):
        with suppress(NotOpened):
            document_in(value, media_type)
