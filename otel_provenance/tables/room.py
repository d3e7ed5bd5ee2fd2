"""Room on the record's file system: what is left, when that is too little, and how the record gives some back."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from typing import Final, NamedTuple

from otel_provenance.settings import Retention

LOW_BYTES: Final = 512 * 1024 * 1024
"""Too little where nothing else is set: twice what the WAL may grow to, which is then moved into the database."""
_LOW_SHARE: Final = 0.1
"""Of a small file system a tenth is enough: a record there is small as well."""
_PAGES: Final = 4_096
"""Pages given back at once: they go through the WAL, which needs room of its own."""


class Shortage(NamedTuple):
    """Too little room."""

    says: str
    advice: str


def shortage(path: str, retention: Retention) -> Shortage | None:
    """What to tell if less is free for the record than PROVENANCE_RETENTION names, or else than it may soon need."""
    try:
        total, _, free = shutil.disk_usage(os.path.dirname(path) or ".")
    except OSError:
        return None
    wanted = retention.min_free_bytes
    if free >= (min(LOW_BYTES, total * _LOW_SHARE) if wanted is None else wanted):
        return None
    if wanted is None:
        says = f"only {size_text(free)} is free for {path}: once full, facts wait in memory, and some will be lost"
        return Shortage(says, "free the disk, or let the oldest go in time: PROVENANCE_RETENTION=free=1GB")
    says = f"only {size_text(free)} is free for {path}, less than the {size_text(wanted)} of PROVENANCE_RETENTION"
    return Shortage(says, "free the disk: the record keeps its last hour, and all while a reader holds its WAL")


def free_bytes(path: str) -> int:
    """What this user may still write where the file is; OSError as it comes."""
    return shutil.disk_usage(os.path.dirname(path) or ".").free


def give_back(connection: sqlite3.Connection, is_enough: Callable[[], bool]) -> bool:
    """Give free pages to the file system, some at a time; True once all are, and the WAL is empty.

    False, too, where that cannot be: a reader needs the WAL, or the file was not made for it.
    """
    while _empty_wal(connection):
        unused = _unused_pages(connection)
        if not unused:
            return True
        if is_enough():
            break
        connection.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
        if _unused_pages(connection) >= unused:
            break
    return False


def _empty_wal(connection: sqlite3.Connection) -> bool:
    for mode in ("PASSIVE", "TRUNCATE"):  # the latter keeps writers waiting: only where no reader is in its way
        is_busy, frames, moved = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        if is_busy or moved < frames:
            return False
    return True


def _unused_pages(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA freelist_count").fetchone()[0])


def size_text(count: int) -> str:
    """``17 bytes``, ``1.5 MiB``, ``120 GiB``."""
    size = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            return f"{size:,.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1024
    raise AssertionError
