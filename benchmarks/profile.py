"""Where the time of a request goes: py-spy samples of a worker while it serves one workload.

python -m benchmarks.profile WORKLOAD [--seconds 8] [--configuration otel-provenance] [--raw FILE]

Prints how the samples that are otel-provenance's are shared out: by room of its house, and by function.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from benchmarks.server import CONFIGURATIONS, WORKLOADS, Server
from demo.processes import clean_environ, running, stop_children_on_sigterm
from tests.environments import ROOT


def load(server: Server, name: str, stop: threading.Event) -> None:
    number = 100_000
    while not stop.is_set():
        number += 1
        server.send(WORKLOADS[name].request(number))


ROOMS = (
    ("the writer thread: rows, SQLite", ("Store._run",)),
    ("matching of what is written", ("record_write", "MATCHING")),
    ("matching of what is sent", ("MATCHING",)),
    (
        "spans, their attributes, encoding, the spool",
        ("/spans/plain.py", "/spans/facts.py", "attributes.py", "/exporters/"),
    ),
    ("records, hashes and previews of writes and calls", ("record_write", "settle", "end_call", "http_event")),
    ("what came in", ("/ingress.py", "/tags.py")),
)
"""Name → what all has to be in a stack for its sample to count there (of names with a slash or dot: any); the first
that fits."""
REST = "the request itself, and hooks"


def room_of(frames: list[str]) -> str | None:
    """Where a sample belongs, if it is ours: what a library of the application's does below us is not."""
    last = max((at for at, frame in enumerate(frames) if is_ours(frame)), default=None)
    if last is None or any("site-packages" in frame and "opentelemetry" not in frame for frame in frames[last:]):
        return None
    if is_waiting(frames[last]) or (is_passing_on(frames[last]) and frames[last + 1 :]):
        return None
    stack = "\n".join("MATCHING" if "/matching/" in frame else frame for frame in frames)
    for name, signs in ROOMS:
        paths = [sign for sign in signs if "/" in sign or sign.endswith(".py")]
        words = [sign for sign in signs if sign not in paths]
        if paths and any(path in stack for path in paths):
            return name
        if not paths and name.startswith("records") and any(word in stack for word in words):
            return name
        if not paths and not name.startswith("records") and all(word in stack for word in words):
            return name
    return REST


def is_ours(frame: str) -> bool:
    return "/otel_provenance/" in frame or "/otel_provenance_exporters/" in frame


def is_passing_on(frame: str) -> bool:
    # a wrapped function: what it calls outside our house is the host's own
    return "/boundaries/" in frame


def is_waiting(frame: str) -> bool:
    return frame.startswith(("Store._gather", "Bell.sleep"))


def report(raw: Path) -> None:
    """``frame;frame;frame count`` lines, outermost first."""
    rooms, functions = Counter[str](), Counter[str]()
    for line in raw.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        room = room_of(frames)
        if room is not None:
            rooms[room] += int(count)
            functions[[frame for frame in frames if is_ours(frame)][-1]] += int(count)
    total = sum(rooms.values())
    print(f"{total} samples are otel-provenance's")
    for title, counts, most in (
        ("by room", rooms, len(rooms)),
        ("by function, what it calls of others included", functions, 25),
    ):
        print(f"\n{title}")
        for name, count in counts.most_common(most):
            print(f"  {count / total:6.1%}  {name}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", help="part of its name")
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--configuration", default="otel-provenance", choices=CONFIGURATIONS)
    parser.add_argument("--raw", type=Path)
    arguments = parser.parse_args()
    name = next(name for name in WORKLOADS if arguments.workload in name)
    stop_children_on_sigterm()
    with tempfile.TemporaryDirectory(prefix="bench-profile-") as text, ExitStack() as stack:
        folder = Path(text)
        peer_command = [sys.executable, "-m", "benchmarks.peer"]
        peer = stack.enter_context(running(peer_command, ROOT, folder / "peer.log", clean_environ()))
        url = f"http://127.0.0.1:{peer.wait_for(r'^([0-9]+)$')}"
        server = Server(stack, arguments.configuration, folder, url)
        stop = threading.Event()
        client = threading.Thread(target=load, args=(server, name, stop))
        client.start()
        raw = arguments.raw or folder / "raw"
        spy = [Path(sys.executable).with_name("py-spy"), "record", "--pid", str(server.pids[-1]), "--format", "raw"]
        spy += [
            "--rate",
            "400",
            "--duration",
            str(arguments.seconds),
            "--output",
            str(raw),
            "--function",
            "--full-filenames",
        ]
        done = subprocess.run(list(map(str, spy)), capture_output=True, text=True, check=False)
        stop.set()
        client.join()
        if done.returncode:
            print(f"benchmarks.profile: {done.stderr[-500:]}", file=sys.stderr)
            return 1
        report(raw)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
