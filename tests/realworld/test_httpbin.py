"""httpbin echoes every kind of request: it must answer byte for byte as it does alone, and all must be recorded."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from environments import environment, project_wheel
from processes import Server
from realworld.conftest import SALT, Answer, ask, gunicorn, rows

from otel_provenance.values import hash_value

FORM = "application/x-www-form-urlencoded"
NESTED = {"user": {"emails": ["ada@example.com", "lovelace@example.com"], "age": 36, "vip": True, "note": None}}
MULTIPART = (
    b'--frontier\r\nContent-Disposition: form-data; name="title"\r\n\r\nNotes on the engine\r\n'
    b'--frontier\r\nContent-Disposition: form-data; name="upload"; filename="notes.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nThe engine weaves algebra\r\n--frontier--\r\n"
)

Tags = dict[tuple[str, str], Any]


@dataclass(frozen=True)
class Case:
    """A request, and what the record must say of it."""

    name: str
    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    tags: Tags = field(default_factory=dict)
    inspected: tuple[str, str | None] = ("full", None)


def typed(media_type: str, **more: str) -> dict[str, str]:
    return {"Content-Type": media_type, **more}


CASES = [
    Case("query", "GET", "/get?a=1&a=2&empty=&q=ada+lovelace", tags={("query", "a"): "2", ("query", "empty"): "",
         ("query", "q"): "ada lovelace"}),
    Case("path", "GET", "/base64/SGVsbG8gd29ybGQ=", tags={("path", "value"): "SGVsbG8gd29ybGQ="}),
    Case("cookies", "GET", "/cookies", headers={"Cookie": 'flavour=oatmeal; quoted="a b"'},
         tags={("cookie", "flavour"): "oatmeal", ("cookie", "quoted"): "a b"}),
    Case("form", "POST", "/post", b"name=Ada+Lovelace&city=London", typed(FORM),
         {("form", "name"): "Ada Lovelace", ("form", "city"): "London"}),
    Case("form, PUT", "PUT", "/put", b"name=Ada+Lovelace", typed(FORM), {("form", "name"): "Ada Lovelace"}),
    Case("form, undecodable", "POST", "/post", b"name=%ff%fe", typed(FORM), {("form", "name"): "%FF%FE"}),
    Case("json", "POST", "/post", json.dumps(NESTED).encode(), typed("application/json"),
         {("json", "user.emails.0"): "ada@example.com", ("json", "user.emails.1"): "lovelace@example.com",
          ("json", "user.age"): 36, ("json", "user.vip"): True, ("json", "user.note"): None}),
    Case("json, PATCH, list", "PATCH", "/patch", b'["Ada", 7.5]', typed("application/json; charset=utf-8"),
         {("json", "0"): "Ada", ("json", "1"): 7.5}),
    Case("json, malformed", "POST", "/post", b'{"name": "Ada', typed("application/json"),
         {("body", ""): '{"name": "Ada'}, ("partial", "malformed_json")),
    Case("json, empty", "POST", "/post", b"", typed("application/json")),
    Case("json, chunked", "POST", "/post", [b'{"name": ', b'"Ada Lovelace"}'], typed("application/json"),
         {("json", "name"): "Ada Lovelace"}),
    Case("json, on DELETE", "DELETE", "/delete", b'{"why": "moved away"}', typed("application/json"),
         {("json", "why"): "moved away"}),
    Case("text", "POST", "/post", "Grüße an Ada".encode(), typed("text/plain; charset=utf-8"),
         {("body", ""): "Grüße an Ada"}),
    Case("binary", "POST", "/post", bytes(range(256)), typed("application/octet-stream"),
         {("body", ""): bytes(range(256))}),
    Case("multipart", "POST", "/post", MULTIPART, typed("multipart/form-data; boundary=frontier"),
         {("form", "title"): "Notes on the engine", ("file", "upload.filename"): "notes.txt",
          ("file", "upload"): "The engine weaves algebra"}),
    Case("multipart, truncated", "POST", "/anything", MULTIPART[:150], typed("multipart/form-data; boundary=frontier"),
         {("form", "title"): "Notes on the engine"}, ("partial", "malformed_form")),
    Case("gzip", "POST", "/post", gzip.compress(b'{"name": "Ada Lovelace"}', mtime=0),
         typed("application/json", **{"Content-Encoding": "gzip"}), {("json", "name"): "Ada Lovelace"}),
    Case("deflate", "POST", "/post", zlib.compress(b"Ada Lovelace"),
         typed("text/plain", **{"Content-Encoding": "deflate"}), {("body", ""): "Ada Lovelace"}),
    Case("too large", "POST", "/post", b"x" * 1_100_000, typed("text/plain"), inspected=("none", "too_large")),
    Case("head", "HEAD", "/get?q=ada+lovelace", tags={("query", "q"): "ada lovelace"}),
    Case("not found", "GET", "/nowhere?q=ada+lovelace", tags={("query", "q"): "ada lovelace"}),
    Case("not allowed", "POST", "/get", b"name=Ada", typed(FORM), inspected=("none", "unread")),
    Case("expectation", "POST", "/post", b"name=Ada+Lovelace", typed(FORM, Expect="100-continue"),
         {("form", "name"): "Ada Lovelace"}),
    Case("streamed", "GET", "/stream/3", tags={("path", "n"): 3}),
    Case("streamed bytes", "GET", "/stream-bytes/4000?seed=1&chunk_size=100",
         tags={("path", "n"): 4000, ("query", "seed"): "1", ("query", "chunk_size"): "100"}),
    Case("dripping", "GET", "/drip?duration=0&numbytes=5&delay=0",
         tags={("query", "duration"): "0", ("query", "numbytes"): "5", ("query", "delay"): "0"}),
    Case("range", "GET", "/range/64", headers={"Range": "bytes=8-15"}, tags={("path", "numbytes"): 64}),
    Case("redirect", "GET", "/redirect/2", tags={("path", "n"): 2}),
    Case("redirect elsewhere", "POST", "/redirect-to", b"url=https://example.org/?who=ada", typed(FORM),
         {("form", "url"): "https://example.org/?who=ada"}),
    Case("teapot", "GET", "/status/418", tags={("path", "codes"): "418"}),
    Case("unauthorized", "GET", "/basic-auth/ada/secret", tags={("path", "user"): "ada", ("path", "passwd"): "secret"}),
    Case("authorized", "GET", "/basic-auth/ada/secret", headers={"Authorization": "Basic YWRhOnNlY3JldA=="},
         tags={("path", "user"): "ada", ("path", "passwd"): "secret"}),
    Case("cookie set", "GET", "/cookies/set/flavour/oatmeal",
         tags={("path", "name"): "flavour", ("path", "value"): "oatmeal"}),
    Case("headers of the response", "GET", "/response-headers?X-Who=Ada", tags={("query", "X-Who"): "Ada"}),
    Case("gzip of the response", "GET", "/encoding/utf8"),
    Case("image", "GET", "/image/png"),
    Case("bytes", "GET", "/bytes/64?seed=7", tags={("path", "n"): 64, ("query", "seed"): "7"}),
    Case("options", "OPTIONS", "/get"),
]  # fmt: skip


@dataclass
class Run:
    """Each case's answer, and where the record is."""

    answers: list[Answer]
    folder: Path


