"""Spans with known facts, and the store that takes them."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from otel_provenance_exporters import SqliteSpanExporter

from otel_provenance import guard, status
from otel_provenance.settings import Settings
from otel_provenance.spans.facts import put_facts
from otel_provenance.tables import connect_readonly
from tests.store.facts import SALT, request_attributes_of


class Recorder:
    """An exporter for one file, and spans for it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.path = settings.db_path
        self.exporter = SqliteSpanExporter(settings, SALT)
        self.store = self.exporter._store
        provider = TracerProvider(resource=Resource({"service.name": "shop"}), shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self._tracer = provider.get_tracer("tests")

    def span(self, attributes: dict[str, Any], at_ns: int | None = None) -> None:
        with self._tracer.start_as_current_span("span", start_time=at_ns) as span:
            put_facts(span, attributes)

    def request(self, **fields: Any) -> str:
        """Export one request with these form fields; its id."""
        request_id, attributes = request_attributes_of(fields)
        self.span(attributes)
        return request_id

    def flush(self) -> bool:
        return self.exporter.force_flush(10_000)

    def rows(self, query: str = "SELECT request_id FROM requests", *values: Any) -> list[Any]:
        connection = connect_readonly(self.path)
        try:
            connection.row_factory = sqlite3.Row
            return [tuple(row) for row in connection.execute(query, values)]
        finally:
            connection.close()

    def request_ids(self) -> set[str]:
        return {request_id for (request_id,) in self.rows()}

    def lost(self) -> dict[tuple[str, str], int]:
        return {(r, k): n for r, k, n in self.rows("SELECT reason, kind, sum(count) FROM losses GROUP BY 1, 2")}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(db_path=str(tmp_path / "record.db"), hash_salt=SALT.decode())


@pytest.fixture
def record_in(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Recorder]]:
    """Makes recorders; settings can be replaced by name."""
    monkeypatch.setattr(guard, "strict", True)
    monkeypatch.setattr(guard, "faults", {})
    status.take_losses()
    made: list[Recorder] = []

    def make(**changes: Any) -> Recorder:
        made.append(Recorder(replace(settings, **changes)))
        return made[-1]

    yield make
    for recorder in made:
        recorder.store.close(0.2)
    status.take_losses()


@pytest.fixture
def recorder(record_in: Callable[..., Recorder]) -> Recorder:
    return record_in()


@contextmanager
def small_disk(folder: str, size: str = "3m") -> Iterator[str]:
    os.makedirs(folder, exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True)
    if made.returncode:
        pytest.skip("a file system can be mounted by root alone")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[str]:
    with small_disk(str(tmp_path / "disk")) as folder:
        yield folder


def fill(disk: str, leaving: int = 0) -> str:
    """Another program's file takes the room, but for so many bytes; its path."""
    path = f"{disk}/filler"
    with open(path, "wb", buffering=0) as filler, suppress(OSError):
        while (free := shutil.disk_usage(disk).free) > leaving:
            filler.write(b"x" * min(4096, free))
    return path


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == "otel_provenance" and r.levelno >= logging.WARNING]
