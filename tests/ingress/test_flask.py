"""What a request brings in, as a Flask application reads it."""

from __future__ import annotations

import gc
import io
import weakref

import flask
import pytest
from opentelemetry import baggage
from opentelemetry.trace import StatusCode
from werkzeug.exceptions import ClientDisconnected
from werkzeug.test import create_environ, run_wsgi_app

from otel_provenance.spans.scope import RequestScope
from otel_provenance.values import hash_value

SALT = b"a salt for tests"


def served(app, stream, length):
    """POST with a stream that nothing reads before the application; the test client would measure it."""
    environ = create_environ("/", method="POST", content_type="application/json")
    environ |= {"wsgi.input": stream, "CONTENT_LENGTH": str(length)}
    body, _status, _headers = run_wsgi_app(app, environ, buffered=True)
    return b"".join(body)


def test_every_part_of_a_request_becomes_a_tag(recording):
    app = recording.app

    @app.post("/users/<int:user_id>")
    def update(user_id):
        return {"name": flask.request.form["name"]}

    client = app.test_client()
    client.set_cookie("theme", "dark")
    response = client.post("/users/7?ref=mail&ref=web&empty=", data={"name": "Ada", "email": " Ada@Example.com "})

    assert response.json == {"name": "Ada"}
    tags = recording.tags
    assert set(tags) == {
        ("path", "user_id"),
        ("query", "ref"),
        ("query", "empty"),
        ("cookie", "theme"),
        ("form", "name"),
        ("form", "email"),
    }
    assert [t.value_hash for f in recording.facts for t in f.tags if t.field == "ref"] == [
        hash_value("mail", SALT),
        hash_value("web", SALT),
    ]
    assert tags["form", "email"].value_hash == hash_value("ada@example.com", SALT)
    assert tags["path", "user_id"].value_type == "int"
    assert "Ada" not in (tags["form", "name"].preview or "")
    request = recording.request
    assert (request.method, request.path, request.route) == ("POST", "/users/7", "/users/<int:user_id>")
    assert (request.status_code, request.response_type) == (200, "application/json")
    assert request.response_bytes == len(response.data)
    assert request.inspected == "full"


def test_json_bodies_are_tagged_by_dotted_path(recording):
    @recording.app.post("/")
    def view():
        return {"n": len(flask.request.json)}

    recording.app.test_client().post("/", json={"user": {"emails": ["a@b.cc", "d@e.ff"], "age": 41, "vip": None}})

    assert {field: tag.value_type for (_, field), tag in recording.tags.items()} == {
        "user.emails.0": "str",
        "user.emails.1": "str",
        "user.age": "int",
        "user.vip": "null",
    }


@pytest.mark.parametrize("read", ["get_data", "stream", "input", "lines"])
def test_a_body_that_the_app_parses_itself_is_teed(recording, read):
    @recording.app.post("/")
    def view():
        if read == "get_data":
            body = flask.request.get_data()
        elif read == "stream":
            body = flask.request.stream.read()
        elif read == "input":
            body = flask.request.environ["wsgi.input"].read(17)
        else:
            body = b"".join(flask.request.environ["wsgi.input"])
        return body

    response = recording.app.test_client().post("/", data=b'{"who": "Ada L."}', content_type="application/json")

    assert response.data == b'{"who": "Ada L."}'
    assert recording.tags["json", "who"].value_hash == hash_value("Ada L.", SALT)


@pytest.mark.parametrize(
    ("data", "content_type", "key"),
    [
        (b'{"who": "Ada"}', "application/json", ("json", "who")),
        (b"who=Ada+L", "application/x-www-form-urlencoded", ("form", "who")),
    ],
)
def test_a_body_that_the_view_never_touched_is_read_after_it(recording, data, content_type, key):
    seen = []

    @recording.app.post("/")
    def view():
        seen.append(recording.tags)
        return "ok"

    recording.app.test_client().post("/", data=data, content_type=content_type)

    assert seen == [{}]
    assert key in recording.tags
    assert recording.request.inspected == "full"


def test_an_untouched_body_can_still_be_read_afterwards(recording):
    @recording.app.post("/")
    def view():
        return "ok"

    with recording.app.test_client() as client:  # keeps the request's context
        client.post("/", data={"name": "Ada"})
        assert ("form", "name") in recording.tags
        assert flask.request.form["name"] == "Ada"


