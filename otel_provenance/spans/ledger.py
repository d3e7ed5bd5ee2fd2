"""The writes of one connection until their outcome is known: commit, rollback, savepoints.

A savepoint's rollback ends the writes made since; its release hands them to what is around it (SQL:2016,
part 2, 17.5 to 17.9).
"""

from __future__ import annotations

import atexit
import os
from collections import deque

from otel_provenance.spans.writes import PendingWrite, settle

_abandoned: deque[tuple[list[PendingWrite], str]] = deque()


class Ledger:
    """What one connection wrote in the transaction that is open on it."""

    __slots__ = ("_marks", "_pid", "_writes", "when_abandoned")

    def __init__(self, when_abandoned: str = "unknown") -> None:
        self._writes: list[PendingWrite] = []
        self._marks: list[tuple[str, int]] = []
        self._pid = os.getpid()
        self.when_abandoned = when_abandoned
        """The outcome if the connection goes away without commit or rollback."""

    def __bool__(self) -> bool:
        return bool(self._writes)

    def add(self, write: PendingWrite | None) -> None:
        """A write in the open transaction."""
        if write is not None:
            self._writes.append(write)

    def savepoint(self, name: str) -> None:
        """A savepoint was set."""
        self._marks.append((name, len(self._writes)))

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
            undone = self._writes[start:]
            del self._writes[start:]
            _settle(undone, "rolled_back")

    def end(self, outcome: str) -> None:
        """The transaction has ended: ``committed``, ``rolled_back`` or ``unknown``."""
        self._marks.clear()
        if self._writes:
            writes, self._writes = self._writes, []
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
        if self._writes and self._pid == os.getpid():
            _abandoned.append((self._writes, self.when_abandoned))


def _settle(writes: list[PendingWrite], outcome: str) -> None:
    if writes:
        settle(writes, outcome)
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
