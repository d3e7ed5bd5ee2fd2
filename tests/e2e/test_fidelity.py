"""The same bytes in, the same bytes out: twin servers, one of which records."""

from __future__ import annotations

import re
import shutil
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from e2e.conftest import Record
from processes import Server, clean_environment, free_port, serving

BOUNDARY = "x1y2"


def multipart(*, truncated: bool = False) -> bytes:
    text = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="cv"; filename="cv.txt"\r\n'
        f"Content-Type: text/plain\r\n\r\nborn 1815\r\n--{BOUNDARY}--\r\n"
    )
    return text.encode()[: -20 if truncated else None]


def request(
    line: str, body: bytes = b"", content_type: str | None = None, *headers: str, length: int | None = None
) -> bytes:
    head = [f"{line} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
    if content_type is not None:
        head.append(f"Content-Type: {content_type}")
    if body or length is not None:
        head.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def chunked(line: str, body: bytes, content_type: str) -> bytes:
    head = f"{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {content_type}\r\n"
    pieces = b"".join(b"%x\r\n%b\r\n" % (len(body[at : at + 7]), body[at : at + 7]) for at in range(0, len(body), 7))
    return head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n"


FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MIXED = f"multipart/form-data; boundary={BOUNDARY}"

# name → (raw request, (inspected, reason) that the record must say; None where no request reaches Flask)
CASES: dict[str, tuple[bytes, tuple[str, str | None]]] = {
    "form": (request("POST /form", b"a=1&b=%C3%A4&a=2", FORM), ("full", None)),
    "form in latin-1": (request("POST /form", b"a=%E4", f"{FORM}; charset=latin-1"), ("full", None)),
    "form, undecodable": (request("POST /form", b"a=\xff\xfe", FORM), ("full", None)),
    "multipart": (request("POST /form", multipart(), MIXED), ("full", None)),
    "multipart, truncated": (request("POST /form", multipart(truncated=True), MIXED), ("partial", "malformed_form")),
    "multipart without a boundary": (request("POST /form", multipart(), "multipart/form-data"), ("partial", None)),
    "json": (request("POST /json", b'{"who": {"name": "Ada"}}', JSON), ("full", None)),
    "json, malformed": (request("POST /json", b'{"who": ', JSON), ("partial", "malformed_json")),
    "json, wrong charset": (request("POST /json", '{"a": "ä"}'.encode("latin-1"), JSON), ("partial", "malformed_json")),
    "json, forgiven": (request("POST /forgiving", b"{", JSON), ("partial", "malformed_json")),
    "json, untyped": (request("POST /json", b"{}", "text/plain"), ("none", "unread")),
    "json with DELETE": (request("DELETE /json", b'["x"]', JSON), ("full", None)),
    "json, chunked": (chunked("POST /json", b'{"who": "Ada Lovelace"}', JSON), ("full", None)),
    "raw": (request("PUT /raw", b"hello world", "text/plain"), ("full", None)),
    "raw, binary": (request("PUT /raw", bytes(range(256)), "application/octet-stream"), ("full", None)),
    "raw, empty": (request("PUT /raw", b"", "text/plain", length=0), ("full", None)),
    "raw with GET": (request("GET /raw", b"unusual", "text/plain"), ("full", None)),
    "stream": (request("POST /stream", b"x" * 200_000, "application/octet-stream"), ("full", None)),
    "stream, chunked": (chunked("POST /stream", b"y" * 5_000, "application/octet-stream"), ("full", None)),
    "lines": (request("POST /lines", b"one\ntwo\n", "text/plain"), ("full", None)),
    "untouched form": (request("POST /untouched", b"a=1", FORM), ("full", None)),
    "untouched json": (request("POST /untouched", b'{"a": 1}', JSON), ("full", None)),
    "untouched text": (request("POST /untouched", b"hello", "text/plain"), ("none", "unread")),
    "untouched, streamed answer": (request("POST /ignored/500", b'{"a": 1}', JSON), ("full", None)),
    "expect 100-continue": (request("POST /json", b'{"a": 1}', JSON, "Expect: 100-continue"), ("full", None)),
    "too large": (request("POST /form", b"a=" + b"x" * 400_000, FORM), ("none", "unread")),
    "larger than the view allows": (request("POST /small", b"a=" + b"x" * 100, FORM), ("none", "unread")),
    "404": (request("POST /nothing", b"a=1", FORM), ("none", "unread")),
    "405": (request("DELETE /form", b"a=1", FORM), ("none", "unread")),
    "routing redirect": (request("GET /redirect"), ("full", None)),
    "options": (request("OPTIONS /json"), ("full", None)),
    "head": (request("HEAD /environ?a=1"), ("full", None)),
    "a view that raises": (request("GET /fails"), ("full", None)),
    "a stream that raises": (request("GET /stream-fails"), ("full", None)),
    "a file": (request("GET /file"), ("full", None)),
    "a file, conditional": (request("GET /file", b"", None, "Range: bytes=0-9"), ("full", None)),
    "an environ": (request("GET /environ"), ("full", None)),
    "an async view": (request("GET /async?q=%FF&r=a&r=b"), ("full", None)),
    "streamed with context": (request("GET /stream-context?q=Ada"), ("full", None)),
    "a broken cookie": (request("GET /environ", b"", None, "Cookie: a=b; ;=; c"), ("full", None)),
    "a query of bytes": (request("GET /environ?%ff=%fe&&=&a"), ("full", None)),
}


# it gives wsgi.input no end, and does not answer before it could send to a client that still sends
WAITS_FOR_EVER_ON_THE_DEVELOPMENT_SERVER = {"lines", "too large"}


class Twins(NamedTuple):
    kind: str
    bare: Server
    recorded: Server
    record: Record


@pytest.fixture(scope="module", params=["gunicorn", "gthread", "gevent", "flask"])
def twins(request, installed, tmp_path_factory) -> Iterator[Twins]:
    folder: Path = tmp_path_factory.mktemp(request.param)
    shutil.copy(Path(__file__).with_name("fidelity_app.py"), folder / "app.py")
    with ExitStack() as stack:
        servers = []
        for name, disable in (("bare", "1"), ("recorded", "0")):
            port = free_port()
            environ = clean_environment(installed, PROVENANCE_DISABLE=disable, PYTHONHASHSEED="0")
            kind = {"gunicorn": "sync"}.get(request.param, request.param)
            command = ["gunicorn", "--worker-class", kind, "--bind", f"127.0.0.1:{port}", "app:app"]
            if request.param == "flask":
                command = ["flask", "run", "--port", str(port)]
            line = [installed / command[0], *command[1:]]
            servers.append(stack.enter_context(serving(line, folder, environ, port, f"{name}.log")))
        yield Twins(request.param, *servers, Record(folder / "runtime_provenance.db"))


def answer(port: int, raw: bytes, *, hang_up_after: int | None = None) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(raw if hang_up_after is None else raw[:hang_up_after])
        if hang_up_after is not None:
            client.shutdown(socket.SHUT_WR)
        received = b""
        try:
            while data := client.recv(65536):
                received += data
        except ConnectionResetError:  # the server closed with a body unread
            received += b"<reset>"
    return re.sub(rb"(?m)^(Date|Last-Modified|ETag): .*\r$", b"", received).replace(b"<reset>", b"")


@pytest.mark.parametrize("name", list(CASES))
def test_the_same_bytes_go_out(twins, name):
    raw, (inspected, reason) = CASES[name]
    if twins.kind == "flask" and name in WAITS_FOR_EVER_ON_THE_DEVELOPMENT_SERVER:
        pytest.skip("the development server itself never answers this")
    before = len(twins.record.rows("SELECT 1 FROM requests"))

    assert answer(twins.recorded.port, raw) == answer(twins.bare.port, raw)

    row = twins.record.wait_for("SELECT inspected, inspected_reason FROM requests ORDER BY request_id", before + 1)[-1]
    assert row["inspected"] == inspected
    if reason is not None:
        assert row["inspected_reason"] == reason


def test_a_client_that_goes_away(twins):
    raw = request("POST /form", b"a=1234567890", FORM)
    before = len(twins.record.rows("SELECT 1 FROM requests"))

    assert answer(twins.recorded.port, raw, hang_up_after=len(raw) - 5) == answer(
        twins.bare.port, raw, hang_up_after=len(raw) - 5
    )

    row = twins.record.wait_for("SELECT inspected FROM requests ORDER BY request_id", before + 1)[-1]
    assert row["inspected"] in ("partial", "none")


def test_the_record_knows_no_fault_of_ours(twins):
    urllib.request.urlopen(f"{twins.recorded.url}/environ", timeout=20).read()
    twins.record.wait_for("SELECT 1 FROM requests")
    assert [tuple(row) for row in twins.record.rows("SELECT reason, kind FROM losses")] == []
    assert "otel-provenance" not in twins.recorded.output
