"""A record made by hand, row by row, and the command line run on it as a user runs it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from otel_provenance.identifiers import IdSequence
from otel_provenance.keys import key_id
from otel_provenance.tables import connect
from otel_provenance.values import hash_value, preview_of

SALT = "a salt for the tests of the command line"
START = datetime(2026, 11, 24, 6, 0, tzinfo=timezone.utc)


def time_text(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_OPEN: list[sqlite3.Connection] = []


@pytest.fixture(autouse=True)
def _no_connection_stays_open() -> Iterator[None]:
    yield
    while _OPEN:
        _OPEN.pop().close()


class Builder:
    """Inserts rows as the exporter does; every request a minute after the one before."""

    def __init__(self, path: Path, start: datetime = START) -> None:
        self.path = path
        self.now = start
        self.connection: sqlite3.Connection = connect(str(path))
        _OPEN.append(self.connection)
        self.insert("meta", name=f"key:{key_id(SALT.encode())}", value=time_text(start))
        self._made = 0

    def insert(self, table: str, **row: Any) -> None:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))

    def request(self, method: str = "POST", path: str = "/signup", **row: Any) -> RequestBuilder:
        request_id = self._new_id()
        values = {"route": path, "status_code": 201, "duration_ms": 12.5, "service": "shop", **row}
        started = {"request_id": request_id, "started_at": time_text(self.now), "method": method, "path": path}
        self.insert("requests", **started, **values)
        return RequestBuilder(self, request_id)

    def outside(self) -> RequestBuilder:
        """What a process did outside requests."""
        return RequestBuilder(self, None, self._new_id())

    def _new_id(self) -> str:
        self.now += timedelta(minutes=1)
        self._made += 1
        milliseconds = int(self.now.timestamp() * 1000)
        digits = f"{milliseconds:012x}7000{0x8000_0000_0000_0000 + self._made:016x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class RequestBuilder:
    """What one request brought in, wrote and sent."""

    def __init__(self, builder: Builder, request_id: str | None, origin: str | None = None) -> None:
        self.builder = builder
        self.request_id = request_id
        self.ids = IdSequence(request_id or origin or "")
        self.at = time_text(builder.now)

    def tag(self, source: str, field: str, value: Any, category: str | None = None) -> str:
        tag_id = self.ids.new("t")
        self.builder.insert(
            "data_events",
            tag_id=tag_id,
            request_id=self.request_id,
            occurred_at=self.at,
            source=source,
            field=field,
            value_hash=hash_value(value, SALT.encode()),
            value_bytes=len(str(value)),
            value_type=type(value).__name__,
            preview=preview_of(value, field, 2048),
            category=category,
        )
        return tag_id

    def wrote(
        self, table: str, column: str | None = None, tags: tuple[str, ...] = (), value: Any = None, **row: Any
    ) -> str:
        event_id = self.ids.new("w")
        match = {key: row.pop(key) for key in ("kind", "transform", "confidence", "via_event_id") if key in row}
        written = {"operation": "insert", "db_system": "sqlite", "db_name": "shop.db", "primary_key": '{"id": 7}'}
        known = {"row_count": 1, "outcome": "committed", "inspected": "full", "occurred_at": self.at}
        hashed = None if value is None else hash_value(value, SALT.encode())
        place = {"event_id": event_id, "request_id": self.request_id, "table_name": table, "column_name": column}
        self.builder.insert("storage_events", **{**place, **written, **known, "value_hash": hashed, **row})
        for tag in tags:
            self.edge(event_id, tag, "column", column or "", **match)
        return event_id

    def sent(self, host: str | None, tags: tuple[str, ...] = (), field: str = "", **row: Any) -> str:
        event_id = self.ids.new("s")
        match = {key: row.pop(key) for key in ("kind", "transform", "confidence", "via_event_id") if key in row}
        location = row.pop("location", "body")
        call = {"channel": "http", "library": "requests", "method": "POST", "host": host, "port": 443}
        known = {"url": f"https://{host}/v1/people", "status_code": 200, "outcome": "sent", "inspected": "full"}
        self.builder.insert(
            "share_events",
            **{"event_id": event_id, "request_id": self.request_id, "occurred_at": self.at, **call, **known, **row},
        )
        for tag in tags:
            self.edge(event_id, tag, location, field, **match)
        return event_id

    def edge(self, event_id: str, tag_id: str, location: str, field: str, **row: Any) -> None:
        match = {"kind": "exact", "transform": "", "confidence": 0.97, "via_event_id": None, **row}
        self.builder.insert("tag_matches", event_id=event_id, tag_id=tag_id, location=location, field=field, **match)


class Ran(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


@pytest.fixture
def build(db: Path) -> Builder:
    return Builder(db)


@pytest.fixture
def cli(db: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process on the record at ``db``."""
    monkeypatch.setenv("PROVENANCE_HASH_SALT", SALT)
    monkeypatch.setenv("PROVENANCE_DB_PATH", str(db))

    def run(*arguments: str) -> Ran:
        from otel_provenance.cli import main

        capsys.readouterr()
        status = main(arguments)
        out, err = capsys.readouterr()
        return Ran(status, out, err)

    return run


def in_a_process(
    *arguments: str, env: dict[str, str] | None = None, stdin: str | None = None, module: str = "otel_provenance.cli"
) -> Ran:
    """Run a command as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, "PROVENANCE_HASH_SALT": SALT, **(env or {})},
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def signup(build: Builder) -> RequestBuilder:
    """A sign-up: two values stored, one sent as a digest, one lost on the way, one that goes nowhere."""
    request = build.request(user_id="ann", client_address="10.0.0.7")
    email = request.tag("form", "email", "Alice@Example.com", "user.contact.email")
    name = request.tag("form", "name", "Alice Young", "user.name")
    request.tag("form", "password", "correct horse battery")
    request.wrote("users", "email", (email,), "alice@example.com", transform="lower", model="shop.models.User")
    request.wrote("users", "name", (name,), "Alice Young", model="shop.models.User")
    request.wrote("audit_log", primary_key=None)
    request.sent("crm.example.org", (email,), "email_sha256", kind="digest", transform="sha256", confidence=0.9)
    request.sent("mail.example.org", (name,), "text", kind="contains", confidence=0.6, port=8025)
    return request
