"""A WebSocket as Flask-Sock serves it: it works as it does alone, and the record says that its frames were not seen."""

from __future__ import annotations

import base64
import os
import socket
from contextlib import closing
from pathlib import Path

import pytest
from environments import environment, project_wheel
from realworld.conftest import ask, gunicorn, rows

APPLICATION = """
from flask import Flask
from flask_sock import Sock

app = Flask(__name__)
sock = Sock(app)

@sock.route("/echo")
def echo(websocket):
    websocket.send("heard " + websocket.receive())
    websocket.close()

@app.get("/page")
def page():
    return "page"
"""


def said_over_a_websocket(port: int, path: str, text: str) -> bytes:
    """All that the server sends in answer to one masked frame (RFC 6455, section 5)."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as client:
        key = base64.b64encode(os.urandom(16)).decode()
        client.sendall(
            f"GET {path} HTTP/1.1\r\nHost: app.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        received = b""
        while b"\r\n\r\n" not in received:
            received += client.recv(4096)
        client.sendall(bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text.encode())
        while b"\x88" not in received and (more := client.recv(4096)):
            received += more
        client.sendall(bytes((0x88, 0x82, 0, 0, 0, 0)) + b"\x03\xe8")
        return received


@pytest.mark.slow
def test_the_frames_of_a_websocket_are_said_to_be_unseen(tmp_path: Path) -> None:
    binaries = environment("websocket", [str(project_wheel()), "flask-sock==0.7.*", "gunicorn"])
    answers = []
    for name, recording in (("alone", False), ("recorded", True)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "app.py").write_text(APPLICATION)
        with gunicorn(binaries, "app:app", folder, recording=recording, GUNICORN_CMD_ARGS="--threads 4") as server:
            answers.append(said_over_a_websocket(server.port, "/echo?who=Ada", "hello").partition(b"\r\n\r\n")[2])
            ask(server, "GET", "/page", {"Upgrade": "h2c"})
            ask(server, "GET", "/nowhere", {"Upgrade": "websocket"})
            assert server.stop() == 0
    assert b"heard hello" in answers[0]
    assert answers[1] == answers[0]
    query = "SELECT path, status_code, error, inspected, inspected_reason FROM requests ORDER BY path"
    assert rows(tmp_path / "recorded", query) == [
        ("/echo", None, None, "partial", "stream"),
        ("/nowhere", 404, None, "full", None),
        ("/page", 200, None, "full", None),
    ]
