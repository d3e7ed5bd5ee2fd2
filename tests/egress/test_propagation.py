"""What may travel along with a call, and what a service makes of what it receives."""

from __future__ import annotations

import time

import flask
import httpx
import pytest
import requests
import urllib3
from egress.sharing import FORM
from egress.wire import response
from opentelemetry import baggage, propagate
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import attach, detach
from opentelemetry.propagators.composite import CompositePropagator

from otel_provenance import passport, status
from otel_provenance.settings import Settings
from otel_provenance.spans import propagator
from otel_provenance.spans.trace_context import is_tracing_asked

SALT = b"a salt for tests"


def by_requests(url):
    return requests.post(url, data={"mail": FORM["email"]})


def by_httpx(url):
    return httpx.post(url, data={"mail": FORM["email"]})


def by_urllib3(url):
    return urllib3.request("POST", url, body=b"x")


def by_urllib(url):
    import urllib.request

    return urllib.request.urlopen(url, b"x").read()


def by_aiohttp(url):
    import asyncio

    import aiohttp

    async def call():
        async with aiohttp.ClientSession() as session, session.post(url, data=b"x") as answer:
            return await answer.read()

    return asyncio.run(call())


EVERY_CLIENT = pytest.mark.parametrize("call", [by_requests, by_httpx, by_urllib3, by_urllib, by_aiohttp])


@pytest.fixture
def app_baggage():
    token = attach(baggage.set_baggage("shop", "berlin"))
    yield
    detach(token)


@pytest.fixture
def tracing(monkeypatch):
    monkeypatch.setenv("OTEL_PROPAGATORS", "tracecontext,baggage")
    is_tracing_asked.cache_clear()


def headers_of(request):
    return {name: request.header(name) for name in ("traceparent", "baggage") if request.header(name)}


@EVERY_CLIENT
def test_by_default_nothing_travels(sharing, wire, app_baggage, call):
    sharing.serve(lambda: call(wire.url))
    assert headers_of(wire.received[0]) == {}


@EVERY_CLIENT
def test_trace_context_and_the_applications_baggage_go_where_tracing_was_asked_for(
    sharing, wire, app_baggage, tracing, call
):
    sharing.serve(lambda: call(wire.url))

    sent = headers_of(wire.received[0])
    assert sent["baggage"] == "shop=berlin"
    span = sharing.span_of(sharing.share)
    assert sent["traceparent"][3:52] == f"{span.context.trace_id:032x}-{span.context.span_id:016x}"
    assert int(sent["traceparent"][53:], 16) & 1  # or the next service's own tracing would be switched off


@EVERY_CLIENT
def test_no_propagators_at_all_are_harmless(sharing, wire, monkeypatch, call):
    monkeypatch.setenv("OTEL_PROPAGATORS", "none")
    monkeypatch.setattr(propagate, "_HTTP_TEXT_FORMAT", CompositePropagator([]))
    is_tracing_asked.cache_clear()
    sharing.serve(lambda: call(wire.url))
    assert headers_of(wire.received[0]) == {}


def test_whoever_injects_ours_stay_at_home(sharing, app_baggage):
    def view():
        assert baggage.get_baggage("provenance.request_id")
        carrier, by_hand = {}, {}
        propagate.inject(carrier)
        W3CBaggagePropagator().inject(by_hand)
        return carrier["baggage"], by_hand["baggage"], baggage.get_baggage("provenance.request_id") is not None

    assert sharing.serve(view) == ("shop=berlin", "shop=berlin", True)


