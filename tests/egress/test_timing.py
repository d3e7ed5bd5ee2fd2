"""A body is consumed as it is sent, piece by piece: nothing is read ahead, nothing is held back."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading

import aiohttp
import httpx
import pytest
import requests
import urllib3

FIRST, SECOND = b"ada.lovelace@", b"example.com"


class Listener:
    """Says when the first piece of a body has come, while the rest is not sent yet."""

    def __init__(self):
        self.first_came = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        connected, _ = self._listener.accept()
        with connected:
            received = b""
            while not received.endswith(b"\r\n0\r\n\r\n"):  # the last chunk
                data = connected.recv(65536)
                if not data:
                    return
                received += data
                if FIRST in received:
                    self.first_came.set()
            connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    def pieces(self):
        yield FIRST
        assert self.first_came.wait(20), "the first piece was held back"
        yield SECOND

    async def async_pieces(self):
        for piece in self.pieces():
            yield piece
            await asyncio.sleep(0)


def by_requests(listener):
    return requests.post(listener.url, data=listener.pieces()).status_code


def by_urllib3(listener):
    return urllib3.PoolManager().urlopen("POST", listener.url, body=listener.pieces(), chunked=True).status


def by_httpx(listener):
    return httpx.post(listener.url, content=listener.pieces()).status_code


def by_http_client(listener):
    connection = http.client.HTTPConnection("127.0.0.1", listener.port)
    connection.request("POST", "/", listener.pieces(), encode_chunked=True)
    return connection.getresponse().status


def by_aiohttp(listener):
    async def pieces():
        yield FIRST
        await asyncio.to_thread(listener.first_came.wait, 20)
        assert listener.first_came.is_set()
        yield SECOND

    async def call():
        async with aiohttp.ClientSession() as session, session.post(listener.url, data=pieces()) as answer:
            return answer.status

    return asyncio.run(call())


@pytest.mark.parametrize("call", [by_requests, by_urllib3, by_httpx, by_http_client, by_aiohttp])
def test_the_first_piece_arrives_before_the_second_is_asked_for(sharing, call):
    listener = Listener()
    assert sharing.serve(lambda: call(listener)) == 200
    assert sharing.matched() == {("email", "body")}


def twice_by_requests(url):
    with requests.Session() as session:
        return [session.post(url, data=iter([FIRST])).text, session.get(url).text]


def twice_by_urllib3(url):
    with urllib3.PoolManager() as manager:
        return [manager.request("POST", url, body=FIRST).data.decode(), manager.request("GET", url).data.decode()]


def twice_by_httpx(url):
    with httpx.Client() as client:
        return [client.post(url, content=iter([FIRST])).text, client.get(url).text]


def twice_by_http_client(url):
    connection = http.client.HTTPConnection("127.0.0.1", int(url.rpartition(":")[2]))
    found = []
    for method in ("POST", "GET"):
        connection.request(method, "/", FIRST if method == "POST" else None)
        found.append(connection.getresponse().read().decode())
    connection.close()
    return found


def twice_by_aiohttp(url):
    async def call():
        async with aiohttp.ClientSession() as session:
            found = []
            for data in (FIRST, None):
                async with session.post(url, data=data) as answer:
                    found.append(await answer.text())
            return found

    return asyncio.run(call())


@pytest.mark.parametrize(
    "call", [twice_by_requests, twice_by_urllib3, twice_by_httpx, twice_by_http_client, twice_by_aiohttp]
)
def test_a_connection_is_kept_and_used_again(sharing, wire, call):
    assert sharing.serve(lambda: call(wire.url)) == ["ok", "ok"]
    assert wire.connections == 1
    assert len(sharing.shares) == 2


def test_an_answer_before_the_end_of_the_body_is_said_in_the_record(sharing):
    """A server may answer before it has read everything: what was sent until then is known."""
    listener = socket.create_server(("127.0.0.1", 0))
    answered = threading.Event()

    def serve():
        connected, _ = listener.accept()
        with connected:
            connected.recv(65536)
            connected.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            answered.set()
            connected.settimeout(5)
            try:
                while connected.recv(65536):
                    pass
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()

    def pieces():
        yield b"ada.lovelace@example.com "
        answered.wait(10)
        yield b"please ring the bell twice"

    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    assert sharing.serve(lambda: requests.post(url, data=pieces())).status_code == 413
    assert ("email", "body") in sharing.matched()
    assert sharing.share.share.status_code == 413
    listener.close()
