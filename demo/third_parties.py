"""Stand-ins for who the shop sends data to: pay.example, crm.example, ads.example and llm.example.

python -m demo.third_parties RECEIVED.jsonl

One local server plays them all: it is the shop's HTTP proxy (HTTP_PROXY), so that each is called by its own
name, and nothing leaves the machine. It prints its port, and writes down all that it receives, as the truth
that the record is compared with.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


def crm(body: str) -> tuple[int, Any]:
    return 201, {"contact": "c-1"}


def pay(body: str) -> tuple[int, Any]:
    if parse_qs(body)["source[number]"][0].endswith("0002"):
        return 402, {"error": "declined"}
    return 200, {"id": "ch_7Qm2", "paid": True}


def ads(body: str) -> tuple[int, Any]:
    return 200, {"num_received": len(json.loads(body)["data"])}


def llm(body: str) -> tuple[int, Any]:
    said = "Your order is on its way: it will be with you tomorrow."
    return 200, {"object": "chat.completion", "choices": [{"message": {"role": "assistant", "content": said}}]}


HOSTS = {"crm.example": crm, "pay.example": pay, "ads.example": ads, "llm.example": llm}


class ThirdParties(BaseHTTPRequestHandler):
    """Answers for every host, by the absolute URL that a proxy is asked for (RFC 9112, section 3.2.2)."""

    protocol_version = "HTTP/1.1"
    received = Path("received.jsonl")

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        status, answer = HOSTS[url.hostname](body) if url.hostname in HOSTS else (502, {"error": "no such host"})
        with self.received.open("a") as log:
            log.write(json.dumps({"host": url.hostname, "path": url.path, "body": body}) + "\n")
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the story is on the terminal."""


if __name__ == "__main__":
    ThirdParties.received = Path(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), ThirdParties)
    print(server.server_port, flush=True)
    server.serve_forever()
