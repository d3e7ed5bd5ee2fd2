"""What the record says, command by command, as a newcomer would ask."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from demo.cast import EMAIL

RECORD = "runtime_provenance.db"


def tell_story(folder: Path) -> None:
    """Run each command in ``folder``, and show it as it would be typed there."""
    checkout = _request_id(folder, "POST", "/checkout", 201)
    support = _request_id(folder, "POST", "/support", 200)
    for why, command in (
        ("What the shop was asked", ["requests"]),
        ("One request: what came in, where it was stored, where it was sent", ["show", checkout[:_SHORT]]),
        ("A question to a language model takes the customer's name and address along", ["show", support[:_SHORT]]),
        ("Each outgoing call, newest first", ["share", "--limit", "6"]),
        ("All flows, from the field of a route to the column or the host that it ends in", ["flows"]),
        ("Zoë has closed her account: where is her e-mail address still?", ["trace", EMAIL]),
    ):
        title(why)
        shown = ["otel-provenance", *command]
        print(f"$ {' '.join(shown)}\n", flush=True)
        subprocess.run(_cli(*command), cwd=folder, check=True)


def title(text: str) -> None:
    """A heading of the story."""
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("", "")
    print(f"\n{bold}── {text} {'─' * max(3, min(100, shutil.get_terminal_size().columns) - len(text) - 4)}{plain}")


_SHORT = 18  # characters of a request id: enough to be unique here


def _cli(*command: str) -> list[str]:
    return [sys.executable, "-m", "otel_provenance.cli", *command]


def _request_id(folder: Path, method: str, path: str, status: int) -> str:
    found = ask(folder, "requests", "--method", method, "--path", path)
    ids: Iterator[str] = (row["request_id"] for row in found if row["status_code"] == status)
    return next(ids)


def ask(folder: Path, *command: str) -> Sequence[dict[str, Any]]:
    """What the CLI answers, as data."""
    done = subprocess.run(_cli(*command, "--format", "json"), cwd=folder, check=True, stdout=subprocess.PIPE)
    rows: Sequence[dict[str, Any]] = json.loads(done.stdout)
    return rows
