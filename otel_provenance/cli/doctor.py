"""Is this environment recorded, by which way, what is hooked, what was lost, and what to do about it?

Run it with the Python of the application. Exit status 1 if something keeps facts from being recorded or read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from otel_provenance.cli.options import add_common
from otel_provenance.cli.output import write_data
from otel_provenance.cli.record import path_of
from otel_provenance.cli.text import Line, Terminal, line_width, render, terminal_of, wrap
from otel_provenance.reports.doctor import Check, doctor
from otel_provenance.settings import read_settings

_SIGNS: Final = {"good": ("✓", "green"), "note": ("·", "dim"), "warning": ("!", "yellow"), "problem": ("✗", "red")}
_PLAIN: Final = {"good": "ok", "note": "--", "warning": "! ", "problem": "X "}


ROW: Final = Check
"""What a row is made of in the formats for machines."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Those of every command."""
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Look, and say."""
    checks = doctor(read_settings(), path_of(options))
    if options.format == "table":
        for line in _report(checks, terminal_of(sys.stdout, options.color)):
            print(line)
    else:
        write_data(checks, Check, options.format)
    return 1 if any(check.state == "problem" for check in checks) else 0


def _report(checks: Sequence[Check], terminal: Terminal) -> Iterator[str]:
    section = None
    wide = max(len(check.about) for check in checks)
    for check in checks:
        if check.section != section:
            if section is not None:
                yield ""
            section = check.section
            yield render([(section, "bold")], terminal)
        sign, style = _SIGNS[check.state]
        start: Line = [((sign if terminal.glyphs else _PLAIN[check.state]) + " ", style), f"{check.about:<{wide}}  "]
        indent = 2 + line_width(start)
        most = None if terminal.width is None else max(terminal.width - indent, 20)
        for at, line in enumerate(wrap([check.says], most)):
            yield "  " + render([*start, *line] if at == 0 else [" " * (indent - 2), *line], terminal)
        if check.advice:
            for line in wrap([("→ " if terminal.glyphs else "-> ", style), (check.advice, "bold")], most):
                yield " " * indent + render(line, terminal)
    needed = [check for check in checks if check.state == "problem"]
    yield ""
    if needed:
        yield render([(f"to do: {needed[0].advice or needed[0].says}", "red")], terminal)
    elif any(check.about == "content" and check.state == "good" for check in checks):
        yield render([("recording; 'otel-provenance requests' shows what", "green")], terminal)
    else:
        yield render([("ready: start the application and send it a request", "green")], terminal)
