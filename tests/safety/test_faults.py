"""Each part of ours is made to fail in turn: the application answers the same, and the fault is counted."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator
from typing import Any

import flask
import pytest
from kept import Kept
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from otel_provenance import guard, status
from otel_provenance.boundaries.base import install, unwrap_all
from otel_provenance.boundaries.flask import BOUNDARY
from otel_provenance.settings import Settings
from otel_provenance.spans import runtime as runtimes

# what runs inside a hook; a name that no longer exists fails the test
INSIDE = [
    "otel_provenance.boundaries.flask.hooks:runtime",
    "otel_provenance.boundaries.flask.hooks:here",
    "otel_provenance.boundaries.flask.hooks:begin",
    "otel_provenance.boundaries.flask.hooks:ServedIterable",
    "otel_provenance.boundaries.flask.hooks:signed_in_user",
    "otel_provenance.boundaries.flask.serving:RequestScope.open",
    "otel_provenance.boundaries.flask.serving:Serving.tag_parts",
    "otel_provenance.boundaries.flask.reading:RequestBody.tag_form",
    "otel_provenance.boundaries.flask.reading:RequestBody.tag_json",
    "otel_provenance.boundaries.flask.answer:Answer.see_response",
    "otel_provenance.boundaries.flask.serving:Serving.see_error",
    "otel_provenance.boundaries.flask.answer:Answer.see_chunk",
    "otel_provenance.boundaries.flask.reading:RequestBody.read_untouched",
    "otel_provenance.boundaries.flask.serving:RequestRecord",
    "otel_provenance.boundaries.flask.serving:records_of",
    "otel_provenance.boundaries.flask.serving:request_attributes",
    "otel_provenance.ingress:query",
    "otel_provenance.ingress:raw_body",
    "otel_provenance.tags:TagSet.add",
    "otel_provenance.tags:TagSet.add_all",
    "otel_provenance.spans.plain:PlainSpan.set_attributes",
    "otel_provenance.spans.runtime:Runtime.start_span",
    "otel_provenance.spans.scope:current_scope",
]


class Broken(SpanExporter):
    def export(self, spans: Any) -> SpanExportResult:
        raise OSError("the store is gone")


def shop() -> flask.Flask:
    app = flask.Flask("shop")
    app.secret_key = "k"

    @app.post("/form/<int:n>")
    def form(n: int) -> Any:
        return flask.jsonify(n, sorted(flask.request.form.items(multi=True)), list(flask.request.files))

    @app.post("/json")
    def json() -> Any:
        return flask.jsonify(flask.request.json)

    @app.post("/raw")
    def raw() -> Any:
        return flask.request.get_data()

    @app.post("/untouched")
    def untouched() -> Any:
        return "ok"

    @app.get("/stream")
    def stream() -> Any:
        return flask.Response(iter(["one", "two"]))

    @app.get("/fails")
    def fails() -> Any:
        raise RuntimeError("no")

    return app


def answers() -> list[tuple[int, list[tuple[str, str]], bytes]]:
    client = shop().test_client()
    client.set_cookie("theme", "dark")
    got = [
        client.post("/form/7?q=1", data={"name": "Ada", "cv": (io.BytesIO(b"born 1815"), "cv.txt")}),
        client.post("/json", json={"who": "Ada"}),
        client.post("/json", data=b"{", content_type="application/json"),
        client.post("/raw", data=b"hello"),
        client.post("/untouched", json={"a": 1}),
        client.get("/stream"),
        client.get("/fails"),
        client.get("/nothing"),
    ]
    return [(response.status_code, list(response.headers), response.data) for response in got]


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    unwrap_all()
    status.hooked.pop("flask", None)
    yield
    runtimes.replace(None)


@pytest.fixture
def expected(recording: None) -> list[tuple[int, list[tuple[str, str]], bytes]]:
    return answers()


def record_with(exporter: SpanExporter) -> None:
    install(BOUNDARY)
    runtimes.replace(runtimes.Runtime(Settings(hash_salt="s"), lambda _settings, _salt: exporter))


def fail(*args: Any, **kwargs: Any) -> Any:
    raise ZeroDivisionError("a fault of ours")


@pytest.mark.parametrize("target", INSIDE)
def test_a_fault_inside_a_hook_is_not_seen(expected, monkeypatch, target):
    module_name, _, names = target.partition(":")
    owner: Any = importlib.import_module(module_name)
    *path, last = names.split(".")
    for name in path:
        owner = getattr(owner, name)
    record_with(Kept())
    monkeypatch.setattr(guard, "faults", {})
    monkeypatch.setattr(owner, last, fail)

    assert answers() == expected

    places = {place for place, kind in guard.faults if kind == "ZeroDivisionError"}
    assert places or last == "current_scope", f"{target} was never reached"


def test_a_broken_store_is_not_seen(expected, monkeypatch):
    record_with(Broken())
    monkeypatch.setattr(guard, "faults", {})

    assert answers() == expected

    assert ("spans.record", "OSError") in guard.faults


def test_without_a_fault_all_is_the_same_too(expected):
    record_with(Kept())
    assert answers() == expected


def test_a_fault_is_logged_once_and_without_its_text(recording, caplog, monkeypatch):
    monkeypatch.setattr(guard, "faults", {})

    @guard.guarded("somewhere")
    def hook() -> None:
        raise ValueError("ada@example.org")

    hook()
    hook()

    assert guard.faults == {("somewhere", "ValueError"): 2}
    (entry,) = caplog.records
    assert "ada@example.org" not in entry.getMessage()
    assert entry.exc_info is None


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_ends_the_application_passes(ending):
    @guard.guarded("somewhere")
    def hook() -> None:
        raise ending

    with pytest.raises(ending):
        hook()
