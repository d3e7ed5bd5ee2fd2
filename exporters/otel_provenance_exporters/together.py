"""The spans of a request that end before it does: held for a moment, and recorded with it, encoded and written at once.

A process that dies loses what it holds: of a request that was not over, what ended in the last tenth of a second. So
nothing is held where more is promised (durability ``sync``), nor where nobody sees to it in time: in a forked child
that goes on with a request of its parent, without a writer thread, and at the end of the process.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol

from opentelemetry.sdk.trace import ReadableSpan

from otel_provenance import guard

HELD_S: Final = 0.05
"""What is held so long is recorded when the next span ends, or when the writer looks next: within another so long."""
_MOST: Final = 64
"""Spans that are held at once."""


class Holder(Protocol):
    """Sees to it that nothing is held for long."""

    holding: dict[Together, None]
    """Who holds something."""

    def may_hold(self) -> bool:
        """Whether anything may be held now."""

    def hold(self, together: Together) -> None:
        """It holds something from now on."""


class Together:
    """The spans of one request. Safe to use from all of its threads: a span is withdrawn by one of them."""

    __slots__ = ("_export", "_holder", "_is_over", "_pid", "_spans", "since")

    def __init__(self, export: Callable[[Sequence[ReadableSpan]], Any], holder: Holder) -> None:
        self.since = 0.0
        """Since when it holds something, by the monotonic clock."""
        self._export = export
        self._holder = holder
        self._spans: deque[ReadableSpan] = deque()
        self._is_over = False
        self._pid = os.getpid()

    @guard.guarded("spans.record")
    def take(self, spans: Sequence[ReadableSpan]) -> None:
        """Spans of the request have ended."""
        held, holder = self._spans, self._holder
        now = time.monotonic()
        if not held:
            self.since = now
        is_late = len(held) + len(spans) >= _MOST or now - self.since >= HELD_S
        if is_late or self._is_over or self._pid != os.getpid() or not holder.may_hold():
            self._record(spans)
            return
        held.extend(spans)
        holder.hold(self)
        if self._is_over or not holder.may_hold():  # meanwhile
            self._record(())

    @guard.guarded("spans.record")
    def end(self, spans: Sequence[ReadableSpan]) -> None:
        """The request's own span has ended: what ends after it is recorded as it ends."""
        self._is_over = True
        self._record(spans)

    @guard.guarded("spans.record")
    def let_go(self) -> None:
        """Record what is held, if anything still is."""
        self._holder.holding.pop(self, None)
        self._record(())

    def _record(self, own: Sequence[ReadableSpan]) -> None:
        spans = [*self._withdrawn(), *own] if self._spans else own
        if spans:
            self._export(spans)

    def _withdrawn(self) -> Iterator[ReadableSpan]:
        self._holder.holding.pop(self, None)
        if self._pid != os.getpid():  # what was held before the fork is the parent's to record
            self._spans.clear()
        while self._spans:
            try:
                yield self._spans.popleft()
            except IndexError:  # another thread was faster
                return
