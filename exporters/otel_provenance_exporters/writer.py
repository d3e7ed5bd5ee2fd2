"""Frames → the SQLite record: one transaction for many spans, through whatever befalls the file.

Not thread-safe: who writes holds the store's drain lock.
"""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from otel_provenance import status
from otel_provenance.settings import Retention
from otel_provenance.tables.adoption import adopt_spools, rows_of
from otel_provenance.tables.opening import CorruptRecord, RefusedRecord, connect, is_corruption, set_aside
from otel_provenance.tables.recording import record_rows
from otel_provenance.tables.retention import prune
from otel_provenance.tables.room import shortage
from otel_provenance.tables.rows import Row, time_text
from otel_provenance.tables.spool import Frame, alone_in
from otel_provenance_exporters.introduction import Introduction
from otel_provenance_exporters.native import making_way

logger = logging.getLogger("otel_provenance")

_BUSY_S = 1.0
_ASK_AGAIN_S = 30.0


WAL_BYTES = 16 * 1024 * 1024
"""From this size on the WAL is moved into the database; larger is cheaper, to a point: measured 1.6 times."""
WAL_MOST_BYTES = 256 * 1024 * 1024
"""The WAL grows beyond this by no more than one transaction of each process."""
_CHECKPOINT_APART_S = 0.5
_PRUNE_S = 0.1
_FRAMES_AT_ONCE = 32
_ROWS_AT_ONCE = 512


class Hold(Exception):
    """The record cannot be written now: keep the facts, and try again. The text is the reason for people."""


