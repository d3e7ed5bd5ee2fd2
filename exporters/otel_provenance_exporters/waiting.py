"""What waits for the writer: encoded facts in memory, and the same in a spool file that outlives the process."""

from __future__ import annotations

import time
from collections.abc import Sequence

from otel_provenance.tables.spool import Frame, Held, SpoolFile

_TOO_SLOW_S = 0.25
_PAUSE_S = 10.0
_HELD_BYTES = 4 * 1024 * 1024
"""So much waits as it is; beyond, where nobody writes, as bytes, which take a third of the memory."""


class Waiting:
    """Frames that wait, in memory and, where the disk takes it, in a spool. The caller holds the lock."""

    __slots__ = ("_db_path", "_paused_until", "frames", "size", "spool")

    def __init__(self, db_path: str) -> None:
        self.frames: list[Frame] = []
        self.size = 0
        """Bytes that wait."""
        self.spool: SpoolFile | None = None
        self._db_path = db_path
        self._paused_until = 0.0

    def append(self, some: Sequence[tuple[bytes, Held]], *, durable: bool = False) -> None:
        """Take frames, in one write; with ``durable``, return once they are on the disk, if the disk can take them."""
        for frame, held in some:
            self.frames.append(held if self.size < _HELD_BYTES else frame)
            self.size += len(frame)
        before = time.monotonic()
        if before < self._paused_until:
            return
        try:
            if self.spool is None:
                self.spool = SpoolFile(self._db_path)
            self.spool.append(b"".join([frame for frame, _ in some]))
            if durable:
                self.spool.sync()
        except OSError:  # full, read-only, gone: the frames wait in memory alone
            self._paused_until = before + _PAUSE_S
            return
        if not durable and time.monotonic() - before > _TOO_SLOW_S:
            self._paused_until = before + _PAUSE_S

    def drop(self, count: int) -> None:
        """The first ``count`` frames are in the record, or never will be."""
        self.size -= sum(map(len, self.frames[:count]))
        del self.frames[:count]
        if not self.frames and self.spool is not None:
            try:
                self.spool.clear()
            except OSError:
                self.spool = None

    def remove(self) -> None:
        """No more will come: take the spool away if nothing waits, else leave it to be adopted."""
        spool, self.spool = self.spool, None
        if spool is not None:
            try:
                if self.frames:
                    spool.abandon()
                else:
                    spool.remove()
            except OSError:
                pass

    def abandon(self) -> None:
        """In a forked child: all of it is the parent's."""
        spool, self.spool = self.spool, None
        self.frames = []
        self.size = 0
        if spool is not None:
            try:
                spool.abandon()
            except OSError:
                pass
