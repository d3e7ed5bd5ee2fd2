"""Values that a person gives to look for: kept out of the process list, hashed on the spot, never kept."""

from __future__ import annotations

import sys
from typing import Final

from otel_provenance.cli.options import UsageError

FROM_STDIN: Final = "-"


def read_value(given: str | None) -> str:
    """The value: as given, from standard input where ``-`` is given, asked for where nothing is.

    One that was given as an argument is taken out of the process list at once (on Linux); in a shell's
    history it stays, hence ``-``.
    """
    if given is None:
        if not sys.stdin.isatty():
            raise UsageError("a value is needed; '-' reads it from standard input")
        from getpass import getpass

        value = getpass("value (is not shown): ")
    elif given == FROM_STDIN:
        value = sys.stdin.readline().rstrip("\r\n")
    else:
        value = given
        hide_argument(given)
    if not value.strip():
        raise UsageError("the value is empty")
    return value


def hide_argument(value: str) -> bool:
    """Overwrite an argument of this process where the process list reads it (proc(5): arg_start, arg_end)."""
    try:
        with open("/proc/self/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()  # the third field comes first
        start, end = int(fields[48 - 3]), int(fields[49 - 3])
        wanted = value.encode(sys.getfilesystemencoding(), "surrogateescape")
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            memory.seek(start)
            arguments = memory.read(end - start)
            hidden = False
            for before in (b"\0", b"="):  # VALUE, or --subject=VALUE
                at = arguments.find(before + wanted + b"\0")
                if at >= 0:
                    memory.seek(start + at + 1)
                    memory.write(b"*" * len(wanted))
                    hidden = True
        return hidden
    except (OSError, ValueError, IndexError):
        return False
