"""Older records become the present schema, whole, with a copy kept; by many processes at once, once."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys

import pytest

from otel_provenance.tables import SCHEMA_VERSION, connect, connect_readonly, schema
from otel_provenance.tables.opening import RecordError

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

SCHEMA_1 = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE requests (
    request_id TEXT PRIMARY KEY, trace_id TEXT, span_id TEXT, parent_request_id TEXT, service TEXT,
    started_at TEXT NOT NULL, duration_ms REAL, method TEXT, path TEXT, route TEXT, user_id TEXT,
    client_address TEXT, status_code INTEGER, response_type TEXT, response_bytes INTEGER,
    response_preview TEXT, error TEXT, inspected TEXT NOT NULL DEFAULT 'full', inspected_reason TEXT
) WITHOUT ROWID;
CREATE TABLE data_events (
    tag_id TEXT PRIMARY KEY, request_id TEXT NOT NULL, occurred_at TEXT NOT NULL, source TEXT NOT NULL,
    field TEXT NOT NULL, value_hash TEXT NOT NULL, value_bytes INTEGER, value_type TEXT, preview TEXT,
    category TEXT
) WITHOUT ROWID;
CREATE TABLE storage_events (
    event_id TEXT PRIMARY KEY, request_id TEXT, occurred_at TEXT NOT NULL, operation TEXT NOT NULL,
    db_system TEXT, db_name TEXT, table_name TEXT, column_name TEXT, primary_key TEXT, model TEXT,
    value_hash TEXT, row_count INTEGER NOT NULL, outcome TEXT NOT NULL, inspected TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE share_events (
    event_id TEXT PRIMARY KEY, request_id TEXT, occurred_at TEXT NOT NULL, channel TEXT NOT NULL,
    library TEXT, method TEXT, host TEXT, port INTEGER, url TEXT, payload_type TEXT, payload_bytes INTEGER,
    payload_hash TEXT, payload_preview TEXT, status_code INTEGER, outcome TEXT NOT NULL,
    inspected TEXT NOT NULL, inspected_reason TEXT
) WITHOUT ROWID;
CREATE TABLE tag_matches (
    event_id TEXT NOT NULL, tag_id TEXT NOT NULL, location TEXT NOT NULL, field TEXT NOT NULL,
    kind TEXT NOT NULL, transform TEXT NOT NULL, confidence REAL NOT NULL, via_event_id TEXT,
    PRIMARY KEY (event_id, tag_id, location, field, transform)
) WITHOUT ROWID;
CREATE TABLE leaves (
    event_id TEXT NOT NULL, location TEXT NOT NULL, field TEXT NOT NULL, value_hash TEXT NOT NULL,
    PRIMARY KEY (event_id, location, field, value_hash)
) WITHOUT ROWID;
CREATE TABLE losses (
    occurred_at TEXT NOT NULL, reason TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL, process_id TEXT
);
CREATE TABLE processes (
    process_id TEXT PRIMARY KEY, pid INTEGER, started_at TEXT NOT NULL, last_seen_at TEXT, service TEXT,
    version TEXT, python TEXT, ways TEXT, hooked TEXT, skipped TEXT
) WITHOUT ROWID;
CREATE INDEX data_events_request ON data_events (request_id);
CREATE INDEX data_events_hash ON data_events (value_hash);
CREATE INDEX storage_events_request ON storage_events (request_id);
CREATE INDEX share_events_request ON share_events (request_id);
CREATE INDEX tag_matches_tag ON tag_matches (tag_id);
INSERT INTO meta VALUES ('key_id', '0123456789abcdef');
INSERT INTO requests (request_id, started_at) VALUES ('r.1', '2026-11-24T06:00:00.000000Z');
INSERT INTO leaves VALUES ('e.1', 'body', 'email', 'hash 1'), ('e.2', 'body', 'email', 'hash 0');
INSERT INTO losses VALUES ('2026', 'queue_full', 'requests', 3, 'p.1'), ('2026', 'error', 'x', 1, 'p.1');
INSERT INTO processes (process_id, started_at) VALUES ('p.1', '2026');
PRAGMA user_version = 1;
"""


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "record.db"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA_1)
    connection.close()
    return path


