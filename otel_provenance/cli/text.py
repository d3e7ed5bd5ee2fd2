"""Lines of styled text: their width on a terminal, cutting and colouring them.

A line is a sequence of pieces, each a text or (text, style). Texts come from the record, that is from
strangers: what could steer a terminal is shown, not sent.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple, TextIO

Piece = str | tuple[str, str]
Line = Sequence[Piece]

_STYLES: Final = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
# Cc: C0 and C1 controls; Cf: bidirectional overrides and other format characters; line and paragraph separators
_UNSAFE: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
_WORDS: Final = re.compile(r" +|[^ ]+")


class Terminal(NamedTuple):
    """What is written to."""

    width: int | None
    """In columns; None where lines may be as long as they are (a pipe, a file)."""
    colours: bool
    glyphs: bool
    """Whether it can show more than ASCII."""


def terminal_of(stream: TextIO, color: str = "auto") -> Terminal:
    """How to write to a stream: plain unless it is a terminal; NO_COLOR (no-color.org) is honoured."""
    on_terminal = stream.isatty()
    colours = color == "always" or (
        color == "auto" and on_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    return Terminal(_width_of(stream) if on_terminal else None, colours, encoding.startswith("utf"))


def _width_of(stream: TextIO) -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def safe(text: str) -> str:
    """The text with everything that could steer a terminal written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c.encode("unicode_escape", "surrogatepass").decode("ascii") if unicodedata.category(c) in _UNSAFE else c
        for c in text
    )


def width(text: str) -> int:
    """Columns that a (safe) text takes: East Asian wide characters two, combining ones none (UAX 11)."""
    if text.isascii():
        return len(text)
    return sum(_columns(c) for c in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def line_width(line: Line) -> int:
    """Columns that a line takes."""
    return sum(width(safe(_text(piece))) for piece in line)


def render(line: Line, terminal: Terminal, most: int | None = None) -> str:
    """A line as it is written: safe, cut to ``most`` columns with an ellipsis, coloured if the terminal is."""
    left = most - 1 if most is not None and line_width(line) > most else None
    out: list[str] = []
    for piece in line:
        text, style = (piece, "") if isinstance(piece, str) else piece
        text = safe(text)
        if left is not None:
            text, whole = _head(text, left)
            left -= width(text)
            if not whole:
                out.append(_paint(text, style, terminal) + ("…" if terminal.glyphs else "~"))
                break
        out.append(_paint(text, style, terminal))
    return "".join(out)


def wrap(line: Line, most: int | None) -> list[Line]:
    """A line as lines of at most ``most`` columns, broken at spaces where it can be."""
    if most is None or line_width(line) <= most:
        return [line]
    lines: list[list[Piece]] = [[]]
    left = most
    for piece in line:
        text, style = (piece, "") if isinstance(piece, str) else piece
        for word in _WORDS.findall(safe(text)):
            blank = word.startswith(" ")
            if width(word) > left and lines[-1]:
                lines.append([])
                left = most
            if blank and not lines[-1]:
                continue
            while width(word) > most:
                head, _ = _head(word, most)
                lines[-1].append((head, style))
                lines.append([])
                left, word = most, word[len(head) :]
            lines[-1].append((word, style))
            left -= width(word)
    return [found for found in lines if found]


def _head(text: str, columns: int) -> tuple[str, bool]:
    taken = 0
    for at, character in enumerate(text):
        taken += _columns(character)
        if taken > columns:
            return text[:at], False
    return text, True


def _paint(text: str, style: str, terminal: Terminal) -> str:
    if not terminal.colours or not style or not text:
        return text
    codes = ";".join(_STYLES[name] for name in style.split())
    return f"\x1b[{codes}m{text}\x1b[0m"


def _text(piece: Piece) -> str:
    return piece if isinstance(piece, str) else piece[0]


def note(text: str) -> None:
    """A line for the person at the terminal, beside the output."""
    print(safe(text), file=sys.stderr)
