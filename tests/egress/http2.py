"""A server that speaks HTTP/2 in the clear (RFC 9113, prior knowledge), and keeps what it received."""

from __future__ import annotations

import socket
import threading
from typing import Any

import h2.config
import h2.connection
import h2.events


class Http2Server:
    """``received`` has (headers, body) of each request; every answer is 200 with ``ok``."""

    def __init__(self) -> None:
        self.received: list[tuple[list[tuple[bytes, bytes]], bytes]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connected,), daemon=True).start()

    def _serve(self, connected: socket.socket) -> None:
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding=None))
        connection.initiate_connection()
        streams: dict[int, tuple[Any, bytearray]] = {}
        with connected:
            connected.sendall(connection.data_to_send())
            while data := connected.recv(65536):
                for event in connection.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        streams[event.stream_id] = (event.headers, bytearray())
                    elif isinstance(event, h2.events.DataReceived):
                        streams[event.stream_id][1].extend(event.data)
                        connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    elif isinstance(event, h2.events.StreamEnded):
                        headers, body = streams.pop(event.stream_id)
                        self.received.append(([(bytes(n), bytes(v)) for n, v in headers], bytes(body)))
                        connection.send_headers(event.stream_id, [(b":status", b"200"), (b"content-length", b"2")])
                        connection.send_data(event.stream_id, b"ok", end_stream=True)
                connected.sendall(connection.data_to_send())

    def stop(self) -> None:
        self._listener.close()
