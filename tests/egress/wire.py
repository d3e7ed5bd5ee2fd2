"""A third party's server that keeps the exact bytes of each request that it received."""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections.abc import Callable
from typing import Any


class Received:
    """One HTTP request as it came over the wire."""

    def __init__(self, head: bytes, body: bytes, wire_body: bytes) -> None:
        self.head = head
        self.body = body
        """Without chunk framing."""
        self.raw = head + wire_body
        line, *fields = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        self.method, self.target, _ = line.split(" ", 2)
        self.fields = [tuple(field.split(": ", 1)) for field in fields]

    def header(self, name: str) -> str | None:
        for key, value in self.fields:
            if key.lower() == name.lower():
                return str(value)
        return None

    @property
    def unlike(self) -> bytes:
        """The bytes, without what differs between any two calls: boundaries and ports."""
        boundary = re.search(rb"boundary=([\w-]+)", self.head)
        raw = self.raw.replace(boundary[1], b"BOUNDARY") if boundary else self.raw
        return re.sub(rb"127\.0\.0\.1:\d+", b"HOST", raw)


def response(status: int = 200, body: bytes = b"ok", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Any", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


class WireServer:
    """Answers by ``answer(request)``; ``received`` has what came in."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.answer: Callable[[Received], bytes | None] = lambda request: response()
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer.connections += 1
                try:
                    while outer._serve_one(self.rfile, self.wfile):
                        pass
                except OSError:
                    pass

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 128

        self._server = Server((host, 0), Handler)
        self.host = host
        self.port: int = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def _serve_one(self, rfile: Any, wfile: Any) -> bool:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = rfile.readline()
            if not line:
                return False
            head += line
        if re.search(rb"(?i)\r\nexpect: *100-continue", head):
            wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = wire_body = b""
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head):
            while True:
                line = rfile.readline()
                size = int(line.split(b";")[0], 16)
                chunk = rfile.read(size)
                end = rfile.readline()
                wire_body += line + chunk + end
                body += chunk
                if not size:
                    break
        elif length:
            body = wire_body = rfile.read(int(length[1]))
            if len(body) < int(length[1]):
                return False
        request = Received(head, body, wire_body)
        self.received.append(request)
        answer = self.answer(request)
        if answer is None:  # hang up without a word
            return False
        wfile.write(answer)
        wfile.flush()
        return True

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def refused_port() -> int:
    """A port that refuses connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
