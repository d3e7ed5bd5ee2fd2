"""CPU per request of a gunicorn worker: bare (twice), under plain OpenTelemetry, and under otel-provenance, in Python
alone and with the speedups.

python -m benchmarks.server [--rounds 40] [--chunk 0.15] [--workload NAME …]

All servers are up at once, each with one worker of gunicorn's default kind. Short chunks of requests go round
the servers in random order; what a chunk cost is what the worker's CPU clock (all its threads, user and system)
went on by until the server's next chunk began, so that work put off to a thread is counted too.

Plain OpenTelemetry is `opentelemetry-instrument` with its stock distribution, the instrumentors of the same
libraries, and no exporter. It has SQLAlchemy 2.0, for its instrumentor refuses 2.1.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.measure import cpu_clock, family, print_table, rounds, shown_ratio
from demo.processes import DidNotStart, clean_environ, running, stop_children_on_sigterm
from tests.environments import ROOT, environment, speedups_wheel

APPLICATION = ("flask==3.1.*", "sqlalchemy==2.0.*", "requests==2.*", "gunicorn==23.*")
STOCK = (
    "opentelemetry-distro",
    "opentelemetry-instrumentation-flask",
    "opentelemetry-instrumentation-sqlalchemy",
    "opentelemetry-instrumentation-requests",
    "opentelemetry-instrumentation-threading",
)
OURS = ("-e", str(ROOT))
NO_EXPORTERS = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
CONFIGURATIONS: dict[str, tuple[tuple[str, ...], bool, dict[str, str]]] = {
    "bare": (STOCK, False, {}),
    "bare again": (STOCK, False, {}),
    "OpenTelemetry": (STOCK, True, NO_EXPORTERS),
    "otel-provenance": (OURS, True, {"PROVENANCE_SPEEDUPS": "0"}),
    "with speedups": (OURS, True, {}),
}
"""Name → what is installed beside the application, whether ``opentelemetry-instrument`` stands before gunicorn, and
the environment."""


_WRITTEN_S = 10.0


class Workload:
    """Requests of one kind, each with other values, as bytes ready to be sent."""

    def __init__(self, method: str, path: str, media_type: str = "") -> None:
        self.head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\n"
        self.media_type = media_type

    def body(self, number: int) -> bytes:
        """Of the request with this number."""
        return b""

    def request(self, number: int) -> bytes:
        """All bytes of the request with this number."""
        body = self.body(number)
        described = f"Content-Type: {self.media_type}\r\nContent-Length: {len(body)}\r\n" if body else ""
        return f"{self.head}{described}\r\n".encode() + body


class Signup(Workload):
    def body(self, number: int) -> bytes:
        return urlencode(
            {
                "email": f"person.{number}@example.com",
                "password": f"correct horse {number}",
                "name": f"Ada Number {number} Lovelace",
                "phone": f"+44 7700 {number:06d}",
                "born_on": f"19{number % 90 + 10}-04-23",
                "language": "en",
                "came_by": "friend-referral",
                "company": f"Engines {number} Ltd",
                "street": f"{number} Station Road",
                "postcode": f"LS{number % 97} 4DY",
                "city": "Leeds",
                "country": "United Kingdom",
            }
        ).encode()


class Survey(Workload):
    def body(self, number: int) -> bytes:
        words = "the quick brown fox jumps over lazy dogs while seven wizards pack boxes of liquor jugs"
        filler = (words + " ") * 4
        answers = {f"question_{at}": f"answer {number}-{at}: {filler[at % 80 :]}"[:308] for at in range(200)}
        return json.dumps(answers).encode()


WORKLOADS = {
    "GET /ping": Workload("GET", "/ping"),
    "sign-up: 12 fields, 2 inserts, 1 call": Signup("POST", "/signup", "application/x-www-form-urlencoded"),
    "read: 1 select": Workload("GET", "/customers/1?view=full"),
    "200 fields, 64 KiB, stored and sent": Survey("POST", "/survey", "application/json"),
}


class Server:
    """One configuration, up and warm."""

    def __init__(self, stack: ExitStack, name: str, folder: Path, peer: str) -> None:
        self.folder = folder / name.replace(" ", "-")
        self.folder.mkdir()
        self.sent = 0
        installed, prefixed, environ = CONFIGURATIONS[name]
        if installed is OURS:
            programs = environment("bench-ours", [*APPLICATION, *installed, str(speedups_wheel())])
        else:
            programs = environment("bench-stock", [*APPLICATION, *installed])
        command = [programs / "opentelemetry-instrument"] if prefixed else []
        command += [programs / "gunicorn", "--bind", "127.0.0.1:0", "benchmarks.app:app"]  # type: ignore[list-item]
        database = f"sqlite:///{self.folder / 'app.db'}"
        process = stack.enter_context(
            running(
                [*command, "--chdir", ROOT],
                self.folder,
                self.folder / "server.log",
                {
                    **clean_environ(),
                    **environ,
                    "BENCH_PEER": peer,
                    "BENCH_DATABASE": database,
                    "PROVENANCE_DB_PATH": str(self.folder / "record.db"),
                },
            )
        )
        self.port = int(process.wait_for(r"Listening at: http://127\.0\.0\.1:(\d+)"))
        self.check_state(name)
        self.pids = family(process.pid)

    def check_state(self, name: str) -> None:
        """The server must be what its configuration promises."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/state", timeout=30) as answer:
            state = json.load(answer)
        plain = ["Flask", "SQLAlchemy", "Requests"] if name == "OpenTelemetry" else []
        if state["opentelemetry"] != plain or state["recording"] != bool(plain):
            raise DidNotStart(f"{name} is not what it should be: {state}; see {self.folder / 'server.log'}")
        self.sent += 1

    def send(self, request: bytes) -> None:
        """One request on a connection of its own, answered in full."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(request)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        if answer[9:10] != b"2":
            raise DidNotStart(f"a request failed: {answer[:200]!r}; see {self.folder / 'server.log'}")
        self.sent += 1

    def recorded(self) -> int:
        """How many requests the record of this server has, once what waits to be written is."""
        count, end = -1, time.monotonic() + _WRITTEN_S
        with sqlite3.connect(self.folder / "record.db") as record:
            while count < self.sent and time.monotonic() < end:
                time.sleep(0.1)
                (count,) = record.execute("SELECT count(*) FROM requests").fetchone()
        return count


class Chunks:
    """Chunks of one workload: what each cost, told when the server's next one begins."""

    def __init__(self, servers: dict[str, Server], workload: Workload, seconds: float) -> None:
        self._servers = servers
        self._workload = workload
        self._seconds = seconds
        self._number = 100_000
        self._begun: dict[str, tuple[float, int]] = {}

    def run(self, name: str) -> float:
        """Send requests for a while; microseconds of CPU for each request of the chunk before this one."""
        server = self._servers[name]
        cost = self.cost(name)
        begun = cpu_clock(server.pids)
        count, end = 0, time.monotonic() + self._seconds
        while time.monotonic() < end:
            self._number += 1
            server.send(self._workload.request(self._number))
            count += 1
        self._begun[name] = begun, count
        return cost

    def cost(self, name: str) -> float:
        """Microseconds of CPU for each request since the last chunk of a server began."""
        begun, count = self._begun.get(name, (0.0, 0))
        return (cpu_clock(self._servers[name].pids) - begun) / count * 1e6 if count else 0.0