def test_an_untouched_body_stays_unread_where_the_request_failed(recording):
    @recording.app.post("/")
    def view():
        flask.abort(404)

    stream = io.BytesIO(b'{"who": "Ada"}')
    served(recording.app, stream, 14)

    assert stream.tell() == 0
    assert (recording.request.inspected, recording.request.inspected_reason) == ("none", "unread")


def test_malformed_json_is_the_apps_own_error_and_said_in_the_record(recording):
    @recording.app.post("/")
    def view():
        return flask.request.json

    response = recording.app.test_client().post("/", data=b'{"who": ', content_type="application/json")

    assert response.status_code == 400
    assert (recording.request.inspected, recording.request.inspected_reason) == ("partial", "malformed_json")
    assert ("body", "") in recording.tags


def test_too_large_a_body_is_passed_on_and_said_in_the_record(recording):
    @recording.app.post("/")
    def view():
        return str(len(flask.request.get_data()))

    response = recording.app.test_client().post("/", data=b"x" * 200_000, content_type="text/plain")

    assert response.data == b"200000"
    assert (recording.request.inspected, recording.request.inspected_reason) == ("none", "too_large")


def test_uploaded_files_have_name_and_content(recording):
    @recording.app.post("/")
    def view():
        upload = flask.request.files["cv"]
        return {"at": upload.stream.tell(), "text": upload.read().decode()}

    response = recording.app.test_client().post("/", data={"cv": (io.BytesIO(b"Ada Lovelace, born 1815"), "cv.txt")})

    assert response.json == {"at": 0, "text": "Ada Lovelace, born 1815"}
    assert recording.tags["file", "cv"].value_type == "str"
    assert recording.tags["file", "cv.filename"].value_hash == hash_value("cv.txt", SALT)


def test_a_client_that_goes_away_raises_where_the_app_reads(recording):
    @recording.app.post("/")
    def view():
        try:
            flask.request.get_data()
        except ClientDisconnected:
            return "gone"

    assert served(recording.app, io.BytesIO(b'{"a"'), 50) == b"gone"
    assert recording.request.inspected != "full"


def test_baggage_grows_with_the_tags_and_is_gone_after_the_request(recording):
    @recording.app.post("/")
    def view():
        before = str(baggage.get_baggage("provenance.tags")).split()
        flask.request.form  # noqa: B018 - reading it is what parses it
        after = str(baggage.get_baggage("provenance.tags")).split()
        return {"id": baggage.get_baggage("provenance.request_id"), "before": before, "after": after}

    response = recording.app.test_client().post("/?q=1", data={"name": "Ada"})

    assert response.json["id"] == recording.request.request_id
    assert response.json["before"] == [recording.tags["query", "q"].tag_id]
    assert response.json["after"] == [recording.tags["query", "q"].tag_id, recording.tags["form", "name"].tag_id]
    assert baggage.get_all() == {}


def test_forged_baggage_and_unsampled_traceparent_change_nothing(recording):
    @recording.app.get("/")
    def view():
        return {k: str(v) for k, v in baggage.get_all().items()}

    response = recording.app.test_client().get(
        "/?q=hello",
        headers={
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "baggage": "provenance.request_id=forged,provenance.tags=forged,shop=berlin",
        },
    )

    assert response.json["provenance.request_id"] == recording.request.request_id
    assert "shop" not in response.json  # the application is not traced: it would pass on what a client sent
    assert recording.request.parent_request_id is None
    assert f"{recording.exporter.spans[-1].context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"


def test_a_view_that_raises_is_recorded_without_personal_data(recording):
    @recording.app.get("/")
    def view():
        raise ValueError("no such customer: " + flask.request.args["email"])

    response = recording.app.test_client().get("/?email=ada@example.com")

    assert response.status_code == 500
    assert recording.request.error == "ValueError: no such xxxxxxxx: xxx@xxxxxxx.xxx"
    assert recording.request.status_code == 500


def test_an_error_that_propagates_reaches_the_server_and_the_record(recording):
    recording.app.testing = True

    @recording.app.get("/")
    def view():
        raise KeyError("x")

    with pytest.raises(KeyError):
        recording.app.test_client().get("/")
    assert recording.request.error == "KeyError (x): 'x'"
    assert recording.request.status_code is None
    assert recording.exporter.spans[-1].status.status_code is StatusCode.ERROR


