"""Where the time of a request goes: py-spy samples of a worker while it serves one workload.

python -m benchmarks.profile WORKLOAD [--seconds 8] [--configuration otel-provenance] [--raw FILE]

Prints the share of all samples (threads included) below each function of ours that the application's own code or
a library called, and the functions in which the time itself is spent.
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

OURS = ("otel_provenance", "exporters/")


def load(server: Server, name: str, stop: threading.Event) -> None:
    number = 100_000
    while not stop.is_set():
        number += 1
        server.send(WORKLOADS[name].request(number))


def report(raw: Path) -> None:
    """``frame;frame;frame count`` lines, outermost first."""
    total, entries, selves = 0, Counter[str](), Counter[str]()
    for line in raw.read_text().splitlines():
        stack, _, count_text = line.rpartition(" ")
        frames, count = stack.split(";"), int(count_text)
        if any("gunicorn/workers" in frame and "wait" in frame for frame in frames[-1:]):
            continue
        total += count
        selves[frames[-1]] += count
        ours = next((frame for frame in frames if any(mark in frame for mark in OURS)), None)
        below = [frame for frame in frames if any(mark in frame for mark in OURS)]
        if ours is not None:
            for frame in dict.fromkeys(below):
                entries[frame] += count
    print(f"{total} samples")
    for title, counts in (("below", entries), ("in", selves)):
        print(f"\n{title}")
        for frame, count in counts.most_common(45):
            print(f"  {count / total:6.1%}  {frame}")


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
