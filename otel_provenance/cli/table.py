"""Tables: aligned columns that fit the terminal; on a pipe as wide as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final, NamedTuple, TypeVar

from otel_provenance.cli.text import Line, Terminal, line_width, render, wrap

R = TypeVar("R")
Cell = Sequence[Line]
"""The lines of a cell, one below the other."""

_GAP: Final = 2
_MEASURED: Final = 1000  # rows that decide the widths where there is no terminal to fit


class Column(NamedTuple):
    """A column: its title, and what it shows of a row."""

    title: str
    cell: Callable[[Any], Cell]
    least: int | None = None
    """Columns of the terminal that it can be cut down to; None: it is never cut."""
    right: bool = False
    """Numbers."""
    drop: int = 0
    """Where the terminal is too narrow, the column with the largest number is cut first, then left out; 0 stays."""
    wrapped: bool = False
    """Goes on in further lines rather than being cut."""


def table(rows: Iterable[R], columns: Sequence[Column], terminal: Terminal) -> Iterator[str]:
    """The lines of a table, titles first; rows are taken as they come, once the widths are known."""
    waiting = iter(rows)
    first = [[column.cell(row) for column in columns] for row in islice(waiting, _MEASURED)]
    natural = [
        max(len(column.title), 0, *(line_width(line) for cells in first for line in cells[at]))
        for at, column in enumerate(columns)
    ]
    widths = fit(natural, columns, terminal.width)
    yield _line([[(column.title, "dim")] for column in columns], columns, widths, terminal)
    rest = ([column.cell(row) for column in columns] for row in waiting)
    for cells in chain(first, rest):
        cells = [_wrapped(*one) if one[1].wrapped else one[0] for one in zip(cells, columns, widths, strict=True)]
        for at in range(max(1, *(len(cell) for cell in cells))):
            yield _line([cell[at] if at < len(cell) else () for cell in cells], columns, widths, terminal)


def _wrapped(cell: Cell, column: Column, width: int) -> Cell:
    return [line for whole in cell for line in wrap(whole, width or None)]


def fit(natural: Sequence[int], columns: Sequence[Column], width: int | None) -> list[int]:
    """The width of each column, 0 for one that is left out, so that the sum fits (if it can)."""
    widths = list(natural)
    if width is None:
        return widths
    least = [
        min(full, full if column.least is None else max(column.least, len(column.title)))
        for full, column in zip(natural, columns, strict=True)
    ]
    while _total(least) > width and any(column.drop and least[at] for at, column in enumerate(columns)):
        gone = max((at for at in range(len(columns)) if least[at]), key=lambda at: columns[at].drop)
        least[gone] = widths[gone] = 0
    while _total(widths) > width:
        spare = max(range(len(widths)), key=lambda at: (widths[at] > least[at], columns[at].drop, widths[at]))
        if widths[spare] <= least[spare]:
            break
        widths[spare] -= 1
    return widths


def _total(widths: Sequence[int]) -> int:
    shown = [width for width in widths if width]
    return sum(shown) + _GAP * (len(shown) - 1)


def _line(cells: Sequence[Line], columns: Sequence[Column], widths: Sequence[int], terminal: Terminal) -> str:
    out = ""
    pad = 0
    for cell, column, width in zip(cells, columns, widths, strict=True):
        if not width:
            continue
        most = width if terminal.width is not None else None
        blank = max(0, width - min(line_width(cell), width))
        out += " " * (pad + (blank if column.right else 0)) + render(cell, terminal, most)
        pad = _GAP + (0 if column.right else blank)
    return out.rstrip()
