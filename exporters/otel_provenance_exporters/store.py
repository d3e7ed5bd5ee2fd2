"""The store: what a process has to write, and the thread that writes it.

    export → Waiting (memory + spool) → writer thread → RecordWriter → SQLite

What ends within a request is exported with it (``together``); the writer thread sees to it that none is held for long.

Two Waitings take turns: while one is written to the record, the other takes what comes. Once all of one is
in the record, its spool is emptied. What a process does not get to write stays in its spools, from where
the next writer, or who reads the record, brings it in.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import time
from collections.abc import Sequence
from typing import Final

from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, attach, detach, set_value

from otel_provenance import guard, status
from otel_provenance.keys import key_id
from otel_provenance.settings import Retention, Settings
from otel_provenance.tables.adoption import LOSSES, TRANSACTION_BYTES, batches
from otel_provenance.tables.spool import Frame, Held, encode_held
from otel_provenance_exporters.native import Bell, allocate_lock, has_no_threads, original
from otel_provenance_exporters.together import HELD_S, Together
from otel_provenance_exporters.waiting import Waiting
from otel_provenance_exporters.writer import Hold, RecordWriter, Refused

logger = logging.getLogger("otel_provenance")

SOON_S: Final = 0.02
"""The first facts after a quiet time are in the record so soon."""
APART_S: Final = 0.25
"""Under load, transactions begin so far apart, unless one is full: each holds more, and costs less for each fact. What
waits is in the spool, which outlives the process, and from where who reads the record gets it."""
_LOOK_S: Final = 0.04
"""So often the writer looks, while it lets more come, whether a transaction is full, or a span is held for too long."""
_RETRY_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_UPKEEP_S: Final = 5.0
_EXIT_S: Final = 2.0


class Store:
    """Facts on their way to one record; one for each path and process."""

    def __init__(self, settings: Settings, salt: bytes) -> None:
        self.path = settings.db_path
        self._bound = settings.queue_bytes
        self.is_durable = settings.durability == "sync"
        self._retention = settings.retention
        self.writer = RecordWriter(self.path, key_id(salt), durable=self.is_durable)
        self._begin()

    def _begin(self) -> None:
        """What a process starts with: nothing waits, and no thread runs."""
        self._pid = os.getpid()
        self._lock = original("_thread", "RLock")()  # a signal handler may export while its thread does
        self._drain_lock = allocate_lock()
        self._bell = Bell()
        self._sleep = original("time", "sleep")
        self._taking = Waiting(self.path)
        self._writing = Waiting(self.path)
        self.holding: dict[Together, None] = {}
        self._waiting_since: float | None = None
        self._drained_at = 0.0
        self._upkeep_at = 0.0
        self._failures = 0
        self._complaint: str | None = None
        self._running = False
        self._closing = False
        self._inline = has_no_threads()

    # --- on the request path -------------------------------------------------------------------------

    def put(self, frames: Sequence[tuple[bytes, Held]], *, durable: bool = False) -> Sequence[Held]:
        """Take encoded facts, in one write to the spool; those that there is no room for are returned.

        With ``durable``, and durability ``sync``, they are on the disk when this returns.
        """
        self.see_a_fork()
        left: list[Held] = []
        with self._lock:
            room = self._bound - self._taking.size - self._writing.size
            fit = []
            for frame in frames:
                if len(frame[0]) > room:
                    left.append(frame[1])
                else:
                    room -= len(frame[0])
                    fit.append(frame)
            if fit:
                self._taking.append(fit, durable=durable and self.is_durable)
                if self._waiting_since is None:
                    self._waiting_since = time.monotonic()
        if fit:
            self._bell.ring()
            if not self._running or self._inline:
                self._see_to_a_writer()
        return left

    def may_hold(self) -> bool:
        """Whether what ends within a request may wait for the request to end."""
        return not (self.is_durable or self._inline or self._closing or self._failures)

    def hold(self, together: Together) -> None:
        """Spans are held: see to it that they are let go of soon."""
        self.holding[together] = None
        self._bell.ring()
        if not self._running:
            self._see_to_a_writer()

    def see_a_fork(self) -> None:
        """Begin anew if this process was forked by a server that does not run Python's hooks (uWSGI)."""
        if os.getpid() != self._pid:
            self.renew_after_fork()

    def _see_to_a_writer(self) -> None:
        if self._closing:  # at the end of the process: who reads the record finds the rest in the spool
            return
        if not self._running:
            with self._lock:
                if not self._running:
                    self._running = True
                    try:
                        original("_thread", "start_new_thread")(self._run, (self._pid,))
                    except RuntimeError:  # no thread can be had
                        self._inline = True
        if self._inline and time.monotonic() - self._drained_at >= APART_S:
            self.flush(0.0)

    # --- off the request path ------------------------------------------------------------------------

    def flush(self, timeout_s: float) -> bool:
        """Write all that waits; False if it took longer, or cannot be done now."""
        ends = time.monotonic() + timeout_s
        self._let_go(ends)
        while True:
            if not self._drain_lock.acquire(timeout=max(0.0, ends - time.monotonic())):
                return False
            token = attach(set_value(_SUPPRESS_INSTRUMENTATION_KEY, True))
            try:
                self.writer.is_patient = False
                pause = self._drain()
            finally:
                detach(token)
                self._drain_lock.release()
            if not pause:
                return True
            if time.monotonic() + pause >= ends:
                return False
            self._sleep(pause)

    def close(self, timeout_s: float = _EXIT_S) -> bool:
        """Write all that waits and stop; what cannot be written in time stays in the spool. Can be used again."""
        self._closing = True
        self._bell.ring()
        done = self.flush(timeout_s)
        with self._lock:
            if not done:
                self._spool_losses()
            self._taking.remove()
            self._writing.remove()
        if self._drain_lock.acquire(timeout=timeout_s):
            try:
                self.writer.close()
            finally:
                self._drain_lock.release()
        return done

    def close_at_exit(self) -> None:
        """Close, if there is anything to write; a process that had nothing to record makes no file."""
        if self._running or status.pending_losses():
            self.close()

    def reopen(self) -> None:
        """After ``close``: take and write facts again."""
        if self._closing:
            self._begin()

    def renew_after_fork(self) -> None:
        """In a forked child: what waits is the parent's; begin anew."""
        if os.getpid() == self._pid:
            return
        status.forget_losses()
        self._taking.abandon()
        self._writing.abandon()
        self.writer.renew_after_fork()
        self._begin()

    def _run(self, pid: int) -> None:
        attach(set_value(_SUPPRESS_INSTRUMENTATION_KEY, True))
        while self._is_needed(pid):
            pause = self._round()
            if pause is None:  # a fault of our own
                pause = _RETRY_S[-1]
            if pause:
                self._sleep(pause)

    @guard.guarded("store.round")
    def _round(self) -> float:
        self._bell.sleep(_UPKEEP_S, self._has_work)
        self._gather()
        with self._drain_lock:
            self.writer.is_patient = True
            return 0.0 if self._closing else self._drain(turns=1) or self._upkeep()

    def _has_work(self) -> bool:
        return self._waiting_since is not None or bool(self.holding or self._writing.frames) or self._closing

    def _is_needed(self, pid: int) -> bool:
        return not self._closing and os.getpid() == pid

    def _gather(self) -> None:
        """Let more facts come together: for little time after a quiet one, for longer under load, not if many."""
        while not self._closing:
            now = time.monotonic()
            self._let_go(now - HELD_S)
            since, left = self._waiting_since, SOON_S
            if since is not None:
                left = max(since + SOON_S, self._drained_at + APART_S) - now
            if left <= 0 or self._taking.size >= TRANSACTION_BYTES or (since is None and not self.holding):
                return
            self._sleep(min(left, _LOOK_S))

    def _let_go(self, held_since: float) -> None:
        for together in list(self.holding):
            if together.since <= held_since:
                together.let_go()

    def _drain(self, turns: int = sys.maxsize) -> float:
        """Write what waits; seconds to wait before another attempt, 0 where all went well.

        What comes meanwhile has its own turn: under load that is another transaction, and a small one.
        """
        try:
            while turns and self._turn():
                turns -= 1
                for batch in list(batches(self._writing.frames)):
                    self._write(batch)
            if status.pending_losses():
                self._write([])
        except Hold as reason:
            self._complain(f"{reason}; facts are kept in memory and tried again")
            self._failures += 1
            return _RETRY_S[min(self._failures, len(_RETRY_S)) - 1]
        finally:
            self._drained_at = time.monotonic()
        return 0.0

    def _write(self, batch: Sequence[Frame]) -> None:
        try:
            self.writer.write(batch)
        except Refused as refusal:
            self._complain(f"{refusal}; until then nothing is recorded")
            if batch:
                status.count_loss(refusal.reason, "span", len(batch))
        else:
            self._failures = 0
            self._complaint = None
        with self._lock:
            self._writing.drop(len(batch))

    def _turn(self) -> bool:
        """See that there is something to write; False where nothing waits."""
        with self._lock:
            if not self._writing.frames:
                self._taking, self._writing = self._writing, self._taking
                self._waiting_since = None
            return bool(self._writing.frames)

    def _upkeep(self) -> float:
        """What is due now and then: adopt what dead processes left, prune. Seconds to wait for more of it."""
        now = time.monotonic()
        if now < self._upkeep_at:
            return 0.0
        self._upkeep_at = now + _UPKEEP_S
        try:
            self.writer.adopt()
            if self._retention != Retention() and self.writer.prune(self._retention):
                self._upkeep_at = now  # more to remove: soon
                return SOON_S
            self.writer.tell_shortage(self._retention)
        except (Hold, Refused) as reason:
            self._complain(str(reason))
        return 0.0

    def _complain(self, text: str) -> None:
        if self._complaint is None:  # once, until it is well again
            logger.warning("otel-provenance: %s", text)
        self._complaint = text

    def _spool_losses(self) -> None:
        rows = self.writer.loss_rows()
        if rows:
            self._taking.append([encode_held((LOSSES, *rows))])


def store_of(settings: Settings, salt: bytes) -> Store:
    """The store of this process for the record that the settings name."""
    wanted = (settings.db_path, key_id(salt))
    with _stores_lock:
        found = _stores.get(wanted)
        if found is None:
            found = _stores[wanted] = Store(settings, salt)
    found.reopen()
    return found


_stores: dict[tuple[str, str], Store] = {}
_stores_lock = allocate_lock()


def _close_all() -> None:
    for store in list(_stores.values()):
        guard.run_guarded("store.exit", store.close_at_exit)


def _renew_all() -> None:
    global _stores_lock
    _stores_lock = allocate_lock()
    for store in _stores.values():
        store.renew_after_fork()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