class TestAllowedHosts:
    @pytest.fixture
    def settings(self):
        return Settings(hash_salt="a salt for tests", propagate_hosts=("127.0.0.1",))

    @EVERY_CLIENT
    def test_request_and_tags_go_to_an_allowed_host(self, sharing, wire, call):
        sharing.serve(lambda: call(wire.url))

        sent = headers_of(wire.received[0])
        assert set(sent) == {"baggage"}
        read = passport.read(sent["baggage"], SALT, int(time.time()))
        assert read.request_id == sharing.request.request_id
        assert {tag.tag_id for tag in read.tags} == set(sharing.fields)

    @EVERY_CLIENT
    def test_other_hosts_get_nothing(self, sharing, wire, call):
        url = wire.url.replace("127.0.0.1", "localhost")
        sharing.serve(lambda: call(url))
        assert headers_of(wire.received[0]) == {}

    def test_the_applications_own_header_is_kept(self, sharing, wire):
        sharing.serve(lambda: requests.get(wire.url, headers={"Baggage": "cart=7;p=1, a=b"}))
        assert wire.received[0].header("baggage").startswith("cart=7;p=1,a=b,provenance.request_id=")
        assert len([name for name, _ in wire.received[0].fields if name.lower() == "baggage"]) == 1

    def test_with_tracing_all_of_it_is_one_header(self, sharing, wire, app_baggage, tracing):
        sharing.serve(lambda: requests.get(wire.url))
        assert wire.received[0].header("baggage").startswith("shop=berlin,provenance.request_id=")
        assert wire.received[0].header("traceparent")

    @pytest.mark.parametrize("call", [by_requests, lambda url: httpx.post(url, follow_redirects=True)])
    def test_a_redirect_to_another_host_takes_nothing_along(self, sharing, wire, other_wire, call):
        wire.answer = lambda request: response(307, Location=other_wire.url.replace("127.0.0.1", "localhost"))
        sharing.serve(lambda: call(wire.url))
        assert "provenance.request_id" in wire.received[0].header("baggage")
        assert headers_of(other_wire.received[0]) == {}

    def test_urllib3_takes_nothing_along_either(self, sharing, wire, other_wire):
        wire.answer = lambda request: response(307, Location=other_wire.url.replace("127.0.0.1", "localhost"))
        sharing.serve(lambda: urllib3.PoolManager().request("POST", wire.url, body=b"x"))
        assert wire.received[0].header("baggage")
        assert headers_of(other_wire.received[0]) == {}

    def test_the_request_object_shows_no_header_of_ours(self, sharing, wire):
        answer = sharing.serve(lambda: requests.get(wire.url))
        assert "baggage" not in answer.request.headers

    def test_tags_of_the_service_before_are_passed_on_too(self, sharing, wire):
        _, (mail,), header = issued(["ada.lovelace@example.com"])
        sharing.serve(lambda: requests.get(wire.url), form={"city": "Paris"}, headers={"baggage": header})

        read = passport.read(wire.received[0].header("baggage"), SALT, int(time.time()))
        assert read.request_id == sharing.request.request_id
        assert {tag.tag_id for tag in read.tags} == {mail.tag_id, *sharing.fields}

    def test_outside_of_requests_nothing_is_said(self, sharing, wire):
        requests.get(wire.url)
        assert headers_of(wire.received[0]) == {}

    def test_what_does_not_fit_is_counted(self, sharing, wire):
        status.take_losses()
        sharing.serve(lambda: requests.get(wire.url), form={f"f{n}": f"value {n}" for n in range(400)})
        assert status.take_losses()["baggage_full", "upstream"] == 400 - len(
            passport.read(wire.received[0].header("baggage"), SALT, int(time.time())).tags
        )


@pytest.mark.parametrize(
    ("url", "hosts", "allowed"),
    [
        ("http://api.example.org/x", ("api.example.org",), True),
        ("http://API.Example.org:81/x", ("api.example.org",), True),
        ("http://api.example.org:81/x", ("api.example.org:81",), True),
        ("http://api.example.org/x", ("api.example.org:81",), False),
        ("http://a.b.example.org/x", ("*.example.org",), True),
        ("http://example.org/x", ("*.example.org",), False),
        ("http://evil-example.org/x", ("*.example.org", "example.org"), False),
        ("http://example.org.evil.net/", ("example.org",), False),
        ("http://example.org@evil.net/", ("example.org",), False),
        ("http://[::1]:5000/", ("::1",), True),
        ("http://[bad", ("bad",), False),
        ("http://example.org/", (), False),
    ],
)
def test_which_hosts_are_allowed(url, hosts, allowed):
    assert propagator.is_allowed(url, hosts) is allowed