def measure(servers: dict[str, Server], workload: Workload, count: int, seconds: float) -> dict[str, list[float]]:
    """Microseconds of CPU per request: configuration → each chunk."""
    chunks = Chunks(servers, workload, seconds)
    costs = rounds(count + 2, list(servers), chunks.run)
    time.sleep(0.5)  # what the last chunks put off
    return {name: [*costs[name][2:], chunks.cost(name)] for name in servers}


def report(results: dict[str, dict[str, list[float]]]) -> None:
    """The table: medians in milliseconds, ratios with their quartiles."""
    rows = []
    for workload, costs in results.items():
        row = {"CPU per request": workload}
        row |= {name: f"{statistics.median(costs[name]) / 1000:.3f} ms" for name in costs}
        if "bare" in costs and "bare again" in costs:
            row["bare again / bare"] = shown_ratio(costs["bare again"], costs["bare"])
        for name, base in (
            ("OpenTelemetry", "bare"),
            ("otel-provenance", "bare"),
            ("otel-provenance", "OpenTelemetry"),
            ("with speedups", "OpenTelemetry"),
        ):
            if name in costs and base in costs:
                row[f"{name} / {base}"] = shown_ratio(costs[name], costs[base])
        rows.append(row)
    print_table(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--chunk", type=float, default=0.15, help="seconds")
    parser.add_argument("--workload", nargs="*", default=[], help="part of a workload's name")
    parser.add_argument("--only", nargs="*", default=list(CONFIGURATIONS), help="configurations")
    arguments = parser.parse_args()
    if not sys.platform.startswith("linux"):
        parser.error("this benchmark reads the CPU clocks of other processes, which only Linux has")
    wanted = {
        name: workload
        for name, workload in WORKLOADS.items()
        if not arguments.workload or any(part in name for part in arguments.workload)
    }
    stop_children_on_sigterm()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-server-") as folder, ExitStack() as stack:
            peer_log = Path(folder) / "peer.log"
            peer = stack.enter_context(
                running([sys.executable, "-m", "benchmarks.peer"], ROOT, peer_log, dict(os.environ))
            )
            peer_url = f"http://127.0.0.1:{peer.wait_for(r'^([0-9]+)$')}"
            servers = {name: Server(stack, name, Path(folder), peer_url) for name in arguments.only}
            results = {}
            for name, workload in wanted.items():
                results[name] = measure(servers, workload, arguments.rounds, arguments.chunk)
            report(results)
            for name in servers.keys() & {"otel-provenance", "with speedups"}:
                print(f"\n{name}: {servers[name].recorded()} of {servers[name].sent} requests are in the record.")
    except (DidNotStart, subprocess.CalledProcessError) as error:
        print(f"benchmarks.server: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
