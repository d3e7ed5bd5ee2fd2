"""Ids: request ids (UUID version 7, RFC 9562) and the short ids of tags and events made from them.

All are time-ordered, so that they cluster in the indexes of the record.
"""

from __future__ import annotations

import os
import time
from itertools import count

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)


def new_request_id() -> str:
    """A UUID of version 7 as text: 48 bits of Unix milliseconds, then 74 random bits."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(_random_bytes(), "big")
    number = number & ~(0xF << 76) | 0x7 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


_pool: list[bytes] = []
_pool_pid = 0


def _random_bytes() -> bytes:
    # many at a time, for the system call lets go of the GIL, and so of the thread; never those of a parent process
    global _pool, _pool_pid
    pid = os.getpid()
    if pid != _pool_pid:
        _pool, _pool_pid = [], pid
    try:
        return _pool.pop()
    except IndexError:
        block = os.urandom(10 * 256)
        fresh = [block[at : at + 10] for at in range(0, len(block), 10)]
        mine = fresh.pop()
        _pool = fresh
        return mine


def short_prefix(request_id: str) -> str:
    """20 characters (Crockford base 32) of a UUID's time and 52 of its random bits: a prefix for its ids."""
    digits = request_id.replace("-", "")
    high = int(digits[:12] + digits[13:14], 16) >> 2
    low = int(digits[13:16] + digits[22:32], 16) & (1 << 50) - 1
    return (
        f"{_PAIRS[high >> 40]}{_PAIRS[high >> 30 & 1023]}{_PAIRS[high >> 20 & 1023]}{_PAIRS[high >> 10 & 1023]}"
        f"{_PAIRS[high & 1023]}{_PAIRS[low >> 40]}{_PAIRS[low >> 30 & 1023]}{_PAIRS[low >> 20 & 1023]}"
        f"{_PAIRS[low >> 10 & 1023]}{_PAIRS[low & 1023]}"
    )


def request_id_floor(milliseconds: int) -> str:
    """No request id of this Unix millisecond or later is below this, none of an earlier one above it."""
    digits = f"{milliseconds:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"


class IdSequence:
    """Ids of one origin (a request, or a process outside requests): ``<prefix>.<letter><n>``."""

    __slots__ = ("next", "prefix")

    def __init__(self, origin_id: str) -> None:
        self.prefix = short_prefix(origin_id)
        self.next = count().__next__
        """The next number, for who makes many ids."""

    def new(self, letter: str) -> str:
        """The next id: ``t`` for a tag, ``w`` for a write, ``s`` for a share."""
        return f"{self.prefix}.{letter}{self.next()}"


class ProcessIds:
    """Ids of what a process does outside requests: of a new origin each second, so that they too are time-ordered."""

    __slots__ = ("_current", "_until")

    def __init__(self) -> None:
        self._renew()

    def new(self, letter: str) -> str:
        """The next id, as of IdSequence."""
        return self.current().new(letter)

    def current(self) -> IdSequence:
        """The ids of this second."""
        if time.monotonic() >= self._until:
            self._renew()
        return self._current

    def _renew(self) -> None:
        self._current = IdSequence(new_request_id())  # one object, so that no thread sees half of the change
        self._until = time.monotonic() + 1.0
