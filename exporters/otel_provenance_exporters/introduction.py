"""Who writes to the record: the process, what it watches, and the key of its hashes; for ``doctor``."""

from __future__ import annotations

import json
import logging
import os
import platform
import sqlite3
import time

from otel_provenance import status
from otel_provenance.identifiers import new_request_id
from otel_provenance.tables.rows import time_text
from otel_provenance.version import __version__

logger = logging.getLogger("otel_provenance")

_SEEN_EVERY_S = 30.0


class Introduction:
    """This process, as the table ``processes`` tells of it."""

    def __init__(self, path: str, key_id: str) -> None:
        self.service: str | None = None
        self._path = path
        self._key_id = key_id
        self.renew()

    def renew(self) -> None:
        """A process of its own, as after a fork."""
        self.process_id = new_request_id()
        self._started_at = time_text(time.time_ns())
        self.forget()

    def forget(self) -> None:
        """The record does not know of this process, or may not."""
        self._told: tuple[object, ...] | None = None
        self._told_at = 0.0

    def tell(self, connection: sqlite3.Connection) -> None:
        """Within the caller's transaction: at first, when something changed, and now and then."""
        now = time.monotonic()
        told = (tuple(status.ways), tuple(status.hooked.items()), tuple(status.skipped.items()), self.service)
        if told == self._told and now - self._told_at < _SEEN_EVERY_S:
            return
        seen = time_text(time.time_ns())
        connection.execute(
            "INSERT OR REPLACE INTO processes (process_id, pid, started_at, last_seen_at, service, version, python,"
            " ways, hooked, skipped, key_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.process_id,
                os.getpid(),
                self._started_at,
                seen,
                self.service,
                __version__,
                platform.python_version(),
                ",".join(status.ways),
                json.dumps(status.hooked),
                json.dumps(status.skipped),
                self._key_id,
            ),
        )
        if self._told is None:
            self._tell_key(connection, seen)
        self._told, self._told_at = told, now

    def _tell_key(self, connection: sqlite3.Connection, now: str) -> None:
        connection.execute("INSERT OR IGNORE INTO meta VALUES ('key_id', ?)", (self._key_id,))
        first = connection.execute("SELECT value FROM meta WHERE name = 'key_id'").fetchone()[0]
        new = connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (f"key:{self._key_id}", now)).rowcount
        if new and first != self._key_id:
            logger.warning(
                "otel-provenance: %s was begun with another salt (key %s, now %s): values recorded before cannot be "
                "recognised from now on; restore %s.key or PROVENANCE_HASH_SALT, or name another file",
                self._path,
                first,
                self._key_id,
                self._path,
            )
