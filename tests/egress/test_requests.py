"""Calls by requests: what is recorded of them, and that the third party and the application notice nothing."""

from __future__ import annotations

import io
import json
import pickle
import traceback

import pytest
import requests
from egress.calls_by_requests import CALLS, file
from egress.sharing import FORM
from egress.wire import refused_port, response
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.auth import HTTPDigestAuth

from otel_provenance import guard
from otel_provenance.boundaries.base import unwrap_all
from otel_provenance.egress import http as egress_http
from otel_provenance.values import hash_bytes

SALT = b"a salt for tests"


named = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)


@named
def test_what_goes_out_is_matched(sharing, wire, call):
    sharing.serve(lambda: call(wire.url))

    share = sharing.share.share
    assert sharing.matched() == CALLS[call]
    assert (share.channel, share.library, share.outcome, share.status_code) == ("http", "requests", "sent", 200)
    assert (share.host, share.port, share.method) == ("127.0.0.1", wire.port, wire.received[0].method)
    assert share.inspected == "full"
    body = wire.received[0].body
    assert share.payload_bytes == (len(body) if body else None)
    assert share.payload_hash == (hash_bytes(body, SALT) if body else None)
    assert sharing.share.request_id == sharing.request.request_id


@named
def test_the_wire_carries_the_same_bytes_as_without_us(sharing, wire, call):
    sharing.serve(lambda: call(wire.url))
    unwrap_all()
    call(wire.url)

    with_us, without_us = wire.received
    assert with_us.unlike == without_us.unlike


@named
def test_nothing_personal_is_shown(sharing, wire, call):
    sharing.serve(lambda: call(wire.url))

    told = repr([dict(span.attributes) for span in sharing.exporter.spans]) + repr(
        [span.name for span in sharing.exporter.spans]
    )
    for secret in ("ada.lovelace", "Lovelace", "lovelace", "7946 0958", "79460958", "ring the bell", "sesame"):
        assert secret not in told


def test_a_header_that_an_adapter_adds_is_looked_into(sharing, wire):
    class Signing(HTTPAdapter):
        def add_headers(self, request, **options):
            request.headers["X-On-Behalf-Of"] = FORM["email"]

    def view():
        with requests.Session() as session:
            session.mount("http://", Signing())
            session.get(wire.url)

    sharing.serve(view)
    assert sharing.matched() == {("email", "header")}
    assert [match.field for match in sharing.share.matches] == ["X-On-Behalf-Of"]


def test_of_a_server_nothing_is_remembered_but_host_and_port(sharing, wire):
    requests.get(wire.url)
    known = egress_http._known_server.cache_info().currsize
    requests.get(f"http://ada:sesame@127.0.0.1:{wire.port}/")
    assert egress_http._known_server.cache_info().currsize == known
    assert [share.share.host for share in sharing.shares] == ["127.0.0.1", "127.0.0.1"]


def test_span_follows_the_http_client_conventions(sharing, wire):
    sharing.serve(lambda: requests.post(f"http://ada:pw@127.0.0.1:{wire.port}/a?token=s3cr3t#top", data=b"x"))

    span = sharing.span_of(sharing.share)
    assert span.kind.name == "CLIENT"
    assert span.name == "POST"
    assert span.attributes["url.full"] == f"http://127.0.0.1:{wire.port}/a?token=REDACTED"
    assert span.attributes["server.address"] == "127.0.0.1"
    assert span.attributes["server.port"] == wire.port
    assert span.attributes["http.request.method"] == "POST"
    assert span.attributes["http.response.status_code"] == 200


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_each_hop_of_a_redirect_is_an_event(sharing, wire, other_wire, status):
    wire.answer = lambda request: response(status, Location=other_wire.url + "/there")

    answer = sharing.serve(lambda: requests.post(wire.url, data={"mail": FORM["email"]}))

    first, second = sharing.shares
    assert (first.share.port, first.share.status_code) == (wire.port, status)
    assert (second.share.port, second.share.status_code) == (other_wire.port, 200)
    kept_body = status in (307, 308)
    assert second.share.method == ("POST" if kept_body else "GET")
    assert sharing.matched(first) == {("email", "body")}
    assert sharing.matched(second) == ({("email", "body")} if kept_body else set())
    assert [r.url for r in answer.history] == [wire.url + "/"]
    spans = [sharing.span_of(first), sharing.span_of(second)]
    assert spans[0].parent.span_id == spans[1].parent.span_id


