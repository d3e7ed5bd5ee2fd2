"""Calls by aiohttp's client."""

from __future__ import annotations

import asyncio
import io

import aiohttp
import pytest
from egress.sharing import FORM
from egress.wire import refused_port, response

from otel_provenance.boundaries.base import unwrap_all


async def chunks():
    yield b"ada.lovelace"
    yield b"@example.com"


def multipart():
    form = aiohttp.FormData({"mail": FORM["email"]})
    form.add_field("cv", io.BytesIO(b"Curriculum of Ada Lovelace"), filename="cv.txt")
    return form


OPTIONS = {
    "form": (lambda: {"data": {"mail": FORM["email"], "who": FORM["name"]}}, {("email", "body"), ("name", "body")}),
    "json": (lambda: {"json": {"mail": FORM["email"]}}, {("email", "body")}),
    "query": (lambda: {"params": {"q": FORM["email"]}}, {("email", "query")}),
    "headers": (lambda: {"headers": {"X-Customer": FORM["email"]}}, {("email", "header")}),
    "cookies": (lambda: {"cookies": {"who": "AdaLovelace"}}, {("name", "cookie")}),
    "auth": (lambda: {"auth": aiohttp.BasicAuth(FORM["email"], "open sesame")}, {("email", "auth")}),
    "multipart": (lambda: {"data": multipart()}, {("email", "body"), ("name", "body")}),
    "bytes": (lambda: {"data": b"please ring the bell twice"}, {("note", "body")}),
    "file": (lambda: {"data": io.BytesIO(b"ada.lovelace@example.com")}, {("email", "body")}),
    "generator": (lambda: {"data": chunks()}, {("email", "body")}),
    "compressed": (lambda: {"data": b"ada.lovelace@example.com " * 9, "compress": "deflate"}, {("email", "body")}),
}


def post(url, options=None, **more):
    async def call():
        async with aiohttp.ClientSession() as session, session.post(url, **(options or {}), **more) as answer:
            return await answer.read()

    return asyncio.run(call())


@pytest.mark.parametrize("kind", OPTIONS)
def test_what_goes_out_is_matched_and_is_the_same_as_without_us(sharing, wire, kind):
    make, edges = OPTIONS[kind]

    assert sharing.serve(lambda: post(wire.url + "/x", make())) == b"ok"
    unwrap_all()
    post(wire.url + "/x", make())

    share = sharing.share.share
    assert sharing.matched() == edges
    assert (share.library, share.host, share.port) == ("aiohttp", "127.0.0.1", wire.port)
    assert (share.status_code, share.inspected) == (200, "full")
    if kind != "compressed":  # seen before aiohttp compresses it
        assert share.payload_bytes == (len(wire.received[0].body) or None)
    with_us, without_us = wire.received
    assert with_us.unlike == without_us.unlike


def test_redirects_are_calls_by_themselves(sharing, wire, other_wire):
    wire.answer = lambda request: response(307, Location=other_wire.url)
    sharing.serve(lambda: post(wire.url, json={"mail": FORM["email"]}))
    assert [(s.share.port, s.share.status_code) for s in sharing.shares] == [(wire.port, 307), (other_wire.port, 200)]
    assert [sharing.matched(share) for share in sharing.shares] == [{("email", "body")}] * 2


def test_calls_that_fail_are_recorded(sharing, wire):
    with pytest.raises(aiohttp.ClientConnectorError):
        sharing.serve(lambda: post(f"http://127.0.0.1:{refused_port()}", json={"mail": FORM["email"]}))
    wire.answer = lambda request: None
    with pytest.raises(aiohttp.ServerDisconnectedError):
        sharing.serve(lambda: post(wire.url, json={"mail": FORM["email"]}))
    assert {s.share.outcome for s in sharing.shares} == {"failed"}
    assert [sharing.matched(share) for share in sharing.shares] == [{("email", "body")}] * len(sharing.shares)


def test_trace_configs_of_the_application_still_see_each_chunk(sharing, wire):
    seen = []
    config = aiohttp.TraceConfig()

    async def on_chunk(session, context, params):
        seen.append(params.chunk)

    config.on_request_chunk_sent.append(on_chunk)

    async def call():
        async with aiohttp.ClientSession(trace_configs=[config]) as session:
            async with session.post(wire.url, data=b"ada.lovelace@example.com") as answer:
                return answer.status

    assert sharing.serve(lambda: asyncio.run(call())) == 200
    assert b"".join(map(bytes, seen)) == b"ada.lovelace@example.com"
    assert sharing.matched() == {("email", "body")}
