"""python -m docs.generate [--check]: write the generated pages of docs/reference again, or say which are old."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from otel_provenance.cli import COMMANDS, PROGRAM
from otel_provenance.cli.run import parser_of

REFERENCE = Path(__file__).parent / "reference"
_COMMON = ("--db", "--color", "--help")


def cli_page() -> str:
    """Each command with its arguments and options, from the command line's own parsers."""
    return "\n".join(_cli_lines()) + "\n"


def _cli_lines() -> Iterator[str]:
    yield "# Command line"
    yield ""
    yield f"Written by `python -m docs.generate` from the help texts. `{PROGRAM}` and `python -m otel_provenance.cli`"
    yield "are the same; `python3 -m runtime_provenance.cli` knows the same commands."
    yield ""
    yield "| command | shows |"
    yield "|---|---|"
    for command, shows in COMMANDS.items():
        yield f"| [`{command}`](#{command}) | {_cell(shows)} |"
    yield ""
    yield "Options stand before or after the command. Every command takes:"
    yield ""
    _, parser = parser_of("requests")
    yield from _table([action for action in parser._actions if set(_COMMON) & set(action.option_strings)])
    yield ""
    yield "Exit status: 0 done; 1 failed (no record, unknown id, nothing known of a value, …); 2 used wrongly. What is"
    yield "wrong is said in one line on standard error. There, too, the first line says if the record is known to lack"
    yield "something. `--format json` is one array (or object), `jsonl` an object a line, `csv` has a header."
    for command in COMMANDS:
        yield ""
        yield f"## {command}"
        yield ""
        yield from _command(command)


def _command(command: str) -> Iterator[str]:
    module, parser = parser_of(command)
    paragraphs = (parser.description or "").split("\n\n")
    for paragraph in paragraphs:
        if paragraph.startswith("  "):
            yield from ("```", *paragraph.splitlines(), "```")
        else:
            yield paragraph
        yield ""
    own = [action for action in parser._actions if not set(_COMMON) & set(action.option_strings)]
    arguments = [_shown(action) for action in own if not action.option_strings]
    yield " ".join([f"`{PROGRAM} {command}", *arguments, "[options]`"])
    if own:
        yield ""
        yield from _table(own)
    row = getattr(module, "ROW", None)
    if row is not None:
        yield ""
        yield f"A row has: {', '.join(f'`{field}`' for field in row._fields)}."


def _table(actions: list[argparse.Action]) -> Iterator[str]:
    yield "| option | meaning |"
    yield "|---|---|"
    for action in actions:
        names = ", ".join(action.option_strings)
        value = "" if action.nargs == 0 else _shown(action)
        yield f"| `{' '.join(filter(None, [names, value]))}` | {_cell((action.help or '').replace('%%', '%'))} |"


def _shown(action: argparse.Action) -> str:
    name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    return f"[{name}]" if action.nargs == "?" else name


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


PAGES: dict[Path, Callable[[], str]] = {REFERENCE / "cli.md": cli_page}


def main() -> int:
    """Write the pages; with ``--check`` only compare, exit status 1 where one is old."""
    old = [path for path, page in PAGES.items() if not path.exists() or path.read_text(encoding="utf-8") != page()]
    if "--check" in sys.argv[1:]:
        for path in old:
            sys.stderr.write(f"{path.name} is old: python -m docs.generate writes it again\n")
        return 1 if old else 0
    for path in old:
        path.write_text(PAGES[path](), encoding="utf-8")
        sys.stdout.write(f"wrote {path}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