def test_a_streamed_response_keeps_its_context_its_close_and_its_pace(recording):
    closed = []
    produced = []

    def chunks():
        try:
            for part in ("one,", "two"):
                produced.append(part)
                yield part + str(baggage.get_baggage("provenance.request_id") is not None)
        finally:
            closed.append(True)

    @recording.app.get("/")
    def view():
        return flask.Response(chunks(), mimetype="text/csv")

    response = recording.app.test_client().get("/", buffered=False)
    iterator = iter(response.response)
    assert next(iterator) == b"one,True"
    assert produced == ["one,"]
    assert recording.facts == []  # the request is not over
    assert b"".join(iterator) == b"twoTrue"
    response.close()

    assert closed == [True]
    assert recording.request.response_bytes == len(b"one,TruetwoTrue")


@pytest.mark.parametrize(
    ("session", "headers", "expected"),
    [
        ({"_user_id": "7", "username": "ada"}, {}, "7"),
        ({"username": "ada"}, {}, "ada"),
        ({}, {"Authorization": "Basic YWRhOnNlY3JldA=="}, "ada"),
        ({}, {}, None),
    ],
)
def test_the_signed_in_user(recording, session, headers, expected):
    recording.app.secret_key = "k"

    @recording.app.get("/")
    def view():
        return "ok"

    accessed = []

    @recording.app.teardown_request
    def look(error):
        context = flask.globals._cv_request.get()
        accessed.append(vars(context).get("_session", vars(context).get("session")).accessed)

    client = recording.app.test_client()
    with client.session_transaction() as stored:
        stored.update(session)
    response = client.get("/", headers=headers)

    assert recording.request.user_id == expected
    assert "Vary" not in response.headers  # looking did not count as access
    assert not any(accessed)


def test_an_untrusted_host_is_still_a_400(recording):
    recording.app.config["TRUSTED_HOSTS"] = ["example.org"]

    @recording.app.get("/")
    def view():
        return flask.request.host

    assert recording.app.test_client().get("/", base_url="http://evil.test").status_code == 400


def test_the_application_object_is_freed_as_before(recording):
    app = flask.Flask("gone")
    app.test_client().get("/")
    reference = weakref.ref(app)
    gc.collect()
    gc.disable()
    try:
        del app
        freed = reference() is None
    finally:
        gc.enable()
    assert freed


def test_middleware_and_mounts_count_once(recording):
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    inner = flask.Flask("inner")

    @inner.get("/x")
    def view():
        return "inner"

    recording.app.wsgi_app = DispatcherMiddleware(recording.app.wsgi_app, {"/mount": inner})
    response = recording.app.test_client().get("/mount/x?q=1")

    assert response.data == b"inner"
    assert recording.request.path == "/mount/x"
    assert recording.request.route == "/x"


def test_many_tags_are_split_over_spans_and_none_is_lost(recording):
    @recording.app.post("/")
    def view():
        return str(len(flask.request.json))

    recording.app.test_client().post("/", json=[f"value {n}" for n in range(2500)])

    assert len(recording.tags) == 2500
    assert len(recording.exporter.spans) == 3


def test_field_names_that_are_data_are_not_recorded(recording):
    @recording.app.post("/")
    def view():
        return {"n": len(flask.request.json)}

    recording.app.test_client().post("/?ada@example.org=1", json={"consents": {"ada@example.org": True}})

    assert set(recording.tags) == {("query", "xxx@xxxxxxx.xxx"), ("json", "xxxxxxxx.xxx@xxxxxxx.xxx")}
    assert not any("ada@" in str(span.attributes) for span in recording.exporter.spans)


def test_what_a_request_brought_in_is_freed_with_it(recording):
    @recording.app.post("/")
    def view():
        return {"n": len(flask.request.json)}

    def scopes():
        return sum(type(thing) is RequestScope for thing in gc.get_objects())

    client = recording.app.test_client()
    client.post("/", json={"who": "Ada"})
    gc.collect()
    before = scopes()
    gc.disable()
    try:
        client.post("/", json={"who": "Ada"})
        left = scopes()
    finally:
        gc.enable()
    assert left == before


def test_an_error_tells_nothing_of_what_came_in_nor_of_the_statement(recording):
    @recording.app.post("/")
    def view():
        name = flask.request.form["name"]
        raise ValueError(
            f"duplicate key ({name.upper()}) already exists.\n[SQL: INSERT ...]\n[parameters: ('x@y.zz',)]"
        )

    recording.app.test_client().post("/", data={"name": " Ada Lovelace "})

    assert recording.request.error == "ValueError: duplicate key ( XXX XXXXXXXX ) xxxxxxx xxxxxx."
