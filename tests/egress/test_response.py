"""The response as a place where data goes."""

from __future__ import annotations

import flask
import pytest
from egress.sharing import FORM

from otel_provenance.settings import Settings


def get(app, **options):
    return app.test_client().post("/", data=FORM, environ_base={"REMOTE_ADDR": "192.0.2.7"}, **options)


def app_with(view):
    app = flask.Flask("shop")
    app.post("/")(view)
    return app


def echo():
    answer = flask.jsonify(user={"mail": flask.request.form["email"]})
    answer.set_cookie("who", "Ada Lovelace")
    return answer


def stream():
    mail = flask.request.form["email"]
    return flask.Response((part for part in (mail[:5], mail[5:])), mimetype="text/plain")


def test_it_is_not_by_default(sharing):
    get(app_with(echo))
    assert sharing.shares == []


class TestSwitchedOn:
    @pytest.fixture
    def settings(self):
        return Settings(hash_salt="a salt for tests", capture_responses=True)

    def test_body_and_headers_are_matched(self, sharing):
        answer = get(app_with(echo))
        share = sharing.share.share
        assert sharing.matched() == {("email", "body"), ("name", "header")}
        assert (share.channel, share.library, share.host, share.status_code) == ("response", "flask", "192.0.2.7", 200)
        assert (share.payload_type, share.payload_bytes) == ("application/json", len(answer.data))
        assert sharing.share.request_id == sharing.request.request_id

    def test_a_streamed_response_is_teed(self, sharing):
        assert get(app_with(stream)).data == FORM["email"].encode()
        assert sharing.matched() == {("email", "body")}

    def test_a_file_is_said_to_be_uninspected(self, sharing, tmp_path):
        path = tmp_path / "x.txt"
        path.write_text(FORM["email"])
        get(app_with(lambda: flask.send_file(path)))
        assert (sharing.share.share.inspected, sharing.share.share.inspected_reason) == ("none", "stream")

    def test_an_error_page_is_recorded(self, sharing):
        get(app_with(lambda: flask.abort(404, flask.request.form["email"])))
        assert sharing.share.share.status_code == 404
