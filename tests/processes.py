"""Processes as a user starts them: a command, an environment, a port; and waiting for what is to come true."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str, timeout_s: float = 30.0) -> T:
    """What ``condition`` gives once it is true; AssertionError names ``what`` did not come true in time."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s:g} s in vain: {what}")
        time.sleep(0.01)


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_listening(port: int) -> bool:
    """Whether a connection to a port of the loopback interface is taken."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def clean_environment(binaries: Path | None = None, **variables: str) -> dict[str, str]:
    """This process's environment without what steers Python, OpenTelemetry or us; ``binaries`` first on PATH."""
    prefixes = ("OTEL_", "PROVENANCE_", "PYTHON", "FLASK_", "VIRTUAL_ENV", "WERKZEUG_", "COVERAGE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
    if binaries is not None:
        kept["PATH"] = f"{binaries}{os.pathsep}{kept.get('PATH', '')}"
    return {**kept, **variables}


class Server:
    """A running server process; ``output`` has all that it printed so far."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._log = log

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self, how: int = signal.SIGTERM, timeout_s: float = 20.0) -> int:
        """Send a signal to the process, and wait for its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout_s)


@contextmanager
def serving(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str], port: int, log_name: str = "server.log"
) -> Iterator[Server]:
    """Start a server in ``folder``, wait until it listens, and end it with all its children."""
    log = folder / log_name
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=folder,
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(process, port, log)
    try:
        wait_until(
            lambda: is_listening(port) or process.poll() is not None, f"{command} listens on {port}: {server.output}"
        )
        assert process.poll() is None, f"{command} ended with {process.returncode}: {server.output}"
        yield server
    finally:
        try:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(10)
        except (ProcessLookupError, PermissionError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        process.wait(10)
