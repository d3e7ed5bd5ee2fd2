"""Whatever befalls the file: the application is unharmed, the record whole up to the counted loss."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time

import pytest
from otel_provenance_exporters import store as stores
from otel_provenance_exporters import writer as writers
from processes import wait_until

from otel_provenance import status
from otel_provenance.tables import connect, schema
from otel_provenance.tables.spool import SpoolFile, encode_held
from tests.store.conftest import Recorder, fill, warnings_of
from tests.store.facts import SALT


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Try again soon, so that tests need not wait."""
    monkeypatch.setattr(stores, "_RETRY_S", (0.01, 0.02))
    monkeypatch.setattr(writers, "_BUSY_S", 0.05)
    monkeypatch.setattr(writers, "_ASK_AGAIN_S", 0.0)


def is_written(recorder, *request_ids):
    """Whether these are in the file itself, no spool looked at."""
    try:
        connection = sqlite3.connect(f"file:{recorder.path}?mode=ro", uri=True)
    except sqlite3.Error:
        return False
    try:
        return set(request_ids) <= {r for (r,) in connection.execute("SELECT request_id FROM requests")}
    except sqlite3.Error:
        return False
    finally:
        connection.close()


def test_a_full_disk_that_gets_free_again_loses_nothing(disk, record_in, caplog):
    recorder = record_in(db_path=f"{disk}/record.db")
    first = recorder.request(email="ada@example.com")
    assert recorder.flush()
    fill(disk)
    during = [recorder.request(**{f"field{n}": f"value {n}" for n in range(50)}) for _ in range(20)]
    assert not recorder.store.flush(0.2)
    assert not is_written(recorder, *during)
    os.unlink(f"{disk}/filler")

    wait_until(lambda: is_written(recorder, first, *during), "what was held is written")
    assert recorder.lost() == {}
    assert recorder.rows("PRAGMA integrity_check") == [("ok",)]
    (_,) = [warning for warning in warnings_of(caplog) if "is full" in warning]


def test_a_disk_that_stays_full_costs_what_has_no_room_and_says_how_much(disk, record_in):
    recorder = record_in(db_path=f"{disk}/record.db", queue_bytes=20_000)
    recorder.request(email="ada@example.com")
    assert recorder.flush()
    fill(disk)
    ids = [recorder.request(**{f"field{n}": f"value {n}" for n in range(10)}) for _ in range(100)]
    os.unlink(f"{disk}/filler")
    assert recorder.flush()

    kept = recorder.request_ids() & set(ids)
    assert 0 < len(kept) < 100
    assert kept == set(ids[: len(kept)]), "the newest give way"
    assert recorder.lost() == {
        ("queue_full", "requests"): 100 - len(kept),
        ("queue_full", "data_events"): 10 * (100 - len(kept)),
    }


def test_a_read_only_file_system_is_waited_for(disk, record_in, caplog):
    recorder = record_in(db_path=f"{disk}/record.db")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    request_id = recorder.request(email="ada@example.com")
    wait_until(lambda: warnings_of(caplog), "it is told")
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)

    wait_until(lambda: is_written(recorder, request_id), "what was held is written")
    assert len(warnings_of(caplog)) == 1


def test_a_missing_folder_is_waited_for(record_in, tmp_path, caplog):
    recorder = record_in(db_path=str(tmp_path / "later" / "record.db"))
    request_id = recorder.request(email="ada@example.com")
    wait_until(lambda: warnings_of(caplog), "it is told")
    os.mkdir(tmp_path / "later")

    wait_until(lambda: is_written(recorder, request_id), "what was held is written")


def test_a_deleted_file_is_begun_anew(recorder):
    recorder.request(email="ada@example.com")
    recorder.flush()
    os.unlink(recorder.path)
    second = recorder.request(email="bob@example.com")
    assert recorder.flush()

    assert recorder.request_ids() == {second}


def test_a_file_deleted_during_the_transaction_loses_nothing(recorder, monkeypatch):
    recorder.request(email="ada@example.com")
    recorder.flush()
    insert = writers.record_rows

    def insert_and_delete(connection, rows, pace):
        monkeypatch.setattr(writers, "record_rows", insert)
        os.unlink(recorder.path)
        return insert(connection, rows, pace)

    monkeypatch.setattr(writers, "record_rows", insert_and_delete)
    second = recorder.request(email="bob@example.com")
    assert recorder.flush()

    assert is_written(recorder, second)


