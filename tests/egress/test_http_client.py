"""Calls by the standard library: http.client and urllib.request."""

from __future__ import annotations

import http.client
import io
import socket
import urllib.error
import urllib.parse
import urllib.request

import pytest
from egress.sharing import FORM
from egress.wire import refused_port, response

from otel_provenance.boundaries.base import unwrap_all


def connect(url):
    return http.client.HTTPConnection("127.0.0.1", int(url.rpartition(":")[2]))


def request(url):
    connection = connect(url)
    connection.request("POST", "/a?q=ada.lovelace%40example.com", f"name={FORM['name']}", {"X-City": "Saint-Etienne"})
    return connection.getresponse().read()


def piece_by_piece(url):
    connection = connect(url)
    connection.putrequest("PUT", "/a")
    connection.putheader("X-Customer", FORM["email"])
    connection.putheader("Content-Length", "26")
    connection.endheaders()
    connection.send(b"please ring ")
    connection.send(io.BytesIO(b"the bell twice"))
    return connection.getresponse().read()


def chunked(url):
    connection = connect(url)
    connection.request("POST", "/", iter([b"ada.lovelace", b"@example.com"]), encode_chunked=True)
    return connection.getresponse().read()


def file(url):
    connection = connect(url)
    connection.request("POST", "/", io.BytesIO(b"ada.lovelace@example.com"), {"Content-Length": "24"})
    return connection.getresponse().read()


def urlopen(url):
    data = urllib.parse.urlencode({"mail": FORM["email"]}).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, {"X-Name": FORM["name"]})) as answer:
        return answer.read()


CALLS = {
    request: ("http.client", {("email", "query"), ("name", "body")}),
    piece_by_piece: ("http.client", {("email", "header"), ("note", "body")}),
    chunked: ("http.client", {("email", "body")}),
    file: ("http.client", {("email", "body")}),
    urlopen: ("urllib.request", {("email", "body"), ("name", "header")}),
}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_what_goes_out_is_matched_and_is_the_same_as_without_us(sharing, wire, call):
    assert sharing.serve(lambda: call(wire.url)) == b"ok"
    unwrap_all()
    call(wire.url)

    library, edges = CALLS[call]
    share = sharing.share.share
    assert edges <= sharing.matched()
    assert (share.library, share.host, share.port, share.status_code) == (library, "127.0.0.1", wire.port, 200)
    assert share.inspected == "full"
    assert share.payload_bytes == len(wire.received[0].body)
    with_us, without_us = wire.received
    assert with_us.unlike == without_us.unlike


def test_urllib_follows_redirects_as_calls_by_themselves(sharing, wire, other_wire):
    wire.answer = lambda request: response(302, Location=other_wire.url)
    sharing.serve(lambda: urllib.request.urlopen(wire.url + "/?q=ada.lovelace%40example.com").read())
    assert [(s.share.port, s.share.status_code) for s in sharing.shares] == [(wire.port, 302), (other_wire.port, 200)]
    assert sharing.matched(sharing.shares[1]) == set()


def test_calls_that_fail_are_recorded(sharing, wire):
    with pytest.raises(urllib.error.URLError):
        sharing.serve(lambda: urllib.request.urlopen(f"http://127.0.0.1:{refused_port()}"))
    wire.answer = lambda request: None
    with pytest.raises(http.client.RemoteDisconnected):
        sharing.serve(lambda: request(wire.url))
    assert [s.share.outcome for s in sharing.shares] == ["failed", "failed"]


def test_a_connection_that_is_closed_before_its_answer_has_sent(sharing, wire):
    def view():
        connection = connect(wire.url)
        connection.request("POST", "/", b"ada.lovelace@example.com")
        connection.close()
        connection.request("POST", "/", b"again")
        return connection.getresponse().status

    assert sharing.serve(view) == 200
    first, second = sharing.shares
    assert (first.share.outcome, first.share.status_code) == ("sent", None)
    assert sharing.matched(first) == {("email", "body")}
    assert second.share.status_code == 200


def test_errors_of_wrong_use_are_the_librarys_own(sharing):
    with pytest.raises(http.client.CannotSendHeader):
        sharing.serve(lambda: http.client.HTTPConnection("127.0.0.1").endheaders())
    with pytest.raises(socket.gaierror):
        sharing.serve(lambda: http.client.HTTPConnection("no-such-host.invalid").request("GET", "/"))
