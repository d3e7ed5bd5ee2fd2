"""Calls by urllib3 itself: pools and managers."""

from __future__ import annotations

import io

import pytest
import urllib3
from egress.sharing import FORM
from egress.wire import refused_port, response

from otel_provenance.boundaries.base import unwrap_all


def form(url):
    return urllib3.request("POST", url + "/contacts", fields={"mail": FORM["email"], "who": FORM["name"]})


def json_body(url):
    return urllib3.PoolManager().request("PUT", url, json={"mail": FORM["email"]})


def query_and_headers(url):
    headers = {"X-Name": FORM["name"], "Cookie": "who=ada.lovelace@example.com"}
    return urllib3.PoolManager(headers=headers).request("GET", url, fields={"q": FORM["phone"]})


def pool(url):
    with urllib3.HTTPConnectionPool("127.0.0.1", int(url.rpartition(":")[2])) as connections:
        return connections.urlopen("POST", "/users/ada.lovelace%40example.com", b"note=please+ring+the+bell+twice")


def file(url):
    return urllib3.PoolManager().urlopen("POST", url, body=io.BytesIO(b"ada.lovelace@example.com"))


def generator(url):
    chunks = (chunk for chunk in (b"ada.lovelace", b"@example.com"))
    return urllib3.PoolManager().urlopen("POST", url, body=chunks, chunked=True)


CALLS = {
    form: {("email", "body"), ("name", "body")},
    json_body: {("email", "body")},
    query_and_headers: {("name", "header"), ("email", "cookie"), ("phone", "query")},
    pool: {("email", "path"), ("note", "body")},
    file: {("email", "body")},
    generator: {("email", "body")},
}
named = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)


@named
def test_what_goes_out_is_matched_and_is_the_same_as_without_us(sharing, wire, call):
    assert sharing.serve(lambda: call(wire.url)).status == 200
    unwrap_all()
    call(wire.url)

    share = sharing.share.share
    assert sharing.matched() == CALLS[call]
    assert (share.library, share.host, share.port, share.status_code) == ("urllib3", "127.0.0.1", wire.port, 200)
    with_us, without_us = wire.received
    assert with_us.unlike == without_us.unlike


def test_a_manager_that_is_redirected_to_another_host_makes_two_calls(sharing, wire, other_wire):
    wire.answer = lambda request: response(307, Location=other_wire.url)

    sharing.serve(lambda: urllib3.PoolManager().urlopen("POST", wire.url, body=b"ada.lovelace@example.com"))

    assert [(s.share.port, s.share.status_code) for s in sharing.shares] == [(wire.port, 307), (other_wire.port, 200)]
    assert [sharing.matched(share) for share in sharing.shares] == [{("email", "body")}] * 2
    assert other_wire.received[0].body == b"ada.lovelace@example.com"


def test_retries_are_one_call(sharing, wire):
    answers = iter([response(503, Retry_After="0"), response(200)])
    wire.answer = lambda request: next(answers)
    retries = urllib3.Retry(3, status_forcelist=[503], allowed_methods=None)

    sharing.serve(lambda: urllib3.request("POST", wire.url, body=b"ada.lovelace@example.com", retries=retries))

    assert len(wire.received) == 2
    assert sharing.share.share.status_code == 200


def test_a_call_that_fails_is_recorded(sharing):
    with pytest.raises(urllib3.exceptions.MaxRetryError):
        sharing.serve(lambda: urllib3.request("POST", f"http://127.0.0.1:{refused_port()}", body=b"x", retries=0))
    assert sharing.share.share.outcome == "failed"


def test_wrong_use_is_urllib3s_own_error(sharing):
    connections = urllib3.HTTPConnectionPool("127.0.0.1")
    with pytest.raises(TypeError, match="missing 2 required positional arguments"):
        sharing.serve(lambda: connections.urlopen())