def play(server: Server) -> list[Answer]:
    return [ask(server, case.method, case.path, case.headers, case.body) for case in CASES]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    binaries = environment("httpbin", [str(project_wheel()), "httpbin==0.10.*", "gunicorn"])
    folder = tmp_path_factory.mktemp("httpbin")
    found = []
    for name, recording in (("alone", False), ("recorded", True)):
        with gunicorn(binaries, "httpbin:app", folder / name, recording=recording, PYTHONHASHSEED="0") as server:
            found.append(Run(play(server), folder / name))
            assert server.stop() == 0
            assert "otel-provenance" not in server.output
    return found[0], found[1]


def test_nothing_is_there_where_it_is_disabled(runs: tuple[Run, Run]) -> None:
    assert {path.name for path in runs[0].folder.iterdir()} == {"server.log"}


@pytest.mark.parametrize("at", range(len(CASES)), ids=[case.name for case in CASES])
def test_answers_as_it_does_alone(runs: tuple[Run, Run], at: int) -> None:
    alone, recorded = runs
    assert recorded.answers[at] == alone.answers[at]


@pytest.mark.parametrize("at", range(len(CASES)), ids=[case.name for case in CASES])
def test_what_came_in_is_recorded(runs: tuple[Run, Run], at: int) -> None:
    case, (_, recorded) = CASES[at], runs
    requests = rows(recorded.folder, "SELECT * FROM requests ORDER BY started_at")
    assert len(requests) == len(CASES)
    (request_id,) = rows(recorded.folder, "SELECT request_id FROM requests ORDER BY started_at LIMIT 1 OFFSET ?", at)[0]
    (said,) = rows(
        recorded.folder,
        "SELECT method, path, status_code, inspected, inspected_reason FROM requests WHERE request_id = ?",
        request_id,
    )
    shown = case.path.partition("?")[0].replace("/ada/secret", "/ada/***")  # the route calls it a password
    assert said == (case.method, shown, recorded.answers[at].status, *case.inspected)
    tags = rows(recorded.folder, "SELECT source, field, value_hash FROM data_events WHERE request_id = ?", request_id)
    found = {(source, field): value_hash for source, field, value_hash in tags}
    assert found == {where: hash_value(value, SALT.encode()) for where, value in case.tags.items()}
    assert not rows(recorded.folder, "SELECT * FROM losses")
