"""Calls by httpx and httpx2, synchronous and asynchronous."""

from __future__ import annotations

import asyncio
import io

import httpx
import httpx2
import pytest
from egress.http2 import Http2Server
from egress.sharing import FORM
from egress.wire import refused_port, response

from otel_provenance.boundaries.base import unwrap_all

LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)


def chunks():
    yield b"ada.lovelace"
    yield b"@example.com"


async def async_chunks():
    for chunk in chunks():
        yield chunk


OPTIONS = {
    "form": ({"data": {"mail": FORM["email"], "who": FORM["name"]}}, {("email", "body"), ("name", "body")}),
    "json": ({"json": {"user": {"mail": FORM["email"]}}}, {("email", "body")}),
    "query": ({"params": {"q": FORM["email"]}}, {("email", "query")}),
    "headers": ({"headers": {"X-Customer": FORM["email"]}}, {("email", "header")}),
    "cookies": ({"cookies": {"who": FORM["email"]}}, {("email", "cookie")}),
    "auth": ({"auth": (FORM["email"], "open sesame")}, {("email", "auth")}),
    "files": (
        {"files": {"cv": ("cv.txt", b"Curriculum of Ada Lovelace")}, "data": {"mail": FORM["email"]}},
        {("email", "body"), ("name", "body")},
    ),
    "content": ({"content": b"please ring the bell twice, Ada Lovelace"}, {("note", "body"), ("name", "body")}),
}
STREAMS = {"generator": (chunks, {("email", "body")})}


def same_bytes(wire):
    with_us, without_us = wire.received
    assert with_us.unlike == without_us.unlike


@LIBRARIES
@pytest.mark.parametrize("kind", OPTIONS)
def test_what_goes_out_is_matched_and_is_the_same_as_without_us(sharing, wire, library, kind):
    options, edges = OPTIONS[kind]

    def view():
        with library.Client() as client:
            return client.request("POST", wire.url + "/x", **options)

    assert sharing.serve(view).status_code == 200
    unwrap_all()
    view()

    share = sharing.share.share
    assert sharing.matched() == edges
    assert (share.library, share.host, share.port) == (library.__name__, "127.0.0.1", wire.port)
    assert share.inspected == "full"
    assert share.payload_bytes == (len(wire.received[0].body) or None)
    same_bytes(wire)


@LIBRARIES
@pytest.mark.parametrize("kind", OPTIONS)
def test_asynchronous_calls_are_the_same(sharing, wire, library, kind):
    options, edges = OPTIONS[kind]

    async def call():
        async with library.AsyncClient() as client:
            return await client.request("POST", wire.url + "/x", **options)

    assert sharing.serve(lambda: asyncio.run(call())).status_code == 200
    unwrap_all()
    asyncio.run(call())

    assert sharing.matched() == edges
    assert sharing.share.share.library == library.__name__
    same_bytes(wire)


@LIBRARIES
def test_streams_are_teed(sharing, wire, library):
    async def call():
        async with library.AsyncClient() as client:
            return await client.post(wire.url, content=async_chunks())

    sharing.serve(lambda: library.post(wire.url, content=chunks()))
    sharing.serve(lambda: library.post(wire.url, content=io.BytesIO(b"ada.lovelace@example.com")))
    sharing.serve(lambda: asyncio.run(call()))

    assert [sharing.matched(share) for share in sharing.shares] == [{("email", "body")}] * 3
    assert [share.share.payload_bytes for share in sharing.shares] == [24] * 3
    assert {request.body for request in wire.received} == {b"ada.lovelace@example.com"}


@LIBRARIES
def test_redirects_are_calls_by_themselves_and_streams_refuse_a_second_read(sharing, wire, other_wire, library):
    wire.answer = lambda request: response(307, Location=other_wire.url)
    sharing.serve(lambda: library.post(wire.url, data={"mail": FORM["email"]}, follow_redirects=True))
    assert [(s.share.port, s.share.status_code) for s in sharing.shares] == [(wire.port, 307), (other_wire.port, 200)]
    assert [sharing.matched(share) for share in sharing.shares] == [{("email", "body")}] * 2

    with pytest.raises(library.StreamConsumed):
        sharing.serve(lambda: library.post(wire.url, content=chunks(), follow_redirects=True))


@LIBRARIES
def test_requests_are_as_the_application_made_them(sharing, wire, library):
    with library.Client() as client:
        request = client.build_request("POST", wire.url, content=chunks())
        stream, headers = request.stream, request.headers
        answer = sharing.serve(lambda: client.send(request))

    assert request.stream is stream
    assert request.headers is headers
    assert answer.request is request


@LIBRARIES
def test_calls_that_fail_are_recorded(sharing, wire, library):
    with pytest.raises(library.ConnectError):
        sharing.serve(lambda: library.post(f"http://127.0.0.1:{refused_port()}", json={"mail": FORM["email"]}))
    with pytest.raises(library.UnsupportedProtocol):
        sharing.serve(lambda: library.post("carrier+pigeon://loft", json={"mail": FORM["email"]}))
    wire.answer = lambda request: None
    with pytest.raises(library.RemoteProtocolError):
        sharing.serve(lambda: library.post(wire.url, json={"mail": FORM["email"]}))

    assert [s.share.outcome for s in sharing.shares] == ["failed", "blocked", "failed"]
    assert [sharing.matched(share) for share in sharing.shares] == [{("email", "body")}] * 3


@LIBRARIES
def test_a_cancelled_call_is_recorded_as_failed(sharing, wire, library):
    async def call():
        async with library.AsyncClient() as client:
            await asyncio.wait_for(client.post(wire.url, json={"mail": FORM["email"]}), 0.2)

    wire.answer = lambda request: __import__("time").sleep(1) or response()
    with pytest.raises((asyncio.TimeoutError, TimeoutError)):
        sharing.serve(lambda: asyncio.run(call()))
    assert sharing.share.share.outcome == "failed"
    assert sharing.matched() == {("email", "body")}


@LIBRARIES
def test_transports_of_ones_own_are_recorded_too(sharing, library):
    transport = library.MockTransport(lambda request: library.Response(201, text=request.content.decode()))

    def view():
        with library.Client(transport=transport) as client:
            return client.post("https://api.example.org/", json={"mail": FORM["email"]}).status_code

    assert sharing.serve(view) == 201
    assert (sharing.share.share.host, sharing.share.share.port) == ("api.example.org", 443)
    assert sharing.matched() == {("email", "body")}


@LIBRARIES
def test_a_streamed_answer_stays_unread(sharing, wire, library):
    wire.answer = lambda request: response(200, b"a" * 10)

    def view():
        with library.Client() as client, client.stream("GET", wire.url) as answer:
            assert not answer.is_stream_consumed
            return answer.read()

    assert sharing.serve(view) == b"a" * 10


@pytest.fixture
def http2():
    server = Http2Server()
    yield server
    server.stop()


@LIBRARIES
def test_http2_is_the_same(sharing, http2, library):
    def view():
        with library.Client(http1=False, http2=True) as client:
            answer = client.post(http2.url + "/x?q=1", content=chunks(), headers={"X-Name": FORM["name"]})
            return answer.http_version, answer.text

    assert sharing.serve(view) == ("HTTP/2", "ok")
    unwrap_all()
    view()
    assert sharing.matched() == {("email", "body"), ("name", "header")}
    assert sharing.share.share.status_code == 200
    assert http2.received[0] == http2.received[1]
