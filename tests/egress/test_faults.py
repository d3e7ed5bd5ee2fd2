"""Each of our steps fails in turn: the third party gets the same bytes, and the application the same answer."""

from __future__ import annotations

import asyncio
import io
import logging
import smtplib
import urllib.request

import aiohttp
import httpx
import pytest
import requests
import urllib3
from celery import Celery
from egress.sharing import FORM
from egress.test_botocore import client as aws_client
from egress.wire import response

from otel_provenance import guard
from otel_provenance.boundaries import aiohttp as aiohttp_boundary
from otel_provenance.boundaries import botocore as botocore_boundary
from otel_provenance.boundaries import celery as celery_boundary
from otel_provenance.boundaries import http_calls
from otel_provenance.boundaries import http_client as http_client_boundary
from otel_provenance.boundaries import httpx as httpx_boundary
from otel_provenance.boundaries import logging as logging_boundary
from otel_provenance.boundaries import requests as requests_boundary
from otel_provenance.boundaries import smtplib as smtplib_boundary
from otel_provenance.boundaries import urllib3 as urllib3_boundary
from otel_provenance.boundaries.base import unwrap_all
from otel_provenance.egress.bodies import SentBody
from otel_provenance.spans import calls

BODY = b"mail: ada.lovelace@example.com"


def by_requests(url):
    return requests.post(url, data=io.BytesIO(BODY)).text


def by_httpx(url):
    return httpx.post(url, content=iter([BODY])).text


def by_async_httpx(url):
    async def call():
        async with httpx.AsyncClient() as client:
            return (await client.post(url, content=BODY)).text

    return asyncio.run(call())


def by_urllib3(url):
    return urllib3.request("POST", url, body=io.BytesIO(BODY)).data


def by_urllib(url):
    return urllib.request.urlopen(url, BODY).read()


def by_aiohttp(url):
    async def call():
        async with aiohttp.ClientSession() as session, session.post(url, data=BODY) as answer:
            return await answer.text()

    return asyncio.run(call())


def by_botocore(url):
    from botocore import UNSIGNED

    s3 = aws_client("s3", url, signature_version=UNSIGNED)
    return s3.put_object(Bucket="bucket", Key="k", Body=io.BytesIO(BODY))["ResponseMetadata"]["HTTPStatusCode"]


SHARED = [
    (http_calls, "begin_call"),
    (http_calls, "tee"),
    (http_calls, "outgoing_headers"),
    (http_calls, "headers_of"),
    (http_calls, "http_event"),
    (calls, "match_tags"),
    (calls, "share_attributes"),
    (calls, "shown_url"),
    (SentBody, "finish"),
]
OWN = {
    by_requests: [(requests_boundary, "begin_sending"), (requests_boundary, "current_call")],
    by_httpx: [(httpx_boundary, "begin_sending"), (httpx_boundary, "TeedIterable")],
    by_async_httpx: [(httpx_boundary, "begin_sending")],
    by_urllib3: [(urllib3_boundary, "_absolute"), (urllib3_boundary, "_with")],
    by_urllib: [(http_client_boundary, "_absolute"), (http_client_boundary, "begin_sending")],
    by_aiohttp: [(aiohttp_boundary, "SentBody"), (aiohttp_boundary, "begin_sending")],
    by_botocore: [(botocore_boundary, "begin_sending"), (botocore_boundary, "current_call")],
}


def broken(*args, **kwargs):
    raise RuntimeError("ours")


@pytest.mark.parametrize("call", OWN, ids=lambda call: call.__name__)
def test_http_clients(sharing, wire, monkeypatch, call):
    wire.answer = lambda request: response(200, b"")
    monkeypatch.setattr(guard, "strict", False)
    answers = []
    for place, name in [*SHARED, *OWN[call]]:
        with monkeypatch.context() as patch:
            patch.setattr(place, name, broken)
            answers.append(sharing.serve(lambda: call(wire.url)))
    unwrap_all()
    answers.append(call(wire.url))

    assert len({repr(answer) for answer in answers}) == 1
    assert {request.body for request in wire.received} == {wire.received[-1].body}
    assert {tuple(name for name, _ in r.fields) for r in wire.received} == {
        tuple(n for n, _ in wire.received[-1].fields)
    }


@pytest.mark.parametrize("name", ["match_tags", "shown_url", "hash_bytes", "_payload_preview"])
def test_a_call_that_we_failed_to_look_into_is_recorded_all_the_same(sharing, wire, monkeypatch, name):
    monkeypatch.setattr(guard, "strict", False)
    monkeypatch.setattr(calls, name, broken)
    sharing.serve(lambda: by_requests(wire.url))
    share = sharing.share.share
    assert (share.host, share.outcome, share.status_code) == ("127.0.0.1", "sent", 200)
    assert (share.inspected, share.inspected_reason) == ("none", "error")


def test_a_body_that_we_failed_to_look_at_is_said_to_be_uninspected(sharing, wire, monkeypatch):
    monkeypatch.setattr(guard, "strict", False)
    monkeypatch.setattr(http_calls, "tee", broken)
    sharing.serve(lambda: by_requests(wire.url))
    assert (sharing.share.share.inspected, sharing.share.share.inspected_reason) == ("none", "error")


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (smtplib_boundary, "begin_call"),
        (smtplib_boundary, "mail_event"),
        (smtplib_boundary, "runtime"),
        (calls, "match_tags"),
    ],
)
def test_mail(sharing, monkeypatch, place, name):
    monkeypatch.setattr(guard, "strict", False)
    sent = []

    class Server(smtplib.SMTP):
        def __init__(self):
            super().__init__()
            self.sock = None

        def ehlo_or_helo_if_needed(self):
            """Nobody is there."""

        mail = rcpt = lambda self, *args: (250, b"ok")

        def data(self, message):
            sent.append(message)
            return 250, b"ok"

    monkeypatch.setattr(place, name, calls.guarded("test")(broken) if name == "begin_call" else broken)
    assert sharing.serve(lambda: Server().sendmail("a@example.org", ["b@example.org"], BODY)) == {}
    assert sent == [BODY]


@pytest.mark.parametrize("name", ["runtime", "record_share", "_message", "_destination"])
def test_logging(sharing, monkeypatch, name):
    monkeypatch.setattr(guard, "strict", False)
    stream = io.StringIO()
    logger = logging.Logger("shop")
    logger.addHandler(logging.StreamHandler(stream))
    monkeypatch.setattr(logging_boundary, name, broken)
    sharing.serve(lambda: logger.warning("mail %s", FORM["email"]))
    assert stream.getvalue() == "mail ada.lovelace@example.com\n"


@pytest.mark.parametrize("name", ["begin_call", "outgoing_headers", "_plain", "_task_of", "end_call"])
def test_celery(sharing, monkeypatch, name):
    monkeypatch.setattr(guard, "strict", False)
    app = Celery("shop", broker="memory://")
    app.conf.task_default_queue = f"faults-{name}"
    monkeypatch.setattr(celery_boundary, name, broken)
    sharing.serve(lambda: app.send_task("shop.welcome", (FORM["email"],)))
    channel = app.connection_for_read().default_channel
    assert channel._queue_for(f"faults-{name}").qsize() == 1
