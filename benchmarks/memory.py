"""Memory of a gunicorn worker: beside bare and plain OpenTelemetry, and whether it stays flat.

python -m benchmarks.memory [--requests 20000]

Resident memory (VmRSS) after the first thousand requests, and as more are served: nine reads to one sign-up.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.measure import print_table
from benchmarks.server import CONFIGURATIONS, WORKLOADS, Server
from demo.processes import DidNotStart, clean_environ, running, stop_children_on_sigterm
from tests.environments import ROOT

STEPS = 5
WARM = 1_000
MEBIBYTE = 1024


def resident(server: Server) -> float:
    """MiB of the server's worker."""
    status = Path(f"/proc/{server.pids[-1]}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / MEBIBYTE


def serve(server: Server, first: int, count: int) -> None:
    """Requests with numbers of their own."""
    read, signup = WORKLOADS["read: 1 select"], WORKLOADS["sign-up: 12 fields, 2 inserts, 1 call"]
    for number in range(first, first + count):
        server.send((signup if number % 10 == 0 else read).request(100_000 + number))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000, help="to each configuration")
    arguments = parser.parse_args()
    stop_children_on_sigterm()
    names = [name for name in CONFIGURATIONS if name != "bare again"]
    step = max(1, (arguments.requests - WARM) // STEPS)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-memory-") as text, ExitStack() as stack:
            folder = Path(text)
            command = [sys.executable, "-m", "benchmarks.peer"]
            peer = stack.enter_context(running(command, ROOT, folder / "peer.log", clean_environ()))
            url = f"http://127.0.0.1:{peer.wait_for(r'^([0-9]+)$')}"
            rows = []
            for name in names:
                with ExitStack() as own:
                    server = Server(own, name, folder, url)
                    serve(server, 0, WARM)
                    row = {"MiB after requests": name, f"{WARM:,}": f"{resident(server):.1f}"}
                    for at in range(STEPS):
                        serve(server, WARM + at * step, step)
                        row[f"{WARM + (at + 1) * step:,}"] = f"{resident(server):.1f}"
                    rows.append(row)
            print_table(rows)
    except (DidNotStart, subprocess.CalledProcessError) as error:
        print(f"benchmarks.memory: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