def test_a_replaced_file_is_the_record_from_now_on(recorder, tmp_path):
    recorder.request(email="ada@example.com")
    recorder.flush()
    connect(str(tmp_path / "other.db")).close()
    os.replace(tmp_path / "other.db", recorder.path)
    second = recorder.request(email="bob@example.com")
    assert recorder.flush()

    assert recorder.request_ids() == {second}


def test_a_lock_held_for_long_makes_facts_wait_not_the_application(recorder, caplog):
    recorder.request(email="ada@example.com")
    recorder.flush()
    other = sqlite3.connect(recorder.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    began = time.perf_counter()
    ids = [recorder.request(email=f"user{n}@example.com") for n in range(50)]
    took = time.perf_counter() - began
    wait_until(lambda: warnings_of(caplog), "it is told")
    other.execute("ROLLBACK")

    wait_until(lambda: is_written(recorder, *ids), "what was held is written")
    assert took < 5
    assert "locked" in warnings_of(caplog)[0]


def test_a_reader_that_never_ends_does_not_let_the_wal_grow_without_bound(record_in, monkeypatch, caplog):
    monkeypatch.setattr(writers, "WAL_BYTES", 100_000)
    monkeypatch.setattr(writers, "WAL_MOST_BYTES", 400_000)
    recorder = record_in(queue_bytes=200_000)
    recorder.request(email="ada@example.com")
    recorder.flush()
    reader = sqlite3.connect(recorder.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM requests").fetchone()

    sent = 1

    def is_held_and_lost():
        nonlocal sent
        recorder.request(**{f"field{n}": f"value {n} {sent}" for n in range(20)})
        sent += 1
        return any("reader" in text for text in warnings_of(caplog)) and status.pending_losses()

    wait_until(is_held_and_lost, "the WAL is at its bound, and the queue too")
    assert os.path.getsize(f"{recorder.path}-wal") < 2_000_000
    reader.execute("COMMIT")
    reader.close()

    wait_until(lambda: recorder.flush(), "what was held is written")
    wait_until(lambda: recorder.lost(), "what was lost is told")
    assert len(recorder.request_ids()) + recorder.lost()["queue_full", "requests"] == sent


def test_a_damaged_record_is_set_aside_and_a_new_one_begun(record_in, settings, tmp_path, caplog):
    connect(settings.db_path).close()
    content = bytearray((tmp_path / "record.db").read_bytes())
    content[4096 : 8 * 4096] = os.urandom(7 * 4096)
    (tmp_path / "record.db").write_bytes(content)
    recorder = record_in()
    request_id = recorder.request(email="ada@example.com")
    wait_until(lambda: is_written(recorder, request_id), "a new record is begun")

    (aside,) = [n for n in os.listdir(tmp_path) if ".corrupt-" in n and n[-4:] not in ("-wal", "-shm")]
    assert aside.startswith("record.db.corrupt-20")
    assert (tmp_path / aside).read_bytes()[4096 : 8 * 4096] == content[4096 : 8 * 4096]
    assert recorder.lost() == {("corrupt_file", "record"): 1}
    assert any(aside in text for text in warnings_of(caplog))


def test_a_record_damaged_while_it_is_open_is_set_aside(recorder, tmp_path):
    for n in range(30):
        recorder.request(**{f"field{m}": f"value {m} {n}" for m in range(20)})
    recorder.flush()
    checkpointer = sqlite3.connect(recorder.path)
    checkpointer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    checkpointer.close()
    with open(recorder.path, "r+b") as file:
        file.seek(0)
        file.write(os.urandom(os.path.getsize(recorder.path)))
    recorder.store.writer.close()
    with open(recorder.path, "r+b") as file:
        file.write(b"SQLite format 3\x00")
    request_id = recorder.request(email="ada@example.com")

    wait_until(lambda: is_written(recorder, request_id), "a new record is begun")
    assert [n for n in os.listdir(tmp_path) if ".corrupt-" in n]


@pytest.mark.parametrize("content", [b"dear diary\n" * 1000, b"SQLite format 2", b"\x00" * 5000])
def test_a_file_that_is_no_database_is_left_alone(record_in, tmp_path, caplog, content):
    (tmp_path / "record.db").write_bytes(content)
    recorder = record_in()
    for _ in range(3):
        recorder.request(email="ada@example.com")
        recorder.flush()

    assert (tmp_path / "record.db").read_bytes() == content
    assert [name for name in os.listdir(tmp_path) if ".spool-" not in name] == ["record.db"]
    (warning,) = warnings_of(caplog)
    assert "is not a SQLite database" in warning
    assert sum(status.pending_losses().values()) + len(recorder.store.writer.loss_rows()) >= 1


def test_another_applications_database_is_left_alone(record_in, tmp_path, caplog):
    theirs = sqlite3.connect(tmp_path / "record.db")
    theirs.executescript("CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (7);")
    theirs.close()
    before = (tmp_path / "record.db").read_bytes()
    recorder = record_in()
    recorder.request(email="ada@example.com")
    recorder.flush()

    assert (tmp_path / "record.db").read_bytes() == before
    assert "another application" in warnings_of(caplog)[0]


def test_a_newer_schema_is_refused_and_nothing_written(record_in, settings, tmp_path, caplog):
    connection = connect(settings.db_path)
    connection.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION + 1}")
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    before = (tmp_path / "record.db").read_bytes()
    recorder = record_in()
    for _ in range(3):
        recorder.request(email="ada@example.com")
        recorder.flush()

    assert (tmp_path / "record.db").read_bytes() == before
    (warning,) = warnings_of(caplog)
    assert f"has schema {schema.SCHEMA_VERSION + 1}" in warning
    rows = recorder.store.writer.loss_rows()
    assert {(reason, kind) for _, reason, kind, *_ in rows} == {("refused_file", "span")}
    assert sum(count for _, _, _, count, *_ in rows) == 3


def test_losses_of_a_refused_file_are_told_once_it_can_be_written(record_in, settings):
    connection = connect(settings.db_path)
    connection.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION + 1}")
    recorder = record_in()
    recorder.request(email="ada@example.com")
    recorder.flush()
    connection.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION}")
    recorder.request(email="bob@example.com")
    recorder.flush()

    assert recorder.lost() == {("refused_file", "span"): 1}


