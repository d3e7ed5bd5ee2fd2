"""The schema of the record, a comment for each table; its version and how older ones become this one.

Schema history: 1, the first; 2, leaves are found by their value, a loss is told once, processes say their
key, requests the version of their service, shares the language model, erasures leave a proof.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

SCHEMA_VERSION: Final = 2
APPLICATION_ID: Final = 0x4F507276
"""``OPrv``, in the header of the file: tells a record from other SQLite databases."""

SCHEMA: Final = """
-- what the file was made with: created_at, and for each salt key:<fingerprint> → since when
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- one row for each HTTP request that the application served
CREATE TABLE requests (
    request_id TEXT PRIMARY KEY, trace_id TEXT, span_id TEXT, parent_request_id TEXT, service TEXT,
    started_at TEXT NOT NULL, duration_ms REAL, method TEXT, path TEXT, route TEXT, user_id TEXT,
    client_address TEXT, status_code INTEGER, response_type TEXT, response_bytes INTEGER,
    response_preview TEXT, error TEXT, inspected TEXT NOT NULL DEFAULT 'full', inspected_reason TEXT,
    service_version TEXT
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
    inspected TEXT NOT NULL, inspected_reason TEXT, gen_ai_provider TEXT, gen_ai_model TEXT
) WITHOUT ROWID;

-- the edges: this event carries data of this tag
CREATE TABLE tag_matches (
    event_id TEXT NOT NULL, tag_id TEXT NOT NULL, location TEXT NOT NULL, field TEXT NOT NULL,
    kind TEXT NOT NULL, transform TEXT NOT NULL, confidence REAL NOT NULL, via_event_id TEXT,
    PRIMARY KEY (event_id, tag_id, location, field, transform)
) WITHOUT ROWID;

-- specific values that events carried, by keyed hash: what links requests, processes and services
CREATE TABLE leaves (
    value_hash TEXT NOT NULL, event_id TEXT NOT NULL, location TEXT NOT NULL, field TEXT NOT NULL,
    PRIMARY KEY (value_hash, event_id, location, field)
) WITHOUT ROWID;

-- what the record knows that it lacks; loss_id makes telling it twice harmless
CREATE TABLE losses (
    occurred_at TEXT NOT NULL, reason TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL,
    process_id TEXT, loss_id TEXT UNIQUE
);

-- the processes that wrote here: what doctor tells of them; hooked and skipped are JSON objects
CREATE TABLE processes (
    process_id TEXT PRIMARY KEY, pid INTEGER, started_at TEXT NOT NULL, last_seen_at TEXT, service TEXT,
    version TEXT, python TEXT, ways TEXT, hooked TEXT, skipped TEXT, key_id TEXT
) WITHOUT ROWID;

-- the proof that someone's values were taken out: a digest of the hash that was, and how many rows changed
CREATE TABLE erasures (
    erasure_id TEXT NOT NULL, occurred_at TEXT NOT NULL, subject_digest TEXT NOT NULL, changed TEXT NOT NULL,
    PRIMARY KEY (subject_digest, erasure_id)
) WITHOUT ROWID;

CREATE INDEX data_events_request ON data_events (request_id);
CREATE INDEX data_events_hash ON data_events (value_hash);
CREATE INDEX storage_events_request ON storage_events (request_id);
CREATE INDEX storage_events_row ON storage_events (table_name, primary_key) WHERE primary_key IS NOT NULL;
CREATE INDEX storage_events_deletes ON storage_events (table_name) WHERE operation = 'delete' AND primary_key IS NULL;
CREATE INDEX share_events_request ON share_events (request_id);
CREATE INDEX tag_matches_tag ON tag_matches (tag_id);
"""


def statements(script: str) -> list[str]:
    """The statements of a script whose statements each end a line."""
    return [statement for statement in script.split(";\n") if statement.strip()]


def table_definition(name: str) -> str:
    """The ``CREATE TABLE`` of one table of the present schema."""
    (found,) = [s for s in statements(SCHEMA) if f"CREATE TABLE {name} (" in s]
    return found


def _to_2(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE leaves RENAME TO leaves_1")
    connection.execute(table_definition("leaves"))
    connection.execute(
        "INSERT OR IGNORE INTO leaves SELECT value_hash, event_id, location, field FROM leaves_1 ORDER BY value_hash"
    )
    connection.execute("DROP TABLE leaves_1")
    connection.execute("ALTER TABLE losses RENAME TO losses_1")
    connection.execute(table_definition("losses"))
    connection.execute(
        "INSERT INTO losses SELECT occurred_at, reason, kind, count, process_id, '1.' || rowid FROM losses_1"
    )
    connection.execute("DROP TABLE losses_1")
    connection.execute("ALTER TABLE processes ADD COLUMN key_id TEXT")
    connection.execute("ALTER TABLE requests ADD COLUMN service_version TEXT")
    connection.execute("ALTER TABLE share_events ADD COLUMN gen_ai_provider TEXT")
    connection.execute("ALTER TABLE share_events ADD COLUMN gen_ai_model TEXT")
    connection.execute(table_definition("erasures"))
    connection.execute(
        "CREATE INDEX storage_events_row ON storage_events (table_name, primary_key) WHERE primary_key IS NOT NULL"
    )
    connection.execute(
        "CREATE INDEX storage_events_deletes ON storage_events (table_name)"
        " WHERE operation = 'delete' AND primary_key IS NULL"
    )
    connection.execute(
        "INSERT OR IGNORE INTO meta SELECT 'key:' || value,"
        " strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM meta WHERE name = 'key_id'"
    )


MIGRATIONS: Final[dict[int, Callable[[sqlite3.Connection], None]]] = {2: _to_2}
"""Version → what makes it of the version before, inside one transaction."""
