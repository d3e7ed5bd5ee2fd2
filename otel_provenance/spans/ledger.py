"""The writes of one connection until their outcome is known: commit, rollback, savepoints.

A savepoint's rollback ends the writes made since; its release hands them to what is around it (SQL:2016,
part 2, 17.5 to 17.9).
"""

from __future__ import annotations

import atexit
import os
from collections import deque

from otel_provenance import status
from otel_provenance.spans.writes import settle
from otel_provenance.spans.written_rows import PendingWrite

MOST_RECORDS = 200_000
"""Records of one transaction that wait for its outcome; beyond, their outcome is told as unknown."""
MOST_LEAVES = 20_000
"""Leaves, for links across requests, of one transaction; beyond, they are left out. ``losses`` counts both."""
_abandoned: deque[tuple[list[PendingWrite], str]] = deque()


class Ledger:
    """What one connection wrote in the transaction that is open on it."""

    __slots__ = ("_leaves", "_marks", "_pid", "_records", "when_abandoned", "writes")

    def __init__(self, when_abandoned: str = "unknown") -> None:
        self.writes: list[PendingWrite] = []
        """Those that wait for their outcome."""
        self._marks: list[tuple[str, int]] = []
        self._records = self._leaves = 0
        self._pid = os.getpid()
        self.when_abandoned = when_abandoned
        """The outcome if the connection goes away without commit or rollback."""

    def __bool__(self) -> bool:
        return bool(self.writes)

    def add(self, write: PendingWrite | None) -> None:
        """A write in the open transaction; of one that writes without end, what memory allows."""
        if write is None:
            return
        self._leaves += len(write.leaves)
        if self._leaves > MOST_LEAVES and write.leaves:
            write = write._replace(leaves=())
            status.count_loss("transaction_limit", "leaves")
        self._records += len(write.written) + len(write.matches)
        self.writes.append(write)
        if self._records > MOST_RECORDS:  # how it ends will not be told of these
            status.count_loss("transaction_limit", "outcome", self._records)
            self._records = 0
            writes, self.writes = self.writes, []
            self._marks = [(name, 0) for name, _ in self._marks]
            _settle(writes, "unknown")

    def savepoint(self, name: str) -> None:
        """A savepoint was set."""
        self._marks.append((name, len(self.writes)))

    def release(self, name: str) -> None:
        """A savepoint, and all set after it, are no more; their writes stay."""
        at = self._find(name)
        if at is not None:
            del self._marks[at:]

    def rollback_to(self, name: str) -> None:
        """What was written since a savepoint is undone; the savepoint stays."""
        at = self._find(name)
        if at is not None:
            del self._marks[at + 1 :]
            start = self._marks[at][1]
            undone = self.writes[start:]
            del self.writes[start:]
            _settle(undone, "rolled_back")

    def end(self, outcome: str) -> None:
        """The transaction has ended: ``committed``, ``rolled_back`` or ``unknown``."""
        self._marks.clear()
        self._records = self._leaves = 0
        if self.writes:
            writes, self.writes = self.writes, []
            _settle(writes, outcome)

    def control(self, verb: str, savepoint: str = "", *, undone: bool = False) -> None:
        """What a statement of SQL text says: ``commit``, ``rollback``, ``savepoint``, ``release``, ``rollback_to``.

        ``undone`` says that the database has answered a commit with a rollback.
        """
        if verb == "commit":
            self.end("rolled_back" if undone else "committed")
        elif verb == "rollback":
            self.end("rolled_back")
        elif verb == "savepoint":
            self.savepoint(savepoint)
        elif verb == "release":
            self.release(savepoint)
        elif verb == "rollback_to":
            self.rollback_to(savepoint)

    def _find(self, name: str) -> int | None:
        for at in range(len(self._marks) - 1, -1, -1):
            if self._marks[at][0] == name:
                return at
        return None

    def __del__(self) -> None:
        # the garbage collector may run while a lock of ours is held: leave it to the next one who settles
        if self.writes and self._pid == os.getpid():
            _abandoned.append((self.writes, self.when_abandoned))


def _settle(writes: list[PendingWrite], outcome: str) -> None:
    if writes:
        settle(writes, outcome)
    if _abandoned:
        settle_abandoned()


def settle_abandoned() -> None:
    """Record the writes of connections that went away without a word."""
    while _abandoned:
        try:
            writes, outcome = _abandoned.popleft()
        except IndexError:  # another thread was faster
            return
        settle(writes, outcome)


atexit.register(settle_abandoned)
