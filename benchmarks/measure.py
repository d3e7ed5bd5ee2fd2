"""Clocks, rounds and tables that the benchmarks share."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def cpu_clock(pids: Sequence[int]) -> float:
    """CPU seconds that these processes have used so far, all threads, user and system; Linux only."""
    # the clock id of another process is made from its pid as clock_getcpuclockid(3) does
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in pids)


def family(pid: int) -> list[int]:
    """A process and all that it started, and they started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def rounds(count: int, names: Sequence[str], chunk: Callable[[str], float], seed: int = 1) -> dict[str, list[float]]:
    """Run a short chunk of each name, in random order, ``count`` times: name → what each chunk gave."""
    order = random.Random(seed)
    given: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(count):
        for name in order.sample(list(names), len(names)):
            given[name].append(chunk(name))
    return given


def ratio(of: Sequence[float], to: Sequence[float]) -> tuple[float, float, float]:
    """Median, lower and upper quartile of the ratios of two series, round by round."""
    ratios = [a / b for a, b in zip(of, to, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return middle, low, high


def shown_ratio(of: Sequence[float], to: Sequence[float]) -> str:
    """``1.45 (1.40-1.49)``: median and quartiles."""
    return "{:.2f} ({:.2f}-{:.2f})".format(*ratio(of, to))


def print_table(rows: Sequence[Mapping[str, str]]) -> None:
    """A Markdown table, aligned."""
    names = list(rows[0])
    widths = [max(len(name), *(len(row[name]) for row in rows)) for name in names]
    for cells in (names, ["-" * width for width in widths], *([row[name] for name in names] for row in rows)):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |")
