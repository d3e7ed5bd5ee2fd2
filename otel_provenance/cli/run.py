"""Runs one command: its options, its failures as one line each, its exit status."""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn, Protocol, cast

from otel_provenance.cli import PROGRAM
from otel_provenance.cli.options import UsageError
from otel_provenance.tables import RecordError


class Command(Protocol):
    """What each command's module has."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Its arguments and options."""

    def run(self, options: Any) -> int:
        """Do it; the exit status."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with status 2."""
        raise UsageError(message)


def parser_of(command: str) -> tuple[Command, Parser]:
    """A command and the parser of its options."""
    module = cast(Command, import_module(f"otel_provenance.cli.{command}"))
    about = (module.__doc__ or "").strip()
    parser = Parser(
        prog=f"{PROGRAM} {command}",
        description=about,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_options(parser)
    return module, parser


def run_command(command: str, arguments: Sequence[str]) -> int:
    """Run ``command`` with its arguments; the exit status."""
    module, parser = parser_of(command)
    _make_output_safe()
    try:
        status = module.run(parser.parse_args(list(arguments)))
        sys.stdout.flush()
        return status
    except UsageError as error:
        return _fail(f"{PROGRAM} {command}: {error}; '{PROGRAM} {command} --help' tells the options", 2)
    except SystemExit as error:  # argparse, after --help
        return error.code if isinstance(error.code, int) else 2
    except BrokenPipeError:
        # the reader (head, less) has seen enough; what Python would still flush at exit goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except UnicodeEncodeError:
        return _fail(f"{PROGRAM} {command}: an argument holds bytes that are not text in UTF-8", 2)
    except RecordError as error:
        return _fail(f"{PROGRAM}: {error}", 1)
    except sqlite3.Error as error:
        return _fail(f"{PROGRAM}: {_explain(error)}", 1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(f"{PROGRAM}: {where}{error.strerror or error}", 1)


def _explain(error: sqlite3.Error) -> str:
    text = str(error)
    if "locked" in text or "busy" in text:
        return f"another program keeps the record locked ({text}): try again"
    if "readonly" in text:
        return f"this user may not write the record ({text}): run this as the user of the application"
    if "full" in text:
        return f"there is no room on the disk ({text}): free some, and try again"
    return f"the record cannot be used: {text}; '{PROGRAM} verify' checks it"


def _make_output_safe() -> None:
    # no character of the record may end the program because the terminal lacks it
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _fail(line: str, status: int) -> int:
    print(line, file=sys.stderr)
    return status