class Downstream:
    """Posts a form to a service that gets a baggage header."""

    def __init__(self, sharing):
        self.sharing = sharing

    def serve(self, header, view=lambda: None, form=None):
        return self.sharing.serve(view, form=form or {}, headers={"baggage": header})


@pytest.fixture
def downstream(sharing):
    status.take_losses()
    return Downstream(sharing)


def issued(values, salt=SALT, at=None):
    from egress.test_passport import tags_of

    from otel_provenance.identifiers import new_request_id

    request_id = new_request_id()
    tags = tags_of(request_id, values)
    return (
        request_id,
        tags,
        passport.issue(request_id, tags, salt, at or int(time.time()), "shop=berlin")[0],
    )


def test_signed_baggage_makes_the_caller_the_parent_and_links_its_tags(downstream, wire):
    request_id, (mail, _), header = issued(["ada.lovelace@example.com", "Ada Lovelace"])

    downstream.serve(
        header, lambda: requests.post(wire.url, json={"hello": "mail ada.lovelace@example.com"}), {"m": FORM["email"]}
    )

    sharing = downstream.sharing
    assert sharing.request.parent_request_id == request_id
    found = {match.tag_id: match for match in sharing.share.matches}
    (own,) = sharing.fields
    assert found[mail.tag_id].kind == found[own].kind == "contains"
    assert set(found) == {mail.tag_id, own}


def test_a_value_that_did_not_come_in_again_is_known_by_its_hash(downstream, wire):
    _, (mail, _name), header = issued(["ada.lovelace@example.com", "Ada Lovelace"])
    downstream.serve(header, lambda: requests.post(wire.url, json={"to": "Ada.Lovelace@example.com "}))
    assert {match.tag_id for match in downstream.sharing.share.matches} == {mail.tag_id}


@pytest.mark.parametrize("traced", [True, False])
def test_what_a_client_sends_is_passed_on_only_where_tracing_is_used(downstream, wire, monkeypatch, traced):
    if traced:
        monkeypatch.setenv("OTEL_PROPAGATORS", "tracecontext,baggage")
        is_tracing_asked.cache_clear()
    _, _, header = issued(["Ada"])

    def view():
        injected = {}
        propagate.inject(injected)  # as an SDK of someone else's does
        return dict(baggage.get_all()), injected

    seen, injected = downstream.serve(header, view)
    assert seen.get("shop") == ("berlin" if traced else None)
    assert set(injected) == ({"traceparent", "baggage"} if traced else set())
    assert seen["provenance.request_id"] == downstream.sharing.request.request_id
    assert "provenance.signature" not in seen


@pytest.mark.parametrize(
    ("header", "loss"),
    [
        (lambda: issued(["Ada"], salt=b"of someone else")[2], "baggage_forged"),
        (lambda: "provenance.request_id=01a20c45-8a46-73b5-9ff4-4e27649aa7e7", "baggage_forged"),
        (lambda: issued(["Ada"], at=int(time.time()) - 90_000)[2], "baggage_expired"),
        (lambda: issued(["Ada"])[2] + ",x=" + "y" * 9000, "baggage_oversized"),
    ],
)
def test_baggage_that_is_not_to_be_trusted_is_ignored_and_counted(downstream, header, loss):
    downstream.serve(header())
    assert downstream.sharing.request.parent_request_id is None
    assert status.take_losses() == {(loss, "upstream"): 1}


def test_flask_serves_with_no_propagators_at_all(sharing, monkeypatch):
    monkeypatch.setattr(propagate, "_HTTP_TEXT_FORMAT", CompositePropagator([]))
    app = flask.Flask("shop")
    app.get("/")(lambda: "ok")
    header = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "baggage": "a=b"}
    assert app.test_client().get("/", headers=header).data == b"ok"
