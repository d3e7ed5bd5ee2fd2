"""Processes of others: started, waited for, always stopped."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

STARTS_WITHIN_S = 30
STOPS_WITHIN_S = 10


class DidNotStart(Exception):
    """One line that says which process, and where its output is."""


class Running:
    """A process, and the file that all its output goes to."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, name: str) -> None:
        self.pid = process.pid
        self.log = log
        self._process = process
        self._name = name

    def wait_for(self, pattern: str) -> str:
        """The first group of ``pattern``, once a line of the output has it; DidNotStart if it never does."""
        deadline = time.monotonic() + STARTS_WITHIN_S
        pause = threading.Event()
        while time.monotonic() < deadline:
            ended = self._process.poll() is not None
            found = re.search(pattern, self.log.read_text(errors="replace"), re.MULTILINE)
            if found:
                return found[1]
            if ended:
                break
            pause.wait(0.02)
        raise DidNotStart(f"{self._name} did not start: see {self.log}")


@contextmanager
def running(command: Sequence[str | Path], folder: Path, log: Path, environ: Mapping[str, str]) -> Iterator[Running]:
    """A process in ``folder``; at the end it is asked to stop, and made to if it does not."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command], cwd=folder, env=environ, stdout=output, stderr=output
        )
    try:
        yield Running(process, log, " ".join(Path(part).name for part in command[:3]))
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def clean_environ() -> dict[str, str]:
    """This process's environment, without proxies and settings of Python, OpenTelemetry or the recording."""
    skipped = re.compile(r"(https?|all|no)_proxy|PROVENANCE_.*|OTEL_.*|PYTHON\w+", re.IGNORECASE)
    return {name: value for name, value in os.environ.items() if not skipped.fullmatch(name)}


def stop_children_on_sigterm() -> None:
    """Let SIGTERM unwind this process as SIGINT does, so that what it started is stopped."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
