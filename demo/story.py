"""What the record says, command by command, as a newcomer would ask."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from demo.cast import EMAIL


def tell_story(folder: Path) -> list[str]:
    """Run each command in ``folder``, and show it as it would be typed there; a line for each that failed."""
    checkout = _request_id(folder, "/checkout", 201)
    support = _request_id(folder, "/support", 200)
    failed = []
    for why, command in (
        ("What the shop was asked", ["requests"]),
        ("One request: what came in, where it was stored, where it was sent", ["show", checkout]),
        ("A question to a language model takes the customer's name and address along", ["show", support]),
        ("Each outgoing call, newest first", ["share", "--limit", "6"]),
        ("All flows, from the field of a route to the column or the host that it ends in", ["flows"]),
        ("Zoë has closed her account: where is her e-mail address still?", ["trace", EMAIL]),
    ):
        title(why)
        typed = " ".join(["otel-provenance", *command])
        print(f"$ {typed}\n", flush=True)
        if subprocess.run(_cli(*command), cwd=folder, check=False).returncode:
            failed.append(f"{typed} failed")
    return failed


def title(text: str) -> None:
    """A heading of the story."""
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("", "")
    print(f"\n{bold}── {text} {'─' * max(3, min(100, shutil.get_terminal_size().columns) - len(text) - 4)}{plain}")


_SHORT = 13  # characters of a request id: enough to be unique here


def _cli(*command: str) -> list[str]:
    return [sys.executable, "-m", "otel_provenance.cli", *command]


def _request_id(folder: Path, path: str, status: int) -> str:
    command = _cli("requests", "--path", path, "--format", "json")
    answer = subprocess.run(command, cwd=folder, check=False, stdout=subprocess.PIPE).stdout
    ids = [row["request_id"][:_SHORT] for row in json.loads(answer or "[]") if row["status_code"] == status]
    return ids[0] if ids else "not-recorded"