def test_a_file_is_rewound_for_a_redirect(sharing, wire, other_wire):
    wire.answer = lambda request: response(307, Location=other_wire.url)
    stream = io.BytesIO(b"header\nada.lovelace@example.com")
    stream.seek(7)

    sharing.serve(lambda: requests.post(wire.url, data=stream))

    assert [r.body for r in (*wire.received, *other_wire.received)] == [b"ada.lovelace@example.com"] * 2
    assert [sharing.matched(share) for share in sharing.shares] == [{("email", "body")}] * 2


def test_retries_are_one_call_and_send_the_same_bytes(sharing, wire):
    answers = iter([response(503, Retry_After="0"), None, response(200)])
    wire.answer = lambda request: next(answers)
    from urllib3.util.retry import Retry

    def view():
        with requests.Session() as session:
            retries = Retry(3, status_forcelist=[503], allowed_methods=None, backoff_factor=0)
            session.mount("http://", HTTPAdapter(max_retries=retries))
            return session.put(wire.url, data=io.BytesIO(b"ada.lovelace@example.com"))

    assert sharing.serve(view).status_code == 200
    assert [request.body for request in wire.received] == [b"ada.lovelace@example.com"] * 3
    share = sharing.share.share
    assert (share.status_code, share.payload_bytes) == (200, 24)


def test_digest_auth_sends_twice_and_both_are_known(sharing, wire):
    def answer(request):
        if request.header("Authorization"):
            return response(200)
        return response(401, WWW_Authenticate='Digest realm="r", nonce="n", qop="auth", algorithm=MD5')

    wire.answer = answer
    auth = HTTPDigestAuth("ada.lovelace@example.com", "open sesame")
    answer = sharing.serve(lambda: requests.post(wire.url, data=io.BytesIO(FORM["name"].encode()), auth=auth))

    assert answer.status_code == 200
    assert [request.body for request in wire.received] == [b"Ada Lovelace"] * 2
    first, second = sharing.shares
    assert (first.share.status_code, second.share.status_code) == (401, 200)
    assert sharing.matched(second) == {("email", "auth"), ("name", "body")}
    assert isinstance(answer.request.body, io.BytesIO)


def test_bodies_and_headers_are_as_the_application_made_them(sharing, wire):
    stream = io.BytesIO(b"ada.lovelace@example.com")
    request = requests.Request("POST", wire.url, data=stream).prepare()
    headers = request.headers

    with requests.Session() as session:
        answer = sharing.serve(lambda: session.send(request))

    assert request.body is stream
    assert request.headers is headers
    assert answer.request is request


def test_prepared_requests_stay_picklable(sharing, wire):
    def view():
        with requests.Session() as session:
            return session.send(requests.Request("POST", wire.url, json={"mail": FORM["email"]}).prepare())

    answer = sharing.serve(view)
    assert pickle.loads(pickle.dumps(answer.request)).url == wire.url + "/"
    assert pickle.loads(pickle.dumps(answer)).status_code == 200


def test_an_unprepared_request_is_requests_own_error(sharing, wire):
    with pytest.raises(ValueError, match="You can only send PreparedRequests"):
        sharing.serve(lambda: requests.Session().send(requests.Request("GET", wire.url)))
    assert sharing.shares == []


def test_a_wrong_use_is_pythons_own_error(sharing):
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'request'"):
        sharing.serve(lambda: requests.Session().send())


