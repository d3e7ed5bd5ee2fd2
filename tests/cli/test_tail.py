"""What is recorded, as it comes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from otel_provenance.reports import tail as report
from otel_provenance.reports.tail import Tail, happened_at
from otel_provenance.tables import connect_readonly

from . import conftest
from .conftest import SALT, Builder, Run

Follow = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def follow(db: Path) -> Iterator[Follow]:
    running: list[subprocess.Popen[str]] = []
    watchdogs: list[threading.Timer] = []

    def start(*options: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "otel_provenance.cli", "tail", "--db", str(db), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PROVENANCE_HASH_SALT": SALT},
        )
        running.append(process)
        watchdogs.append(threading.Timer(60, process.kill))  # a line that never comes fails, and does not hang
        watchdogs[-1].start()
        return process

    yield start
    for watchdog in watchdogs:
        watchdog.cancel()
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)


def line(process: subprocess.Popen[str]) -> str:
    """The next line; blocks until there is one."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def now_minus(seconds: float) -> datetime:
    return datetime.now(timezone.utc) - timedelta(seconds=seconds)


def test_it_shows_the_last_few_and_then_what_comes(db: Path, follow: Follow) -> None:
    build = Builder(db, now_minus(90))
    first = build.request("GET", "/before", status_code=200, user_id="ann")
    process = follow("-n", "1")
    assert line(process).endswith("GET /before  200  12 ms  0 values came in  by ann")
    build.now = now_minus(62)
    request = build.request("POST", "/signup", status_code=500, error="ValueError: no")
    assert line(process).endswith("POST /signup  500  12 ms  0 values came in  raised ValueError: no")
    email = first.tag("form", "email", "ann@example.com")
    request.wrote("users", "email", (email,), outcome="rolled_back")
    assert line(process).endswith("▪ insert users.email id=7  ← form email earlier  rolled back")
    request.sent("crm.example", (), outcome="failed", status_code=None, inspected="none", inspected_reason="stream")
    assert line(process).endswith("→ crm.example POST /v1/people  failed  not searched: stream")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")


def test_it_waits_for_a_file_that_is_not_there_yet_and_takes_up_a_new_one(db: Path, follow: Follow) -> None:
    process = follow("--format", "jsonl")
    assert process.stderr is not None
    assert "is not there yet: waiting" in process.stderr.readline()
    build = Builder(db, now_minus(62))
    build.request("GET", "/first").tag("query", "q", "x")
    first = json.loads(line(process))
    assert (first["what"], first["path"]) == ("request", "/first")
    build.connection.close()
    other = db.with_name("other.db")
    build = Builder(other, now_minus(62))
    build.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    build.connection.close()
    for suffix in ("-wal", "-shm", ""):
        db.with_name(db.name + suffix).unlink(missing_ok=True)
    other.rename(db)
    build = Builder.__new__(Builder)
    build.path, build.now, build._made = db, now_minus(62), 0
    from otel_provenance.tables import connect

    build.connection = connect(str(db))
    conftest._OPEN.append(build.connection)
    build.request("GET", "/second")
    assert json.loads(line(process))["path"] == "/second"


def test_requests_that_took_long_are_found(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = Builder(db, now_minus(600))
    build.request("GET", "/before")
    connection = connect_readonly(str(db))
    tail = Tail(connection, 0.5)
    assert [happened_at(h)[:10] for h in tail.newest(5)] == [build.now.date().isoformat()]
    monkeypatch.setattr(report, "_WINDOWS", ((timedelta(seconds=10), 1), (timedelta(hours=1), 3)))
    build.request("GET", "/long")  # began nine minutes ago
    found = [tail.new()]
    for _ in range(2):
        build.request("GET", "/long")
        found.append(tail.new())
    assert [len(happenings) for happenings in found] == [0, 0, 3]
    assert tail.new() == []
    connection.close()


def test_nothing_is_told_twice(db: Path) -> None:
    build = Builder(db, now_minus(65))
    connection = connect_readonly(str(db))
    tail = Tail(connection, 0.5)
    assert tail.newest(0) == []
    told = []
    for number in range(5):
        build.now = now_minus(60)
        build.request("GET", f"/{number}")
        told += [happening.path for happening in tail.new()]  # type: ignore[union-attr]
    assert told == [f"/{number}" for number in range(5)]
    connection.close()


def test_a_file_that_is_no_record_is_status_1(cli: Run, db: Path) -> None:
    db.write_bytes(b"a shopping list, " * 100)
    assert cli("tail").status == 1
