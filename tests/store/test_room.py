"""Room on the disk: the oldest goes before it is full, what is young stays, and who is to know is told."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time

import pytest
from otel_provenance_exporters import store as stores
from processes import wait_until

from otel_provenance.settings import Retention
from otel_provenance.tables import connect, prune
from otel_provenance.tables.room import shortage
from tests.store.conftest import fill, small_disk, warnings_of
from tests.store.facts import request_attributes_of
from tests.store.lifetimes import DAY, a_life, insert

KIB = 1024
LIVES = 150


@pytest.fixture
def disk(tmp_path):
    with small_disk(str(tmp_path / "disk"), "16m") as folder:
        yield folder


@pytest.fixture
def connection(disk):
    connection = connect(f"{disk}/record.db")
    yield connection
    connection.close()


def free(disk):
    return shutil.disk_usage(disk).free


def lives(connection, monkeypatch, now):
    """Requests of many days, the last of them half an hour ago; their ids, the oldest first."""
    ages = [DAY * (LIVES - n) for n in range(LIVES)] + [1800]
    ids = [a_life(connection, monkeypatch, f"user{n}@example.com", now - age) for n, age in enumerate(ages)]
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return ids


def kept(connection):
    return [r for (r,) in connection.execute("SELECT request_id FROM requests ORDER BY request_id")]


def test_the_oldest_go_until_enough_is_free(disk, connection, monkeypatch):
    now = time.time()
    ids = lives(connection, monkeypatch, now)
    fill(disk, leaving=256 * KIB)
    wanted = 300 * KIB

    removed = prune(connection, Retention(min_free_bytes=wanted), now=now)

    assert free(disk) >= wanted
    left = kept(connection)
    assert removed["requests"] == len(ids) - len(left)
    assert LIVES // 4 < len(left) < len(ids), "no more than is needed"
    assert left == ids[-len(left) :]
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not prune(connection, Retention(min_free_bytes=wanted), now=now)


def test_where_enough_is_free_nothing_goes(disk, connection, monkeypatch):
    ids = lives(connection, monkeypatch, time.time())

    assert not prune(connection, Retention(min_free_bytes=free(disk) - 256 * KIB))
    assert kept(connection) == ids


def test_what_is_young_stays_however_little_is_free(disk, connection, monkeypatch):
    now = time.time()
    ids = lives(connection, monkeypatch, now)
    fill(disk, leaving=1024 * KIB)
    before = free(disk)

    prune(connection, Retention(min_free_bytes=1024**3), now=now)

    assert kept(connection) == ids[-1:]
    assert free(disk) > before
    assert not prune(connection, Retention(min_free_bytes=1024**3), now=now)


def test_nothing_goes_while_that_would_give_nothing_back(disk, connection, monkeypatch):
    now = time.time()
    ids = lives(connection, monkeypatch, now)
    reader = sqlite3.connect(f"{disk}/record.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM requests").fetchone()
    ids.append(a_life(connection, monkeypatch, "new@example.com", now))
    fill(disk, leaving=256 * KIB)

    assert not prune(connection, Retention(min_free_bytes=1024**3), now=now)
    assert kept(connection) == ids

    reader.execute("COMMIT")
    reader.close()
    assert prune(connection, Retention(min_free_bytes=1024**3), now=now)
    assert kept(connection) == ids[-2:]


def test_a_file_that_cannot_shrink_is_not_emptied(disk, connection, monkeypatch):
    now = time.time()
    ids = lives(connection, monkeypatch, now)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("PRAGMA auto_vacuum=NONE")
    connection.execute("VACUUM")
    connection.execute("PRAGMA journal_mode=WAL")

    fill(disk, leaving=256 * KIB)
    for _ in range(20):
        prune(connection, Retention(min_free_bytes=512 * KIB), now=now)

    assert len(kept(connection)) > len(ids) // 4


def test_what_was_deleted_already_is_given_back_first(disk, connection, monkeypatch):
    now = time.time()
    ids = lives(connection, monkeypatch, now)
    insert(connection, *(request_attributes_of({f"f{n}": "v" for n in range(50)})[1] for _ in range(50)))
    connection.execute("DELETE FROM data_events WHERE field LIKE 'f%'")
    connection.execute("DELETE FROM requests WHERE request_id NOT IN (SELECT request_id FROM storage_events)")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    fill(disk, leaving=200 * KIB)

    assert not prune(connection, Retention(min_free_bytes=300 * KIB), now=now)
    assert free(disk) >= 300 * KIB
    assert kept(connection) == ids


def test_a_process_prunes_by_itself_and_says_when_that_is_not_enough(disk, record_in, monkeypatch, caplog):
    monkeypatch.setattr(stores, "_UPKEEP_S", 0.05)
    recorder = record_in(db_path=f"{disk}/record.db", retention=Retention(min_free_bytes=4 * 1024**2))
    with monkeypatch.context() as past:
        two_days_ago = time.time_ns() - 2 * DAY * 1_000_000_000
        past.setattr(time, "time_ns", lambda: two_days_ago)
        _, attributes = request_attributes_of({"email": "ada@example.com"})
    recorder.span(attributes, two_days_ago)
    new = recorder.request(email="bob@example.com")
    assert recorder.flush()
    assert len(recorder.request_ids()) == 2
    assert warnings_of(caplog) == []
    fill(disk, leaving=2 * 1024**2)

    wait_until(lambda: recorder.request_ids() == {new}, "the older request is gone")
    wait_until(lambda: warnings_of(caplog), "it is told that this was not enough")
    (warning,) = warnings_of(caplog)
    assert f"free for {disk}/record.db" in warning
    assert "PROVENANCE_RETENTION" in warning


def test_without_retention_nothing_goes_and_it_is_told_once(disk, record_in, monkeypatch, caplog):
    monkeypatch.setattr(stores, "_UPKEEP_S", 0.01)
    recorder = record_in(db_path=f"{disk}/record.db")
    tell, looked = recorder.store.writer.tell_shortage, []

    def look(retention):
        tell(retention)
        looked.append(retention)

    monkeypatch.setattr(recorder.store.writer, "tell_shortage", look)
    first = recorder.request(email="ada@example.com")
    assert recorder.flush()
    wait_until(lambda: looked, "it is looked at")
    assert warnings_of(caplog) == []
    fill(disk, leaving=1024 * KIB)
    wait_until(lambda: warnings_of(caplog), "it is told")
    before = len(looked)
    wait_until(lambda: len(looked) > before + 3, "it is looked at again")

    (warning,) = warnings_of(caplog)
    assert "\n" not in warning
    assert f"free for {disk}/record.db" in warning
    assert "free=" in warning
    assert recorder.request_ids() == {first}


def test_a_little_is_enough_on_a_little_disk(disk):
    path = f"{disk}/record.db"
    fill(disk, leaving=2048 * KIB)
    assert shortage(path, Retention()) is None
    os.unlink(f"{disk}/filler")
    fill(disk, leaving=1024 * KIB)
    assert shortage(path, Retention()).says.startswith("only 1.0 MiB is free for ")


@pytest.mark.parametrize(("left", "told"), [(600, False), (400, True)])
def test_half_a_gibibyte_is_little_on_a_large_disk(monkeypatch, tmp_path, left, told):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: (2**40, 2**40 - left * 2**20, left * 2**20))
    assert (shortage(str(tmp_path / "record.db"), Retention()) is not None) == told


def test_the_bound_that_is_set_decides_what_is_little(tmp_path):
    path = str(tmp_path / "record.db")
    assert shortage(path, Retention(min_free_bytes=0)) is None
    assert "less than the" in shortage(path, Retention(min_free_bytes=2**60)).says


def test_what_cannot_be_known_is_not_told(tmp_path):
    assert shortage(str(tmp_path / "none" / "record.db"), Retention(min_free_bytes=2**60)) is None