def test_losses_survive_the_end_of_a_process_that_could_not_write(record_in, tmp_path):
    recorder = record_in(db_path=str(tmp_path / "record.db"), queue_bytes=3_000)
    connect(recorder.path).close()
    other = sqlite3.connect(recorder.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    ids = [recorder.request(email=f"user{n}@example.com") for n in range(20)]
    recorder.store.close(0.1)
    other.execute("ROLLBACK")

    assert len(recorder.request_ids()) + recorder.lost()["queue_full", "requests"] == len(ids)


def test_another_salt_is_told_and_both_are_named(record_in, settings, caplog):
    record_in().request(email="ada@example.com")
    recorder = record_in()
    recorder.flush()
    recorder.exporter.shutdown()
    other = Recorder(settings)
    other.exporter = stores.Store(settings, b"another salt")  # as another process would have
    other.exporter.put([encode_held(("p", None, None, None, 0, 0, {"provenance.request_id": "r"}))])
    other.exporter.flush(5)
    other.exporter.close()

    assert len(recorder.rows("SELECT * FROM meta WHERE name LIKE 'key:%'")) == 2
    assert len(recorder.rows("SELECT DISTINCT key_id FROM processes")) == 2
    (warning,) = warnings_of(caplog)
    assert "another salt" in warning
    assert SALT.decode() not in warning


def test_a_slow_disk_does_not_slow_the_application_for_long(recorder, monkeypatch):
    append = SpoolFile.append
    calls = []

    def slow(self, frame):
        calls.append(frame)
        time.sleep(0.3)
        append(self, frame)

    monkeypatch.setattr(SpoolFile, "append", slow)
    ids = [recorder.request(email=f"user{n}@example.com") for n in range(20)]
    assert recorder.flush()

    assert len(calls) <= 2, "a spool that is too slow is done without for a while"
    assert recorder.request_ids() == set(ids)


@pytest.mark.parametrize("step_s", [-7200, 7200])
def test_clock_steps_change_no_fact(recorder, monkeypatch, step_s):
    first = recorder.request(email="ada@example.com")
    clock = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: clock() + step_s * 1_000_000_000)
    second = recorder.request(email="bob@example.com")
    wait_until(lambda: is_written(recorder, first, second), "both are written soon")

    assert recorder.lost() == {}


def test_a_fault_of_ours_in_the_writer_is_counted_and_it_goes_on(recorder, monkeypatch):
    from otel_provenance import guard

    monkeypatch.setattr(guard, "strict", False)
    monkeypatch.setattr(stores, "_RETRY_S", (0.01,))
    write = recorder.store.writer.write

    def fail_once(frames):
        monkeypatch.setattr(recorder.store.writer, "write", write)
        raise RuntimeError("ada@example.com")

    monkeypatch.setattr(recorder.store.writer, "write", fail_once)
    request_id = recorder.request(email="ada@example.com")

    wait_until(lambda: is_written(recorder, request_id), "it goes on")
    wait_until(lambda: recorder.lost() == {("error", "store.round:RuntimeError"): 1}, "the fault is told")
