"""The schema of the record, its version and migrations, and how to connect to it.

Schema history: 1, the first.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Final

SCHEMA_VERSION: Final = 1

SCHEMA: Final = """
-- what the file was made with: key_id (fingerprint of the salt), created_at
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- one row for each HTTP request that the application served
CREATE TABLE requests (
    request_id TEXT PRIMARY KEY, trace_id TEXT, span_id TEXT, parent_request_id TEXT, service TEXT,
    started_at TEXT NOT NULL, duration_ms REAL, method TEXT, path TEXT, route TEXT, user_id TEXT,
    client_address TEXT, status_code INTEGER, response_type TEXT, response_bytes INTEGER,
    response_preview TEXT, error TEXT, inspected TEXT NOT NULL DEFAULT 'full', inspected_reason TEXT
) WITHOUT ROWID;

-- one row for each ingress tag: a value that a request brought in
CREATE TABLE data_events (
    tag_id TEXT PRIMARY KEY, request_id TEXT NOT NULL, occurred_at TEXT NOT NULL, source TEXT NOT NULL,
    field TEXT NOT NULL, value_hash TEXT NOT NULL, value_bytes INTEGER, value_type TEXT, preview TEXT,
    category TEXT
) WITHOUT ROWID;

-- one row for each written column that carries a tag, each deleted row, and each other writing statement
CREATE TABLE storage_events (
    event_id TEXT PRIMARY KEY, request_id TEXT, occurred_at TEXT NOT NULL, operation TEXT NOT NULL,
    db_system TEXT, db_name TEXT, table_name TEXT, column_name TEXT, primary_key TEXT, model TEXT,
    value_hash TEXT, row_count INTEGER NOT NULL, outcome TEXT NOT NULL, inspected TEXT NOT NULL
) WITHOUT ROWID;

-- one row for each outgoing call
CREATE TABLE share_events (
    event_id TEXT PRIMARY KEY, request_id TEXT, occurred_at TEXT NOT NULL, channel TEXT NOT NULL,
    library TEXT, method TEXT, host TEXT, port INTEGER, url TEXT, payload_type TEXT, payload_bytes INTEGER,
    payload_hash TEXT, payload_preview TEXT, status_code INTEGER, outcome TEXT NOT NULL,
    inspected TEXT NOT NULL, inspected_reason TEXT
) WITHOUT ROWID;

-- the edges: this event carries data of this tag
CREATE TABLE tag_matches (
    event_id TEXT NOT NULL, tag_id TEXT NOT NULL, location TEXT NOT NULL, field TEXT NOT NULL,
    kind TEXT NOT NULL, transform TEXT NOT NULL, confidence REAL NOT NULL, via_event_id TEXT,
    PRIMARY KEY (event_id, tag_id, location, field, transform)
) WITHOUT ROWID;

-- specific values that events carried, by keyed hash: what links requests, processes and services
CREATE TABLE leaves (
    event_id TEXT NOT NULL, location TEXT NOT NULL, field TEXT NOT NULL, value_hash TEXT NOT NULL,
    PRIMARY KEY (event_id, location, field, value_hash)
) WITHOUT ROWID;

-- what the record knows that it lacks
CREATE TABLE losses (
    occurred_at TEXT NOT NULL, reason TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL, process_id TEXT
);

-- the processes that wrote here: what doctor tells of them
CREATE TABLE processes (
    process_id TEXT PRIMARY KEY, pid INTEGER, started_at TEXT NOT NULL, last_seen_at TEXT, service TEXT,
    version TEXT, python TEXT, ways TEXT, hooked TEXT, skipped TEXT
) WITHOUT ROWID;

CREATE INDEX data_events_request ON data_events (request_id);
CREATE INDEX data_events_hash ON data_events (value_hash);
CREATE INDEX storage_events_request ON storage_events (request_id);
CREATE INDEX share_events_request ON share_events (request_id);
CREATE INDEX tag_matches_tag ON tag_matches (tag_id);
"""


class RecordError(Exception):
    """The record cannot be used as it is: one line that says what, where and what to do."""


def connect(path: str, *, timeout_s: float = 5.0) -> sqlite3.Connection:
    """Open the record for writing: made if absent (mode 0600), migrated if older, refused if newer.

    Raises RecordError where the file is no database or has a newer schema, sqlite3.Error and OSError as
    they come otherwise.
    """
    created = False
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        created = True
    except FileExistsError:
        pass
    connection = sqlite3.connect(path, timeout=timeout_s, isolation_level=None, check_same_thread=False)
    try:
        version = _version(connection, path)
        if version > SCHEMA_VERSION:
            raise RecordError(
                f"{path} has schema {version}, this otel-provenance knows up to {SCHEMA_VERSION}: upgrade it"
            )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        if created or version == 0:
            _create(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_readonly(path: str) -> sqlite3.Connection:
    """Open the record for reading; RecordError, one clear line, where there is none or it is not ours."""
    if not os.path.exists(path):
        raise RecordError(f"{path}: no such file; run the application first, or name the file with --db")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5.0, isolation_level=None)
    try:
        version = _version(connection, path)
        if version > SCHEMA_VERSION:
            raise RecordError(
                f"{path} has schema {version}, this otel-provenance knows up to {SCHEMA_VERSION}: upgrade it"
            )
        if version == 0:
            raise RecordError(f"{path} is a database, but not a record of otel-provenance: name another with --db")
    except BaseException:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection, path: str) -> int:
    try:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        raise RecordError(f"{path} is not a SQLite database: move it away, or name another file") from error
    return version


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in SCHEMA.split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
