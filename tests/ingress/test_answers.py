"""How a request ended, where that is not for Flask to say: layers around it, connections that are taken over."""

from __future__ import annotations

import pytest
from werkzeug.test import Client


@pytest.mark.parametrize("raises", ["view", "teardown"])
def test_what_a_layer_around_flask_answers_is_not_guessed(recording, raises):
    recording.app.config["PROPAGATE_EXCEPTIONS"] = True

    @recording.app.get("/")
    def view():
        if raises == "view":
            raise LookupError("gone")
        return "ok"

    @recording.app.teardown_request
    def teardown(_error):
        if raises == "teardown":
            raise LookupError("gone")

    def around(environ, start_response):
        try:
            return recording.app(environ, start_response)
        except LookupError:
            start_response("404 NOT FOUND", [])
            return [b"gone"]

    assert Client(around).get("/").status_code == 404
    assert (recording.request.status_code, recording.request.error) == (None, "LookupError: xxxx")
    assert recording.request.response_type is None


@pytest.mark.parametrize(("path", "inspected"), [("/", ("partial", "stream")), ("/nowhere", ("full", None))])
def test_of_a_websocket_only_its_request_is_seen(recording, path, inspected):
    @recording.app.route("/", websocket=True)
    def view():
        return "", 101

    recording.app.test_client().get(path, headers={"Upgrade": "WebSocket", "Connection": "Upgrade"})

    assert (recording.request.inspected, recording.request.inspected_reason) == inspected
