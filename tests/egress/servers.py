"""Servers that the tests need: the running one if it answers, else one of our own, else a skip that says why."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from processes import free_port, is_listening, wait_until


def cannot(reason: str) -> NoReturn:
    """Skip, or fail where CI=true: there nothing may be left out in silence."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """``redis://host:port`` of a Redis server."""
    if _is_redis(6379):
        yield "redis://127.0.0.1:6379"
        return
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if binary is None:
        cannot("no Redis answers on 127.0.0.1:6379, and redis-server is not installed")
    port = free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_listening(port), "redis-server listens")
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _is_redis(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as probe:
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
    except OSError:
        return False
