"""Encoded runs inside a text: base64 in its dialects, base32 and hex → the bytes that they stand for."""

from __future__ import annotations

import re
from base64 import b32decode
from binascii import Error, a2b_base64, unhexlify
from codecs import utf_8_decode
from collections.abc import Iterator

from otel_provenance.matching.budget import Budget
from otel_provenance.matching.bulk import SLICE
from otel_provenance.speedups import compiled

SHORTEST = 8
"""Characters of a run that is tried."""
LONGEST_KNOWN = 256
"""Characters of a run that is remembered by what it says, rather than by its hash."""
BEGINNING = 1024
"""Bytes by which most of what is no text is told."""
LONGEST_BASE32 = 65_536
"""Characters of a base32 run: the standard library decodes it in Python."""

_KEEP = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
_HEX = b"0123456789abcdefABCDEF"
_BASE32_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SIGNS = frozenset("0xX")
_HEXADECIMAL = "0123456789abcdefABCDEF"
_LOWER_HEX = b"0123456789abcdefx"
_LOWER_BASE32 = _BASE32_BYTES.lower()
_PIECES = bytes(32 if i in b"-_/+" else i for i in range(256))
_TABLE = bytes(i if i in _KEEP else 32 for i in range(256))
_BASE32 = re.compile(r"(?:[A-Z2-7]{8,}|[a-z2-7]{16,})\Z")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}\Z")
_ALL_HEX = re.compile(r"[0-9A-Fa-f]{8,}\Z")
_NO_CAPITALS, _CAPITALS = re.compile(r"[^A-Z]*\Z"), re.compile(r"[^a-z]*\Z")
_NO_RUN = re.compile(r"[^A-Za-z0-9+/_-]")
_PRINTABLE = bytes(set(range(256)) - set(range(32)) - {127}) + b"\t\n\r\x1b"
_NEVER_FIRST = frozenset("ABCDEFGHghijklmnopqrstuv")
"""What base64 of text does not begin with: its first six bits would make a control or a continuation byte."""
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_WRAPPED_LINE = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40,}\r?\n[ \t]*")
_LAST_LINE = re.compile(r"[A-Za-z0-9+/]*={0,2}")


def runs_of(raw: str, budget: Budget) -> Iterator[str]:
    """The runs of a text that may be encoded, each once, in the order of their first occurrence."""
    seen: set[str | int] = set()
    for found in _compiled_runs(raw) if compiled else _runs(raw):  # time may be up before the end
        if budget.expired():
            return
        for run in found:
            known = run if len(run) <= LONGEST_KNOWN else hash(run)  # 64 bits, and no copy of it is kept
            if known not in seen:
                seen.add(known)
                yield run


def _compiled_runs(raw: str) -> Iterator[list[str]]:
    for text in (raw,) if raw.isascii() else _windows(raw):
        data = text if text.isascii() else text.encode("ascii", "replace")
        at = 0
        while at < len(data):
            found, at = compiled.plausible_runs(data, at, SLICE)
            yield found


def _windows(raw: str) -> Iterator[str]:
    """A text in parts that end where no run goes on: what is made of each does not take the room of all of it."""
    at = 0
    while at < len(raw):
        found = _NO_RUN.search(raw, at + SLICE)
        end = found.end() if found else len(raw)
        yield raw if end - at == len(raw) else raw[at:end]
        at = end


def _runs(raw: str) -> Iterator[list[str]]:
    for window in _windows(raw):
        found = dict.fromkeys(window.encode("ascii", "replace").translate(_TABLE).split())
        # nearly all are words, or words with a number: a question that leaves few for the others
        likely = [r for r in found if len(r) >= SHORTEST and (len(r) > 12 or not r.islower() or not r.strip(_HEX))]
        yield [run.decode() for run in likely if _is_plausible(run)]


def _is_plausible(run: bytes) -> bool:
    """Whether a run is spelled unlike words and numbers."""
    if run.isalpha():
        # base64 of anything has capitals inside; base32 of eight bytes and more is what may be all of one case
        return len(run) >= 13 or not (run.islower() or run.istitle() or run.isupper())
    if run.isdigit():
        return len(run) % 2 == 0 and not run[::2].strip(b"234567")  # hex of printable ASCII
    if len(run) < 16 and (run.islower() or run.isupper()):
        # so short a run of one case is a code or a word with a number: base64 mixes cases, but for one in a hundred
        return not run.strip(_HEX) or (run.isupper() and not run.strip(_BASE32_BYTES))
    return run.translate(None, b"0123456789-+/_") != b""


def is_word(run: bytes) -> bool:
    """Whether a run is written like words, or a UUID: in lower case it could only be hex or base32."""
    if not run.islower():
        return run.isalpha() and run.istitle()
    if len(run) == 36 and run.count(b"-") == 4:
        return True
    for piece in run.translate(_PIECES).split() if run.strip(_LOWER_HEX) else (run,):
        encoded = len(piece) >= SHORTEST and not (piece.strip(_LOWER_HEX) and piece.strip(_LOWER_BASE32))
        if encoded and (not piece.isalpha() or len(piece) >= 24):
            return False
    return True