def shape(connection):
    tables = [t for (t,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
    columns = {t: [row[1:6] for row in connection.execute(f"PRAGMA table_info({t})")] for t in tables}
    indexes = [n for (n,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY 1")]
    return columns, indexes


def copies(folder):
    return [folder / name for name in os.listdir(folder) if ".schema-" in name]


def test_an_older_record_becomes_the_present_schema_with_its_rows(old, tmp_path):
    migrated = connect(str(old))
    fresh = connect(str(tmp_path / "fresh.db"))

    assert shape(migrated) == shape(fresh)
    assert migrated.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert migrated.execute("SELECT * FROM leaves").fetchall() == [
        ("hash 0", "e.2", "body", "email"),
        ("hash 1", "e.1", "body", "email"),
    ]
    assert migrated.execute("SELECT sum(count), count(DISTINCT loss_id) FROM losses").fetchone() == (4, 2)
    assert migrated.execute("SELECT name FROM meta ORDER BY 1").fetchall()[-1] == ("key_id",)
    assert migrated.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_copy_of_the_older_record_is_kept(old, tmp_path):
    connect(str(old)).close()
    (copy,) = copies(tmp_path)

    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    kept = sqlite3.connect(copy)
    assert kept.execute("PRAGMA user_version").fetchone() == (1,)
    assert kept.execute("SELECT count(*) FROM leaves").fetchone() == (2,)


def test_a_migration_that_fails_changes_nothing(old, monkeypatch):
    def fail(connection):
        connection.execute("DROP TABLE leaves")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setitem(schema.MIGRATIONS, 2, fail)
    with pytest.raises(sqlite3.OperationalError):
        connect(str(old))

    plain = sqlite3.connect(old)
    assert plain.execute("PRAGMA user_version").fetchone() == (1,)
    assert plain.execute("SELECT count(*) FROM leaves").fetchone() == (2,)


@pytest.mark.parametrize("exists", [True, False])
def test_processes_that_open_at_once_migrate_or_make_once(old, tmp_path, exists):
    if not exists:
        os.unlink(old)
    code = "import sys; from otel_provenance.tables import connect; connect(sys.argv[1])"
    some = [
        subprocess.Popen([sys.executable, "-c", code, str(old)], cwd=ROOT, env=os.environ | {"PROVENANCE_DISABLE": "1"})
        for _ in range(6)
    ]
    assert [process.wait(30) for process in some] == [0] * 6
    assert len(copies(tmp_path)) == int(exists)
    assert connect(str(old)).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_reading_an_older_record_brings_it_up(old, tmp_path):
    assert connect_readonly(str(old)).execute("SELECT count(*) FROM erasures").fetchone() == (0,)
    assert len(copies(tmp_path)) == 1


@pytest.mark.parametrize("content", [b"not a database at all, but a diary", None])
def test_what_cannot_be_read_is_told_in_one_line(tmp_path, content):
    path = tmp_path / "record.db"
    if content is not None:
        path.write_bytes(content * 100)
    with pytest.raises(RecordError) as told:
        connect_readonly(str(path))
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)


def test_a_record_in_a_folder_that_cannot_be_written_is_read(tmp_path):
    path = str(tmp_path / "record.db")
    connection = connect(path)
    connection.execute("INSERT INTO requests (request_id, started_at) VALUES ('r.1', '2026')")
    connection.close()
    os.chmod(tmp_path, 0o500)
    try:
        assert connect_readonly(path).execute("SELECT count(*) FROM requests").fetchone() == (1,)
    finally:
        os.chmod(tmp_path, 0o700)
