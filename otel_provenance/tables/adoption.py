"""Bring into the record what lies in spools: of processes that died, and of those that have not written yet.

Rows are inserted so that twice is once; so who looks at the record may insert what a living process is about
to insert, and sees every request that has ended.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from otel_provenance.tables.opening import RecordError, connect
from otel_provenance.tables.recording import record_rows
from otel_provenance.tables.rows import Rows, SpanFacts, time_text
from otel_provenance.tables.spool import Frame, LeftSpool, decode, remove_drafts, spools_of

LOSSES: Final = "losses"
"""First item of a payload that tells of losses; the others are rows of that table."""
TRANSACTION_BYTES: Final = 2 * 1024 * 1024
"""About this much of encoded facts is written in one transaction: more costs less, for hashes lie all over their index
(a tenth less than by a quarter of it), but no writer is to wait long for another (this much takes some 100 ms)."""


def rows_of(frames: Iterable[Frame]) -> Rows:
    """The rows that frames stand for; a frame that cannot be understood is a row of ``losses``."""
    rows = Rows()
    strange = 0
    for frame in frames:
        try:
            payload: tuple[Any, ...] = decode(frame)
            if payload[0] == LOSSES:
                rows.losses += payload[1:]
            else:
                rows.add(SpanFacts(*payload))
        except (ValueError, TypeError, EOFError, LookupError, OverflowError, AttributeError):
            strange += 1
    if strange:
        rows.losses.append((time_text(time.time_ns()), "unreadable", "span", strange, None, secrets.token_hex(8)))
    return rows


def batches(frames: Sequence[Frame]) -> Iterator[Sequence[Frame]]:
    """Frames in runs that make a transaction of bounded size."""
    start = size = 0
    for at, frame in enumerate(frames):
        size += len(frame)
        if size >= TRANSACTION_BYTES:
            yield frames[start : at + 1]
            start, size = at + 1, 0
    if start < len(frames):
        yield frames[start:]


def adopt_spools(connection: sqlite3.Connection, db_path: str, *, living: bool = False) -> int:
    """Insert what dead processes left, and remove their spools; the number of frames that were read.

    With ``living``, what living processes have not written yet is inserted too, and left to them. Raises
    sqlite3.Error as inserting does; spools that cannot be read are left where they are.
    """
    read = 0
    remove_drafts(db_path)
    for path in spools_of(db_path):
        try:
            spool = LeftSpool(path)
        except OSError:
            continue
        done = False
        try:
            if spool.is_left or living:
                some = spool.read()
                _insert(connection, some)
                read += len(some)
                done = True
        finally:
            spool.close(remove=done)
    return read


def catch_up(db_path: str) -> None:
    """Before the record is read: bring in what waits in spools, if that can be done; else say nothing."""
    if spools_of(db_path):
        _attempt(db_path, lambda connection: adopt_spools(connection, db_path, living=True))


def bring_up(db_path: str) -> None:
    """Before the record is read: bring its schema up, if that can be done; else say nothing."""
    _attempt(db_path, lambda connection: None)


def _attempt(db_path: str, work: Callable[[sqlite3.Connection], object]) -> None:
    try:
        connection = connect(db_path, timeout_s=1.0)
        try:
            work(connection)
        finally:
            connection.close()
    except (sqlite3.Error, OSError, RecordError):
        pass


def _insert(connection: sqlite3.Connection, some: Sequence[bytes]) -> None:
    for batch in batches(some):
        rows = rows_of(batch)
        connection.execute("BEGIN IMMEDIATE")
        try:
            record_rows(connection, rows)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
