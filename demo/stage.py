"""The processes of the demo: started, waited for, always stopped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTS_WITHIN_S = 30
STOPS_WITHIN_S = 10
_ROOT = Path(__file__).resolve().parent.parent


class DidNotStart(Exception):
    """One line that says which process, and where its output is."""


@contextmanager
def third_parties(folder: Path) -> Iterator[str]:
    """Their server; yields the URL of the proxy that they are reached by."""
    command = [sys.executable, "-m", "demo.third_parties", str(folder / "received.jsonl")]
    with _running(command, _ROOT, folder / "third_parties.log", dict(os.environ)) as log:
        port = _wait_for(log, r"^(\d+)\s*$")
        yield f"http://127.0.0.1:{port}"


@contextmanager
def shop(folder: Path, proxy: str) -> Iterator[str]:
    """The shop, run as its owner would: ``opentelemetry-instrument flask run``; yields its URL."""
    instrument = Path(sys.executable).with_name("opentelemetry-instrument")
    command = [str(instrument), "flask", "--app", str(_ROOT / "demo" / "shop"), "run", "--port", "0"]
    # the prefix is looked up by its own interpreter's path, and so must flask be
    environ = {
        **_without_proxies(),
        "HTTP_PROXY": proxy,
        "PATH": os.pathsep.join([str(instrument.parent), os.environ.get("PATH", "")]),
        "OTEL_SERVICE_NAME": "shop",
    }
    with _running(command, folder, folder / "shop.log", environ) as log:
        yield _wait_for(log, r"Running on (http://\S+)")


def _without_proxies() -> dict[str, str]:
    # nor settings of the recording: the demo shows what one gets without any
    skipped = re.compile(r"(https?|all|no)_proxy|PROVENANCE_.*", re.IGNORECASE)
    return {name: value for name, value in os.environ.items() if not skipped.fullmatch(name)}


class _Log:
    def __init__(self, process: subprocess.Popen[bytes], path: Path) -> None:
        self.process = process
        self.path = path


@contextmanager
def _running(command: list[str], folder: Path, log: Path, environ: dict[str, str]) -> Iterator[_Log]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=output, stderr=output)
    try:
        yield _Log(process, log)
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(log: _Log, pattern: str) -> str:
    deadline = time.monotonic() + STARTS_WITHIN_S
    pause = threading.Event()
    while time.monotonic() < deadline:
        found = re.search(pattern, log.path.read_text(errors="replace"), re.MULTILINE)
        if found:
            return found[1]
        if log.process.poll() is not None:
            break
        pause.wait(0.02)
    raise DidNotStart(f"{' '.join(log.process.args[:3])} did not start: see {log.path}")  # type: ignore[index]
