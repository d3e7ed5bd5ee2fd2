"""The exporter as OpenTelemetry and the application see it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export import SpanExportResult
from otel_provenance_exporters import SqliteSpanExporter
from otel_provenance_exporters import store as stores
from processes import wait_until

from otel_provenance import guard, status
from otel_provenance.settings import Retention
from tests.store.facts import SALT, request_attributes_of

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def test_opentelemetry_finds_it_by_name_and_makes_it_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PROVENANCE_DB_PATH", str(tmp_path / "record.db"))
    monkeypatch.setenv("PROVENANCE_HASH_SALT", "of the environment")
    (point,) = entry_points(group="opentelemetry_traces_exporter", name="provenance_sqlite")
    exporter = point.load()()

    assert isinstance(exporter, SqliteSpanExporter)
    assert exporter._store.path == str(tmp_path / "record.db")
    assert not os.path.exists(tmp_path / "record.db")
    exporter.shutdown()


def test_exporters_for_one_file_share_a_store(record_in):
    first, second = record_in(), record_in()
    assert first.store is second.store
    request_id, attributes = request_attributes_of({"email": "ada@example.com"})
    first.span(attributes)
    second.span(attributes)
    first.flush()

    assert first.rows("SELECT request_id FROM data_events") == [(request_id,)]


def test_no_thread_and_no_file_before_the_first_facts(recorder):
    assert not recorder.store._running
    assert os.listdir(os.path.dirname(recorder.path)) == []


def test_what_has_no_room_is_a_failure_and_counted_by_table(record_in):
    recorder = record_in(queue_bytes=10)
    results = []
    export = recorder.exporter.export
    recorder.exporter.export = lambda spans: results.append(export(spans))  # type: ignore[method-assign]
    recorder.request(email="ada@example.com", name="Ada")

    assert results == [SpanExportResult.FAILURE]
    assert status.take_losses() == {("queue_full", "requests"): 1, ("queue_full", "data_events"): 2}


def test_attributes_that_cannot_be_encoded_are_a_counted_fault(recorder, monkeypatch):
    monkeypatch.setattr(guard, "strict", False)
    _, attributes = request_attributes_of({"email": "ada@example.com"})
    recorder.span(attributes | {"strange": object()})

    assert status.take_losses() == {("error", "sqlite.export:ValueError"): 1}


def test_an_export_never_waits_for_the_database(recorder, monkeypatch):
    recorder.request(email="first@example.com")
    recorder.flush()
    writing = threading.Event()
    may_go_on = threading.Event()
    write = recorder.store.writer.write

    def slow(frames):
        writing.set()
        may_go_on.wait(20)
        write(frames)

    monkeypatch.setattr(recorder.store.writer, "write", slow)
    recorder.request(email="ada@example.com")
    assert writing.wait(10)
    for n in range(100):  # the writer is busy all the while
        recorder.request(email=f"user{n}@example.com")
    assert not may_go_on.is_set()
    may_go_on.set()
    recorder.flush()

    assert recorder.rows("SELECT count(*) FROM requests") == [(102,)]


def test_what_comes_while_the_writer_writes_waits_for_its_next_turn(recorder, monkeypatch):
    """Else each turn under load is another transaction, and a small one."""
    monkeypatch.setattr(recorder.store, "_see_to_a_writer", lambda: None)
    writer, written = recorder.store.writer, []
    write = writer.write

    def writing(frames):
        written.append(len(frames))
        if len(written) < 5:
            recorder.request(email=f"ada.{len(written)}@example.org")
        write(frames)

    monkeypatch.setattr(writer, "write", writing)
    recorder.request(email="ada@example.org")
    recorder.request(email="grace@example.org")
    assert recorder.store._round() == 0.0
    assert written == [2]
    assert recorder.flush()
    assert (written, len(recorder.request_ids())) == ([2, 1, 1, 1, 1], 6)


def test_what_fills_a_transaction_does_not_wait_for_more(recorder, monkeypatch):
    monkeypatch.setattr(stores, "APART_S", 3600.0)
    monkeypatch.setattr(stores, "TRANSACTION_BYTES", 10_000)
    recorder.request(email="first@example.com")
    assert recorder.flush()
    written = sqlite3.connect(recorder.path)
    for n in range(50):
        recorder.request(email=f"user{n}@example.com")
    wait_until(lambda: written.execute("SELECT count(*) > 30 FROM requests").fetchone() == (1,), "it is written")
    written.close()


def test_many_threads_export_at_once(recorder):
    ids: list[str] = []
    threads = [
        threading.Thread(target=lambda: ids.extend(recorder.request(email="a@b.cc") for _ in range(50)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.flush()

    assert len(set(ids)) == 400
    assert recorder.request_ids() == set(ids)


def test_facts_go_to_the_disk_before_export_returns_when_durability_is_sync(record_in, monkeypatch):
    synced = []
    datasync = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: synced.append(datasync(descriptor)))
    record_in(durability="batch").request(email="ada@example.com")
    assert synced == []
    record_in(durability="sync", db_path=str(record_in().path) + "2").request(email="ada@example.com")
    assert synced == [None]


def test_retention_acts_by_itself_off_the_request_path(record_in, monkeypatch):
    monkeypatch.setattr(stores, "_UPKEEP_S", 0.05)
    recorder = record_in(retention=Retention(max_age_s=3600))
    with monkeypatch.context() as past:
        two_hours_ago = time.time_ns() - 2 * 3600 * 1_000_000_000
        past.setattr(time, "time_ns", lambda: two_hours_ago)
        old, attributes = request_attributes_of({"email": "ada@example.com"})
    recorder.span(attributes, two_hours_ago)
    new = recorder.request(email="bob@example.com")

    wait_until(lambda: recorder.request_ids() == {new}, "the older request is gone")
    assert old != new


def test_a_process_that_records_nothing_imports_no_sqlite():
    code = "import sys, otel_provenance; assert not {'sqlite3', 'opentelemetry.sdk'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.slow
def test_memory_stays_flat(tmp_path):
    """Over many requests, what a process holds does not grow."""
    script = """
import gc, os, resource
from tests.store.scripting import exporter, record
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
def resident():
    for _ in range(40):
        for _ in range(200): record(email='ada@example.com', name='Ada Lovelace')
        exporter.force_flush()
    gc.collect()
    return int(open('/proc/self/statm').read().split()[1]) * resource.getpagesize()
before = resident()  # with SQLite's cache of pages full
os.write(2, str(resident() - before).encode())
"""
    if not os.path.exists("/proc/self/statm"):
        pytest.skip("resident memory is read from /proc")
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"PROVENANCE_DISABLE": "1", "PROVENANCE_DB_PATH": str(tmp_path / "record.db")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stderr) < 2_000_000


def test_the_salt_is_nowhere_in_the_files(recorder):
    recorder.request(email="ada@example.com")
    recorder.flush()
    recorder.request(email="bob@example.com")
    folder = os.path.dirname(recorder.path)
    content = b"".join(Path(folder, name).read_bytes() for name in os.listdir(folder))

    assert SALT not in content
    assert b"ada@example.com" not in content
    assert b"bob@example.com" not in content
