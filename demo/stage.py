"""What the demo runs: the shop, as its owner would, and its third parties."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.processes import clean_environ, running

_ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def third_parties(folder: Path) -> Iterator[str]:
    """Their server; yields the URL of the proxy that they are reached by."""
    command = [sys.executable, "-m", "demo.third_parties", folder / "received.jsonl"]
    with running(command, _ROOT, folder / "third_parties.log", clean_environ()) as process:
        port = process.wait_for(r"^(\d+)\s*$")
        yield f"http://127.0.0.1:{port}"


@contextmanager
def shop(folder: Path, proxy: str) -> Iterator[str]:
    """The shop under ``opentelemetry-instrument flask run``, with no setting at all; yields its URL."""
    programs = Path(sys.executable).parent
    command = [programs / "opentelemetry-instrument", "flask", "--app", _ROOT / "demo" / "shop", "run", "--port", "0"]
    environ = {
        **clean_environ(),
        "HTTP_PROXY": proxy,
        "PATH": os.pathsep.join([str(programs), os.environ.get("PATH", "")]),
    }
    with running(command, folder, folder / "shop.log", environ) as process:
        yield process.wait_for(r"Running on (http://\S+)")
