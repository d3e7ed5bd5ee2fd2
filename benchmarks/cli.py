"""python -m benchmarks.cli [--events N] [--keep PATH]: how long the commands take on a large record.

Makes a record of N data events (ten for each request, with their writes, calls and edges), then runs each
command as a process of its own, as a user does, and prints how long it took beside an interpreter that does
nothing. A record that was kept is used again.
"""

from __future__ import annotations

import argparse
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from otel_provenance.identifiers import request_id_floor, short_prefix
from otel_provenance.keys import key_id
from otel_provenance.tables import SCHEMA, connect, time_text
from otel_provenance.values import hash_value

SALT = "a salt for the benchmark of the command line"
EVENTS_PER_REQUEST = 10
REQUESTS_PER_PERSON = 50
START_MS = 1_790_000_000_000
APART_MS = 40
GOALS_MS = {"--help": 150, "requests": 100, "data": 100, "share": 100, "show": 100, "trace": 200, "subject": 200}


def make_record(path: Path, events: int) -> None:
    """Rows are inserted in the order of their keys, and indexes made at the end: minutes instead of hours."""
    connection = connect(str(path))
    indexes = [statement for statement in SCHEMA.split(";\n") if "CREATE INDEX" in statement]
    for statement in indexes:
        connection.execute(f"DROP INDEX {statement.split('CREATE INDEX')[1].split()[0]}")
    for pragma in ("synchronous=OFF", "journal_mode=OFF", "cache_size=-200000", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO meta VALUES (?, ?)", (f"key:{key_id(SALT.encode())}", "2026-09-21T00:00:00Z"))
    requests = events // EVENTS_PER_REQUEST
    connection.execute("CREATE TEMP TABLE made (n INTEGER PRIMARY KEY, id, prefix, at, person, email)")
    connection.executemany("INSERT INTO made VALUES (?, ?, ?, ?, ?, ?)", _requests(requests))
    connection.execute(
        "CREATE TEMP TABLE series AS WITH RECURSIVE s(k) AS (VALUES (0) UNION ALL SELECT k + 1 FROM s"
        f" WHERE k < {EVENTS_PER_REQUEST - 1}) SELECT k FROM s"
    )
    for statement in _FILL:
        connection.execute(statement)
    for statement in indexes:
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _requests(number: int) -> Iterator[tuple[object, ...]]:
    people = max(number // REQUESTS_PER_PERSON, 1)
    hashes = [hash_value(f"person{person}@example.com", SALT.encode()) for person in range(people)]
    for n in range(number):
        milliseconds = START_MS + n * APART_MS
        request_id = f"{request_id_floor(milliseconds)[:24]}{n:012x}"
        person = n * 7919 % people
        yield n, request_id, short_prefix(request_id), time_text(milliseconds * 1_000_000), person, hashes[person]


_FILL = (
    "INSERT INTO requests (request_id, trace_id, span_id, service, started_at, duration_ms, method, path, route,"
    " user_id, client_address, status_code, response_type, response_bytes) SELECT id, lower(hex(randomblob(16))),"
    " lower(hex(randomblob(8))), 'shop', at, 12.5, 'POST', '/orders/' || n, '/orders/<int:id>', 'u' || person,"
    " '10.0.0.1', 201, 'application/json', 512 FROM made ORDER BY id",
    "INSERT INTO data_events SELECT prefix || '.t' || k, id, at, 'form', 'field' || k,"
    " CASE k WHEN 0 THEN email ELSE lower(hex(randomblob(16))) END, 20, 'str', 'Xxxxx@xxxxxxx.xxx',"
    " CASE k WHEN 0 THEN 'user.contact.email' END FROM made CROSS JOIN series ORDER BY 1",
    "INSERT INTO storage_events SELECT prefix || '.w1' || k, id, at, iif(n % 50 = 0, 'insert', 'update'), 'postgresql',"
    " 'shop', 'customers', 'field' || k, '{\"id\": ' || person || '}', 'shop.models.Customer',"
    " lower(hex(randomblob(16))), 1, 'committed', 'full' FROM made CROSS JOIN series WHERE k < 3 ORDER BY 1",
    "INSERT INTO share_events (event_id, request_id, occurred_at, channel, library, method, host, port, url,"
    " payload_type, payload_bytes, payload_hash, payload_preview, status_code, outcome, inspected, inspected_reason)"
    " SELECT prefix || '.s20', id, at, 'http', 'requests', 'POST', 'api' || (n % 20) ||"
    " '.example', 443, 'https://api.example/v1/orders', 'application/json', 900, lower(hex(randomblob(16))),"
    " '{\"email\": \"xxxxx@xxxxxxx.xxx\"}', 200, 'sent', 'full', NULL FROM made ORDER BY 1",
    "INSERT INTO tag_matches SELECT prefix || '.s20', prefix || '.t' || k, 'body', 'field' || k, 'exact', '', 0.97,"
    " NULL FROM made CROSS JOIN series WHERE k < 3 UNION ALL SELECT prefix || '.w1' || k, prefix || '.t' || k,"
    " 'column', 'field' || k, 'exact', '', 0.97, NULL FROM made CROSS JOIN series WHERE k < 3 ORDER BY 1, 2",
    "INSERT INTO leaves SELECT lower(hex(randomblob(16))), prefix || '.s20', 'body', 'x' || k FROM made CROSS JOIN"
    " series WHERE k < 2 ORDER BY 1",
)


class Took(NamedTuple):
    """Milliseconds of a process: the least and the median wall clock, and the median CPU (user and system)."""

    least: float
    median: float
    cpu: float


def took_of(arguments: list[str], environment: dict[str, str], stdin: str = "", times: int = 21) -> Took:
    """Run a process again and again; on a busy machine its least wall clock is what it takes on an idle one."""
    walls, cpus = [], []
    for _ in range(times):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(arguments, env=environment, input=stdin, capture_output=True, text=True, check=False)
        walls.append((time.perf_counter() - began) * 1000)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append((after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000)
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)} failed: {done.stderr}")
    return Took(min(walls), statistics.median(walls), statistics.median(cpus))


def main() -> int:
    """Make the record, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="where the record is made, and kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.keep or Path(folder) / "record.db"
        if not path.exists():
            began = time.perf_counter()
            make_record(path, options.events)
            print(f"made in {time.perf_counter() - began:.0f} s: {path.stat().st_size / 1e9:.2f} GB", flush=True)
        measure(path)
    return 0


def measure(path: Path) -> None:
    """Each command, as a process of its own."""
    connection = sqlite3.connect(path)
    middle = connection.execute(
        "SELECT request_id FROM requests WHERE request_id >= (SELECT request_id FROM requests ORDER BY request_id DESC"
        " LIMIT 1 OFFSET 1000)"
    ).fetchone()[0]
    connection.close()
    environment = {
        **os.environ,
        "PROVENANCE_DB_PATH": str(path),
        "PROVENANCE_HASH_SALT": SALT,
        "PROVENANCE_DISABLE": "1",
    }
    cli = [sys.executable, "-m", "otel_provenance.cli"]
    runs: dict[str, tuple[list[str], str]] = {
        "--help": ([], ""),
        "requests": (["requests", "--limit", "10"], ""),
        "requests --since": (["requests", "--since", "2026-09-22", "--until", "2026-09-22T00:10"], ""),
        "data": (["data", "--request-id", middle], ""),
        "storage": (["storage"], ""),
        "share": (["share", "--limit", "5"], ""),
        "show": (["show", middle], ""),
        "trace": (["trace", "-"], "person17@example.com\n"),
        "trace --row": (["trace", "--row", "customers:17"], ""),
        "subject": (["subject", "-"], "person17@example.com\n"),
    }
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; goals are of the least wall clock")
    print(f"{'milliseconds':<36}{'least':>8}{'median':>8}{'CPU':>8}")
    _print("an interpreter that does nothing", took_of([sys.executable, "-c", "pass"], environment))
    for name, (arguments, stdin) in runs.items():
        took = took_of([*cli, *(arguments or ["--help"])], environment, stdin)
        _print(f"otel-provenance {name}", took, GOALS_MS.get(name))


def _print(name: str, took: Took, goal: int | None = None) -> None:
    verdict = "" if goal is None else f"   goal {goal}: {'met' if took.least <= goal else 'MISSED'}"
    print(f"{name:<36}{took.least:>8.0f}{took.median:>8.0f}{took.cpu:>8.0f}{verdict}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