@pytest.mark.parametrize(
    ("url", "error", "outcome"),
    [
        ("http://127.0.0.1:{refused}/", requests.ConnectionError, "failed"),
        ("{wire}/hang-up", requests.ConnectionError, "failed"),
        ("{wire}/slow", requests.ReadTimeout, "failed"),
        ("ftp://example.com/x", requests.exceptions.InvalidSchema, "blocked"),
    ],
)
def test_a_call_that_fails_is_recorded(sharing, wire, url, error, outcome):
    import threading

    release = threading.Event()

    def answer(request):
        if request.target == "/slow":
            release.wait(10)
        return None

    wire.answer = answer
    url = url.format(refused=refused_port(), wire=wire.url)
    with pytest.raises(error) as raised:
        sharing.serve(lambda: requests.post(url, data={"mail": FORM["email"]}, timeout=(5, 0.2)))
    release.set()

    share = sharing.share
    assert (share.share.outcome, share.share.status_code) == (outcome, None)
    assert sharing.matched() == {("email", "body")}
    assert sharing.span_of(share).attributes["error.type"].endswith(error.__name__)
    if outcome == "failed":
        assert raised.value.request.body == "mail=ada.lovelace%40example.com"
    assert "otel_provenance" not in "".join(traceback.format_exception_only(raised.value))


def test_an_error_has_the_same_cause_chain_as_without_us(sharing):
    url = f"http://127.0.0.1:{refused_port()}/"

    def chain():
        with pytest.raises(requests.ConnectionError) as raised:
            requests.get(url)
        error, kinds = raised.value, []
        while error is not None:
            kinds.append((type(error), error.__suppress_context__))
            error = error.__cause__ or error.__context__
        return kinds

    with_us = sharing.serve(chain)
    unwrap_all()
    assert with_us == chain()


def test_a_generator_that_raises_ends_the_call_as_it_did(sharing, wire):
    def chunks():
        yield b"ada.lovelace@example.com"
        raise RuntimeError("disk gone")

    with pytest.raises(RuntimeError, match="disk gone"):
        sharing.serve(lambda: requests.post(wire.url, data=chunks()))
    assert sharing.share.share.outcome == "failed"
    assert sharing.matched() == {("email", "body")}


def test_a_stream_is_consumed_once_by_the_client_as_it_sends(sharing, wire):
    taken = []

    def chunks():
        for n in range(3):
            taken.append((n, len(wire.received)))
            yield b"x"

    body = chunks()
    sharing.serve(lambda: requests.post(wire.url, data=body))
    assert wire.received[0].header("Transfer-Encoding") == "chunked"
    assert wire.received[0].raw.endswith(b"1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n0\r\n\r\n")
    assert [n for n, _ in taken] == [0, 1, 2]
    assert list(body) == []


def test_a_body_past_the_limit_is_passed_on_and_inspected_in_part(sharing, wire):
    body = b"ada.lovelace@example.com " + b"x" * 300_000

    sharing.serve(lambda: requests.post(wire.url, data=io.BytesIO(body)))

    assert wire.received[0].body == body
    share = sharing.share.share
    assert (share.inspected, share.inspected_reason) == ("partial", "too_large")
    assert share.payload_bytes == len(body)
    assert share.payload_hash is None
    assert sharing.matched() == {("email", "body")}


def test_a_streamed_answer_stays_unread(sharing, wire):
    wire.answer = lambda request: response(200, b"a" * 10)

    def view():
        with requests.get(wire.url, stream=True) as answer:
            assert not answer._content_consumed
            return next(answer.iter_content(4))

    assert sharing.serve(view) == b"aaaa"


class Unreachable(BaseAdapter):
    def __init__(self):
        super().__init__()
        self.sent = []

    def send(self, request, **options):
        self.sent.append(request)
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 202, request.url, request
        answer.raw = io.BytesIO()
        return answer

    def close(self):
        pass


def test_a_transport_of_ones_own_is_recorded_too(sharing):
    def view():
        with requests.Session() as session:
            session.mount("carrier+pigeon://", Unreachable())
            return session.post("carrier+pigeon://loft/", data={"mail": FORM["email"]}).status_code

    assert sharing.serve(view) == 202
    assert sharing.share.share.status_code == 202
    assert sharing.matched() == {("email", "body")}


