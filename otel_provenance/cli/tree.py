"""Trees: a line, and what hangs on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from otel_provenance.cli.text import Line, Terminal, render, wrap


class Node(NamedTuple):
    """A line with the nodes below it."""

    line: Line
    below: Sequence[Node] = ()


def tree(root: Node, terminal: Terminal) -> Iterator[str]:
    """The lines of a tree; those that the terminal is too narrow for go on below, indented."""
    for line in wrap(root.line, terminal.width):
        yield render(line, terminal)
    yield from _branches(root.below, "", terminal)


def _branches(nodes: Sequence[Node], indent: str, terminal: Terminal) -> Iterator[str]:
    fork, last, bar = ("├─ ", "└─ ", "│  ") if terminal.glyphs else ("|- ", "`- ", "|  ")
    for at, node in enumerate(nodes):
        ends = at == len(nodes) - 1
        deeper = indent + ("   " if ends else bar)
        hanging = deeper + (bar if node.below else "   ")
        most = None if terminal.width is None else max(terminal.width - len(hanging), 20)
        for row, line in enumerate(wrap(node.line, most)):
            start = hanging if row else indent + (last if ends else fork)
            yield render([(start, "dim"), *line], terminal)
        yield from _branches(node.below, deeper, terminal)
