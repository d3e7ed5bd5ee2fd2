"""Threads and locks of the operating system, also where gevent or eventlet put their own in place.

The writer must run while the application's greenlets do not yield, and must not make them wait.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any, TypeVar

T = TypeVar("T")
_MOMENT_S = 0.00005


def original(module: str, name: str) -> Any:
    """``module.name`` as Python has it."""
    gevent = sys.modules.get("gevent.monkey")
    if gevent is not None:
        return gevent.get_original(module, name)
    eventlet = sys.modules.get("eventlet.patcher")
    if eventlet is not None:
        return getattr(eventlet.original(module), name)
    return getattr(import_module(module), name)


def allocate_lock() -> Any:
    """A lock that makes a thread wait, never a greenlet."""
    return original("_thread", "allocate_lock")()


def making_way(items: Sequence[T], at_once: int) -> Iterator[T]:
    """The items, with a short sleep after every so many: who waits for the GIL gets it.

    Letting go of it is not enough: a thread that does so again and again, as SQLite's calls do, takes it back
    before another wakes up, which then waits the whole switch interval, 5 ms.
    """
    sleep = original("time", "sleep")
    for at, item in enumerate(items, 1):
        yield item
        if at % at_once == 0:
            sleep(_MOMENT_S)


def has_no_threads() -> bool:
    """Whether this is a server that never lets another thread run (uWSGI without ``enable-threads``)."""
    uwsgi = sys.modules.get("uwsgi")
    options = getattr(uwsgi, "opt", None)
    return isinstance(options, dict) and not ({"enable-threads", "threads"} & {_text(name) for name in options})


def _text(name: object) -> str:
    return name.decode("ascii", "replace") if isinstance(name, bytes) else str(name)


class Bell:
    """Wakes one sleeping thread; ringing costs next to nothing while it is awake."""

    __slots__ = ("_asleep", "_lock")

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._lock.acquire()
        self._asleep = False

    def ring(self) -> None:
        """Wake the thread, if it sleeps."""
        if self._asleep:
            self._asleep = False
            try:
                self._lock.release()
            except RuntimeError:  # two rang at once
                pass

    def sleep(self, seconds: float, unless: Callable[[], bool]) -> None:
        """Sleep until the bell is rung, or so long; not at all if ``unless`` holds."""
        self._asleep = True  # before the question, so that no ring between the two is missed
        if not unless():
            self._lock.acquire(timeout=seconds)
        self._asleep = False