class Sealed(requests.Response):
    @property
    def status_code(self):
        raise RuntimeError("a stand-in that tells nothing")

    @status_code.setter
    def status_code(self, value):
        pass


def test_an_answer_that_cannot_be_looked_at_is_handed_on(sharing, monkeypatch):
    class Sealing(Unreachable):
        def send(self, request, **options):
            answer = Sealed()
            answer.url, answer.request, answer._content = request.url, request, b""
            return answer

    def view():
        with requests.Session() as session:
            session.mount("carrier+pigeon://", Sealing())
            return type(session.post("carrier+pigeon://loft/", data={"mail": FORM["email"]}))

    monkeypatch.setattr(guard, "strict", False)
    assert sharing.serve(view) is Sealed
    assert sharing.share.share.status_code is None
    assert sharing.matched() == {("email", "body")}


def test_a_stream_that_a_mock_does_not_read_is_said_to_be_uninspected(sharing):
    def view():
        with requests.Session() as session:
            session.mount("carrier+pigeon://", Unreachable())
            stream = io.BytesIO(b"ada.lovelace@example.com")
            session.post("carrier+pigeon://loft/", data=stream)
            return stream.tell()

    assert sharing.serve(view) == 0
    assert (sharing.share.share.inspected, sharing.share.share.inspected_reason) == ("none", "stream")


def test_responses_keeps_mocking(sharing):
    import responses

    def view():
        with responses.RequestsMock() as mock:
            mock.post("https://api.example.org/v1", json={"id": 7})
            stream = io.BytesIO(b"x")
            answer = requests.post("https://api.example.org/v1", data={"mail": FORM["email"]})
            requests.post("https://api.example.org/v1", data=stream)
            assert mock.calls[0].request.body == "mail=ada.lovelace%40example.com"
            assert mock.calls[1].request.body == b"x"  # it reads the file itself
            return answer.json()

    assert sharing.serve(view) == {"id": 7}
    assert sharing.shares[0].share.host == "api.example.org"
    assert sharing.matched(sharing.shares[0]) == {("email", "body")}


def test_calls_in_a_response_hook_are_calls_by_themselves(sharing, wire, other_wire):
    def notify(answer, **_):
        requests.post(other_wire.url, data={"mail": FORM["email"]})

    sharing.serve(lambda: requests.get(wire.url, hooks={"response": notify}))
    assert [share.share.port for share in sharing.shares] == [wire.port, other_wire.port]


def test_a_call_outside_requests_is_recorded_without_one(sharing, wire):
    requests.post(wire.url, json={"mail": "x"})
    assert sharing.share.request_id is None
    assert sharing.share.share.outcome == "sent"


def test_a_fault_of_ours_harms_nothing(sharing, wire, monkeypatch):
    from otel_provenance import guard
    from otel_provenance.boundaries import http_calls
    from otel_provenance.spans import calls

    monkeypatch.setattr(guard, "strict", False)

    def broken(*args, **kwargs):
        raise RuntimeError("ours")

    for place, name in [
        (calls, "match_tags"),
        (calls, "hash_bytes"),
        (http_calls, "tee"),
        (http_calls, "http_event"),
        (http_calls, "outgoing_headers"),
        (http_calls, "begin_call"),
        (http_calls, "headers_of"),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(place, name, broken)
            answer = sharing.serve(lambda: file(wire.url))
        assert answer.status_code == 200, name
        assert wire.received[-1].body == b"mail ada.lovelace@example.com to confirm"


def test_many_matches_are_split_over_spans_and_none_is_lost(sharing, wire):
    fields = {f"field{n}": f"value number {n}" for n in range(1500)}
    sharing.serve(lambda: requests.post(wire.url, data=json.dumps(fields)), form=fields)
    assert {m.tag_id for facts in sharing.shares for m in facts.matches} == set(sharing.fields)
    assert len({facts.share for facts in sharing.shares}) == 1
