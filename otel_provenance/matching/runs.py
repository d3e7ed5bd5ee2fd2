"""Encoded runs inside a text: base64 in its dialects, base32 and hex → the bytes that they stand for."""

from __future__ import annotations

import re
from base64 import b32decode
from binascii import Error, a2b_base64, unhexlify
from collections.abc import Iterator

SHORTEST = 8
"""Characters of a run that is tried."""

_KEEP = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
_TABLE = bytes(i if i in _KEEP else 32 for i in range(256))
_HEX = re.compile(r"(?:0[xX])?((?:[0-9a-f]{2}){4,}|(?:[0-9A-F]{2}){4,})\Z")
_HEX_ODD = re.compile(r"(?:[0-9a-f]{16,}|[0-9A-F]{16,})\Z")
_BASE32 = re.compile(r"(?:[A-Z2-7]{8,}|[a-z2-7]{16,})\Z")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}\Z")
_PRINTABLE = bytes(set(range(256)) - set(range(32)) - {127}) + b"\t\n\r\x1b"
_NEVER_FIRST = frozenset("ABCDEFGHghijklmnopqrstuv")
_URL_SAFE = str.maketrans("-_", "+/")
_WRAPPED = re.compile(r"(?:[A-Za-z0-9+/]{40,}\r?\n[ \t]*){1,20000}[A-Za-z0-9+/]*={0,2}")


def runs_of(raw: str) -> list[str]:
    """The runs of a text that may be encoded, each once, in the order of their first occurrence."""
    data = raw.encode("ascii", "replace").translate(_TABLE)
    found = dict.fromkeys([run for run in data.split() if len(run) >= SHORTEST])
    return [run.decode() for run in found if _is_plausible(run)]


def _is_plausible(run: bytes) -> bool:
    """Whether a run is spelled unlike words and numbers."""
    if run.isalpha():
        # base64 of anything has capitals inside; base32 of eight bytes and more is what may be all of one case
        return len(run) >= 13 or not (run.islower() or run.istitle() or run.isupper())
    if run.isdigit():
        return len(run) % 2 == 0 and not run[::2].strip(b"234567")  # hex of printable ASCII
    return run.translate(None, b"0123456789-+/_") != b""


def may_hold(text: str) -> bool:
    """Whether any run of a text decodes to text, or to what may be a digest or compressed."""
    size = len(text)
    if size < 16 and " " not in text:
        return size >= SHORTEST and _short_may_hold(text)
    for run in text.encode("ascii", "replace").translate(_TABLE).split():
        if len(run) >= SHORTEST and not run.islower() and not run.istitle() and _is_plausible(run):
            for _, data in decode_run(run.decode()):
                if is_text(data) or (len(data) >= 8 and looks_random(run.decode())):
                    return True
    return False


def _short_may_hold(text: str) -> bool:
    # the first six bits of base64 tell: what text begins with is none of A to H, nor a continuation byte
    for run in text.split() if " " in text else (text,):
        if len(run) < SHORTEST or run[0] in _NEVER_FIRST:
            if len(run) < SHORTEST or not _HEX.match(run):
                continue
        elif run.isdigit():
            continue
        if _HEX.match(run) or (run.isupper() and run.isalnum()):
            return True
        try:
            if is_text(a2b_base64(run.translate(_URL_SAFE) + "==")):
                return True
        except (Error, ValueError):
            continue
    return False


def is_text(data: bytes) -> bool:
    """Whether bytes are printable UTF-8."""
    if not data.isascii():
        if data[0] < 0xC2 and data[0] > 0x7F:  # cheaper than the error that it would be
            return False
        try:
            data.decode()
        except UnicodeDecodeError:
            return False
    return not data.translate(None, _PRINTABLE)


def wrapped_runs(raw: str) -> list[tuple[str, str]]:
    """(as it stands, on one line) of base64 that is wrapped into lines, as in PEM and MIME."""
    if "\n" not in raw:
        return []
    return [(m[0], re.sub(r"\s+", "", m[0])) for m in _WRAPPED.finditer(raw)]


def looks_random(run: str) -> bool:
    """Whether a run is spelled like a digest rather than like words: long, and of more than one kind of letter."""
    if len(run) < 16 or run.isdigit():
        return False
    kinds = (run != run.upper()) + (run != run.lower()) + any(map(str.isdigit, run))
    return kinds == 3 or (kinds == 2 and _HEX_ODD.match(run) is not None)


def decode_run(run: str) -> Iterator[tuple[str, bytes]]:
    """(layer, bytes) for each encoding that a run is spelled like."""
    hexadecimal = _HEX.match(run)
    if hexadecimal:
        yield "hex", unhexlify(hexadecimal[1])
    elif _HEX_ODD.match(run) and not run.isdigit():
        yield "hex", unhexlify(run[:-1])
    if _BASE32.match(run) and len(run) % 8 in (0, 2, 4, 5, 7):
        try:
            yield "base32", b32decode(run.upper() + "=" * (-len(run) % 8))
        except (Error, ValueError):
            pass
    if _BASE64.match(run) and len(run) % 4 != 1:
        url_safe = "-" in run or "_" in run
        if not (url_safe and ("+" in run or "/" in run)):
            text = run.translate(_URL_SAFE) if url_safe else run
            try:
                yield "base64url" if url_safe else "base64", a2b_base64(text + "=" * (-len(text) % 4))
            except Error:
                pass


def pieces_of(run: str) -> list[str]:
    """Parts of a run that may be encoded by themselves: of a path, or of words joined by dashes."""
    for separator in "/+":
        if separator in run:
            return [piece for piece in run.split(separator) if len(piece) >= SHORTEST]
    pieces = run.replace("-", "_").split("_")
    return [piece for piece in pieces if len(piece) >= SHORTEST] if len(pieces) > 1 else []
