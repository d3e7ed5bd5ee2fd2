"""When a process begins to record, and what it says where it cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export import SpanExporter

from otel_provenance import status
from otel_provenance.events import ShareEvent
from otel_provenance.settings import Settings
from otel_provenance.spans import calls
from otel_provenance.spans import runtime as runtimes


class Nowhere(SpanExporter):
    def export(self, spans):
        raise NotImplementedError


@pytest.fixture
def configured(monkeypatch, tmp_path):
    """Configure a runtime for a record in a folder of the test's own; gives the record's path."""
    for name in ("_current", "_make", "_db_path", "_is_asked_for", "_not_before"):
        monkeypatch.setattr(runtimes, name, getattr(runtimes, name))
    runtimes.replace(None)
    monkeypatch.setattr(runtimes, "_not_before", 0.0)
    monkeypatch.setattr(status, "_losses", {})

    def configure(folder: str = ".", **options: bool) -> Path:
        path = tmp_path / folder / "record.db"
        runtimes.configure(Settings(db_path=str(path)), lambda _settings, _salt: Nowhere(), **options)
        return path

    return configure


def test_what_no_request_caused_makes_no_file(configured):
    path = configured()
    assert calls.begin_call("http", "requests", "GET") is None
    calls.record_share(ShareEvent("queue", "test"))
    assert list(path.parent.iterdir()) == []
    assert runtimes.runtime() is not None  # a request does
    assert os.path.exists(f"{path}.key")


def test_it_does_where_there_is_a_record_already(configured):
    path = configured()
    path.touch()
    assert calls.begin_call("http", "requests", "GET") is not None


def test_it_does_where_the_process_was_started_to_be_recorded(configured):
    configured(is_asked_for=True)
    assert calls.begin_call("http", "requests", "GET") is not None


def test_without_a_key_file_it_says_so_once_counts_and_tries_again(configured, caplog, monkeypatch):
    path = configured("missing")
    assert runtimes.runtime() is None
    assert runtimes.runtime() is None
    (line,) = [record.getMessage() for record in caplog.records]
    assert str(path) in line
    assert "No such file or directory" in line
    assert "PROVENANCE_DB_PATH" in line
    assert "\n" not in line
    assert status.pending_losses() == {("no_key", "request"): 2}

    path.parent.mkdir()
    monkeypatch.setattr(runtimes, "_not_before", 1.0)  # the time has come
    assert runtimes.runtime() is not None