def may_hold(text: str) -> bool:
    """Whether any run of a text decodes to text, or to what may be a digest or compressed."""
    for word in text.encode("ascii", "replace").translate(_TABLE).split():
        if len(word) < SHORTEST or not _is_plausible(word):
            continue
        if is_word(word):
            continue
        run = word.decode()
        if len(run) < 16 and run[0] in _NEVER_FIRST and not _is_hex(run) and not run.isupper():
            continue
        for _, data in decode_run(run):
            if is_text(data) or (len(data) >= 8 and looks_random(run)):
                return True
    return False


def is_text(data: bytes) -> bool:
    """Whether bytes are printable UTF-8."""
    if len(data) > BEGINNING and not _begins_as_text(data[:BEGINNING]):
        return False
    if not data.isascii():
        if data[0] < 0xC2 and data[0] > 0x7F:  # cheaper than the error that it would be
            return False
        try:
            data.decode()
        except UnicodeDecodeError:
            return False
    return not data.translate(None, _PRINTABLE)


def _begins_as_text(beginning: bytes) -> bool:
    """What tells nearly always, without a copy of all of it; a character that is cut off at its end is none yet."""
    try:
        utf_8_decode(beginning, "strict", False)
    except UnicodeDecodeError:
        return False
    return not beginning.translate(None, _PRINTABLE)


def wrapped_runs(raw: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, on one line) of base64 that is wrapped into lines, as in PEM and MIME."""
    start = end = -1
    for found in _WRAPPED_LINE.finditer(raw) if "\n" in raw else ():
        if found.start() != end:
            if end >= 0:
                yield _unwrapped(raw, start, end)
            start = found.start()
        end = found.end()
    if end >= 0:
        yield _unwrapped(raw, start, end)


def _unwrapped(raw: str, start: int, end: int) -> tuple[int, int, str]:
    last = _LAST_LINE.match(raw, end)
    end = last.end() if last else end
    return start, end, raw[start:end].encode().translate(None, b" \t\r\n=").decode()


def looks_random(run: str) -> bool:
    """Whether a run is spelled like a digest rather than like words: long, and of more than one kind of letter."""
    run = _without_sign(run)
    if len(run) < 16 or run.isdigit():
        return False
    if _is_of_one_case(run):
        if run.isalpha() and (not 24 <= len(run) <= LONGEST_BASE32 or _is_hex(run)):
            return False
        return _is_hex(run.replace("-", "")) or _BASE32.match(run) is not None
    start = run[:64]
    capitals = sum(map(str.isupper, start))
    return any(map(str.isdigit, start)) or 4 <= capitals <= len(start) - 4


def _is_of_one_case(run: str) -> bool:
    """Whether a run has no capitals, or no letters but capitals."""
    return _NO_CAPITALS.match(run) is not None or _CAPITALS.match(run) is not None


def _is_hex(run: str) -> bool:
    # the first few characters tell nearly always, at a hundredth of the cost of all
    return not run[:24].strip(_HEXADECIMAL) and _ALL_HEX.match(run) is not None


def _without_sign(run: str) -> str:
    """Of hex, what is behind the ``0x`` of SQL Server and MySQL, or the ``\\x`` of PostgreSQL; else the run."""
    for sign in ("0x", "0X", "x", "X"):
        if run.startswith(sign) and _is_hex(run[len(sign) :]):
            return run[len(sign) :]
    return run


def decode_run(run: str) -> Iterator[tuple[str, bytes]]:
    """(layer, bytes) for each encoding that a run is spelled like."""
    if _is_hex(run):
        # an odd one is a truncated digest: its last digit says too little to matter
        yield "hex", unhexlify(run if len(run) % 2 == 0 else run[:-1])
    elif len(run) == 36 and run.count("-") == 4 and _is_hex(run.replace("-", "")):
        yield "uuid", unhexlify(run.replace("-", ""))  # a digest written as one
    elif run[:1] in _SIGNS:
        bare = _without_sign(run)
        if bare is not run and len(bare) % 2 == 0:
            yield "hex", unhexlify(bare)
    if len(run) <= LONGEST_BASE32 and _BASE32.match(run) and len(run) % 8 in (0, 2, 4, 5, 7):
        try:
            yield "base32", b32decode(run.upper() + "=" * (-len(run) % 8))
        except (Error, ValueError):
            pass
    if _BASE64.match(run) and len(run) % 4 != 1:
        url_safe = "-" in run or "_" in run
        if not (url_safe and ("+" in run or "/" in run)):
            padded = run + "=" * (-len(run) % 4) if len(run) % 4 else run
            try:
                data = a2b_base64(padded.encode().translate(_URL_SAFE) if url_safe else padded)
                del padded  # what is done with the bytes needs room of its own
                yield "base64url" if url_safe else "base64", data
            except Error:
                pass


def pieces_of(run: str) -> list[str]:
    """Parts of a run that may be encoded by themselves: of a path, or of words joined by dashes."""
    for separator in "/+":
        if separator in run:
            return [piece for piece in run.split(separator) if len(piece) >= SHORTEST]
    pieces = run.replace("-", "_").split("_")
    return [piece for piece in pieces if len(piece) >= SHORTEST] if len(pieces) > 1 else []
