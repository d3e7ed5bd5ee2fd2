"""What one call of matching may cost, and the first reason why something was left out."""

from __future__ import annotations

from time import perf_counter, thread_time

SECONDS = 0.030
"""CPU time of one call (a busy machine does not make it less thorough); past it, the result says ``timeout``."""
SMALL = 65_536
"""Characters up to which a payload, layers and all, has ten times as long: its own size bounds what it costs,
and a pause of the garbage collector is not to be taken for malice."""
MOST_LAYERS = 8
"""How many layers are undone, one in another."""
MOST_LEAVES = 100_000
MOST_RUNS = 4_096
"""How many encoded runs of a payload are tried."""
MOST_SIGHTINGS = 4_096


class Budget:
    """Counts down while a payload is searched; ``reason`` is what was hit first."""

    __slots__ = (
        "_cpu",
        "_seconds",
        "_size",
        "_wall",
        "characters",
        "leaves",
        "reason",
        "runs",
        "sightings",
    )

    def __init__(self, limit: int, seconds: float = SECONDS, size: int = SMALL) -> None:
        self.characters = limit + 4_096
        """What undoing layers may yield, in characters, over all layers."""
        self.leaves = MOST_LEAVES
        self.runs = MOST_RUNS
        self.sightings = MOST_SIGHTINGS
        self._seconds = seconds
        self._size = size
        """Characters looked at so far: the payload's own, and those of the layers undone."""
        self._wall = perf_counter()
        self._cpu = thread_time() if size > SMALL else 0.0
        self.reason: str | None = None

    def cut(self, reason: str) -> None:
        """Something was left out; the first reason stands."""
        if self.reason is None:
            self.reason = reason

    def expired(self) -> bool:
        """Whether time is up."""
        large = self._size > SMALL
        if perf_counter() - self._wall < (self._seconds if large else 10 * self._seconds):
            return False  # wall time is cheap to ask for, CPU time a system call; it cannot be more
        cpu = thread_time()
        if self._cpu == 0.0:  # little text, and not asked before: the time may have been somebody else's
            self._cpu = cpu
        if cpu - self._cpu < (self._seconds if large else 10 * self._seconds):
            return False
        self.cut("timeout")
        return True

    def look_at(self, characters: int) -> None:
        """So much more is looked at: past SMALL, time is short."""
        if self._size <= SMALL < self._size + characters:
            self._wall, self._cpu = perf_counter(), thread_time()
        self._size += characters

    def look_at_once(self, characters: int) -> None:
        """So much is looked at in one go, be it the payload's own or a layer's: a structure does not tell before."""
        if characters > self._size:
            self.look_at(characters - self._size)

    def grant(self, wanted: int) -> int:
        """How many of ``wanted`` characters of an undone layer may be looked at."""
        granted = min(wanted, self.characters)
        self.characters -= granted
        self.look_at(granted)
        if granted < wanted:
            self.cut("too_large")
        return granted

    def take_run(self) -> bool:
        """Whether one more encoded run may be tried."""
        self.runs -= 1
        if self.runs < 0:
            self.cut("too_many_leaves")
        return self.runs >= 0