class Refused(Exception):
    """The record will not take these facts: count them as lost. ``reason`` is for the table ``losses``."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class RecordWriter:
    """The one connection of this process to the record."""

    def __init__(self, path: str, key_id: str, *, durable: bool = False) -> None:
        self.path = path
        self._durable = durable
        self.process = Introduction(path, key_id)
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._wal_inode: tuple[int, int] | None = None
        self._losses: list[Row] = []
        self._refused: tuple[float, Refused] | None = None
        self._checkpoint_at = 0.0
        self._told_shortage = False
        self.is_patient = False
        """Whether to let other threads come first: nobody waits for what is written."""

    def write(self, frames: Sequence[Frame]) -> None:
        """Commit what the frames say, and what was lost until now; Hold or Refused where that cannot be."""
        rows = rows_of(making_way(frames, _FRAMES_AT_ONCE) if self.is_patient else frames)
        self._take_losses()
        rows.losses += self._losses
        connection = self.connection()
        self._keep_wal_small(connection)
        try:
            connection.execute("BEGIN IMMEDIATE")
            refused: Counter[str] = record_rows(connection, rows, _paced if self.is_patient else iter)
            self.process.tell(connection)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.process.forget()
            raise self._explain(error) from error
        if _inode_of(self.path) != self._inode:  # what was just written is in a file that is gone
            self.close()
            self._remove_stale_wal()
            raise Hold(f"{self.path} was moved or deleted")
        self._losses = []
        for table, count in refused.items():
            status.count_loss("refused", table, count)

    def connection(self) -> sqlite3.Connection:
        """The connection, opened if need be; Hold or Refused where that cannot be."""
        if self._connection is not None and _inode_of(self.path) != self._inode:
            self.close()
            self._remove_stale_wal()
        if self._connection is None:
            self._open()
        assert self._connection is not None
        return self._connection

    def loss_rows(self) -> list[Row]:
        """Losses that are not in the record yet."""
        self._take_losses()
        return self._losses

    def close(self) -> None:
        """Close the connection; the next use opens it again."""
        connection, self._connection = self._connection, None
        self.process.forget()
        if connection is not None:
            try:
                connection.close()
            except sqlite3.Error:
                pass

    def renew_after_fork(self) -> None:
        """In a forked child: a process of its own, and the parent's connection is not touched any more."""
        if self._connection is not None:
            _leaked.append(self._connection)
            self._connection = None
        self._losses = []
        self.process.renew()

    def adopt(self) -> None:
        """Bring in what dead processes left in their spools; Hold or Refused where that cannot be."""
        connection = self.connection()
        try:
            adopt_spools(connection, self.path)
        except sqlite3.Error as error:
            raise self._explain(error) from error

    def prune(self, retention: Retention) -> bool:
        """Remove what the record may not keep, for a short time; True if there is more. Hold or Refused."""
        connection = self.connection()
        ends = time.monotonic() + _PRUNE_S
        removed: Counter[str] = Counter()
        size = self._size()
        try:
            with alone_in(os.path.dirname(self.path)) as is_alone:
                if is_alone:
                    removed = prune(connection, retention, is_enough=lambda: time.monotonic() > ends)
        except sqlite3.Error as error:
            raise self._explain(error) from error
        except OSError as error:
            raise Hold(f"{self.path}: {error.strerror}") from error
        return time.monotonic() > ends and (bool(removed) or self._size() < size)

    def _size(self) -> int:
        return _size_of(self.path) + _size_of(f"{self.path}-wal")

    def tell_shortage(self, retention: Retention) -> None:
        """Warn, once in a process, if the file system has too little room."""
        if not self._told_shortage and (found := shortage(self.path, retention)) is not None:
            self._told_shortage = True
            logger.warning("otel-provenance: %s; %s", *found)

    def _keep_wal_small(self, connection: sqlite3.Connection) -> None:
        """Move what is in the WAL into the database, now and then; Hold where a reader keeps it from shrinking.

        Of all processes one does it at a time: SQLite before 3.51.3 has a rare race between two
        (https://sqlite.org/wal.html, "the WAL-reset bug").
        """
        size = _size_of(f"{self.path}-wal")
        self._wal_inode = _inode_of(f"{self.path}-wal")
        now = time.monotonic()
        if size < WAL_BYTES or (now < self._checkpoint_at and size < WAL_MOST_BYTES):
            return
        self._checkpoint_at = now + _CHECKPOINT_APART_S
        try:
            with alone_in(os.path.dirname(self.path)) as is_alone:
                if is_alone:
                    mode = "PASSIVE" if size < WAL_MOST_BYTES else "TRUNCATE"
                    connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
        except sqlite3.Error as error:
            raise self._explain(error) from error
        if _size_of(f"{self.path}-wal") > WAL_MOST_BYTES:
            raise Hold(f"{self.path}-wal has grown to {size:,} bytes, for a reader has not ended its transaction")

    def _open(self) -> None:
        if self._refused is not None:
            until, refusal = self._refused
            if time.monotonic() < until:
                raise refusal
            self._refused = None
        try:
            self._connection = connect(self.path, timeout_s=_BUSY_S)
        except RefusedRecord as error:
            refusal = Refused("refused_file", str(error))
            self._refused = (time.monotonic() + _ASK_AGAIN_S, refusal)
            raise refusal from error
        except CorruptRecord as error:
            self._set_aside()
            raise Hold(str(error)) from error
        except sqlite3.Error as error:
            raise self._explain(error) from error
        except OSError as error:
            raise Hold(f"{self.path} cannot be opened: {error.strerror}") from error
        self._connection.execute("PRAGMA wal_autocheckpoint=0")
        if self._durable:
            self._connection.execute("PRAGMA synchronous=FULL")
        self._inode = _inode_of(self.path)

    def _explain(self, error: sqlite3.Error) -> Exception:
        connection = self._connection
        if connection is not None:
            try:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            except sqlite3.Error:
                self.close()
        if is_corruption(error):
            self.close()
            self._set_aside()
            return Hold(f"{self.path} was damaged")
        text = str(error)
        if "locked" not in text and "full" not in text:
            self.close()  # whatever it is, a new connection is the better start
        return Hold(f"{self.path}: {text}")

    def _remove_stale_wal(self) -> None:
        """A file was put in the place of ours: what lies beside it is our WAL still, and would spoil it."""
        if self._wal_inode is not None and _inode_of(f"{self.path}-wal") == self._wal_inode:
            for suffix in ("-wal", "-shm"):
                try:
                    os.unlink(self.path + suffix)
                except OSError:
                    pass

    def _set_aside(self) -> None:
        try:
            found = os.stat(self.path)
            aside = set_aside(self.path, found.st_ino)
        except OSError:
            return
        if aside is not None:
            status.count_loss("corrupt_file", "record")
            logger.error(
                "otel-provenance: %s was damaged; it is now %s, and a new record was begun "
                "(try `sqlite3 %s .recover` to get its rows back)",
                self.path,
                aside,
                aside,
            )

    def _take_losses(self) -> None:
        taken = status.take_losses()
        if taken:
            now = time_text(time.time_ns())
            self._losses += [
                (now, reason, kind, count, self.process.process_id, secrets.token_hex(8))
                for (reason, kind), count in taken.items()
            ]


def _paced(rows: Sequence[Row]) -> Iterator[Row]:
    return making_way(rows, _ROWS_AT_ONCE)


def _inode_of(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _size_of(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


_leaked: list[sqlite3.Connection] = []
"""In a forked child: the parent's connections. To close one would be to use it, which SQLite forbids
(https://sqlite.org/howtocorrupt.html, section 2.6)."""
