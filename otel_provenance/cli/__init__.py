"""The command line: one thin file a command, which asks a report and shows its answer.

``main`` imports only the command that was asked for, so that every command starts at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

COMMANDS: Final[dict[str, str]] = {
    "requests": "the requests that were served, and how far their data went",
    "show": "one request as a tree: what came in, where it was stored, to whom it was sent",
    "data": "the values that came in, and where each went",
    "storage": "what was written to databases, and which values were in it",
    "share": "what was sent to others, and which values were in it",
    "trace": "the life of a value: entered, stored, overwritten, sent, deleted",
    "subject": "everything tied to a person: values, requests, rows, and who received it",
    "tail": "what is recorded, as it comes",
    "flows": "which data goes where, summed up: as a table, Mermaid or Graphviz",
    "diff": "which flows are new, gone or changed between files, periods or releases",
    "export": "the record as W3C PROV, OpenLineage, JSON lines or CSV",
    "verify": "is the record whole: integrity, orphans, gaps, losses",
    "prune": "remove what is older, or more, than is to be kept",
    "erase": "take one person's values out of the record, and leave a proof",
    "doctor": "is this environment recorded, what is hooked, what was lost, what to do",
}
"""Command → what it shows; the module of the same name has the rest."""

PROGRAM: Final = "otel-provenance"
_FLAGS: Final = frozenset({"-h", "--help", "-V", "--version", "--yes", "--only-value", "--strict", "--nowhere"})
"""Options that take no value."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status: 0 done, 1 failed, 2 used wrongly."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    at = _command_at(arguments)
    if at is None:
        return _without_command(arguments)
    command = arguments.pop(at)
    if command not in COMMANDS:
        return _unknown(command)
    from otel_provenance.cli.run import run_command

    return run_command(command, arguments)


def _command_at(arguments: Sequence[str]) -> int | None:
    """Where the command stands: the first word that is neither an option nor an option's value."""
    at = 0
    while at < len(arguments):
        word = arguments[at]
        if not word.startswith("-") or word == "-":
            return at
        at += 1 if word in _FLAGS or "=" in word else 2
    return None


def _without_command(arguments: Sequence[str]) -> int:
    if {"-V", "--version"} & set(arguments):
        from otel_provenance.version import __version__

        print(PROGRAM, __version__)
        return 0
    if {"-h", "--help"} & set(arguments):
        print(overview())
        return 0
    print(overview(), file=sys.stderr)
    return 2


def _unknown(command: str) -> int:
    from difflib import get_close_matches

    near = get_close_matches(command, COMMANDS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"'{PROGRAM} --help' lists them"
    print(f"{PROGRAM}: there is no command {command!r}: {hint}", file=sys.stderr)
    return 2


def overview() -> str:
    """What ``--help`` says."""
    wide = max(map(len, COMMANDS))
    return "\n".join(
        (
            f"usage: {PROGRAM} COMMAND [options]",
            "",
            "Where does the data that people give us go? Reads the record that otel-provenance makes.",
            "",
            "commands:",
            *(f"  {command:<{wide}}  {shows}" for command, shows in COMMANDS.items()),
            "",
            "options of every command, before or after it:",
            "  --db PATH            the record (default: PROVENANCE_DB_PATH, else runtime_provenance.db)",
            "  --format FORMAT      table, json, jsonl or csv",
            "  --color WHEN         auto, always or never (NO_COLOR is honoured)",
            "  -h, --help           what a command shows, and its own options",
            "  -V, --version",
            "",
            f"start here: {PROGRAM} requests, then {PROGRAM} show ID; if there is nothing, {PROGRAM} doctor",
        )
    )
