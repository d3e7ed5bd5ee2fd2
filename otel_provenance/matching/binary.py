"""Bytes → what they hold: text in some charset, something compressed, MessagePack or protobuf."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from otel_provenance.matching import wire
from otel_provenance.matching.budget import Budget

_CHARSET = re.compile(r"charset=\"?([\w.:-]{1,40})", re.IGNORECASE)
_CONTROL = bytes(i for i in range(32) if i not in (9, 10, 12, 13, 27)) + b"\x7f"
_SCRIPTS = bytes(
    (0, 1, 3, 4, 5, 6, 9, 0x0E, 0x1E, 0x20, *range(0x30, 0x34), *range(0x4E, 0xA0), *range(0xAC, 0xD8), 0xFF)
)
"""First bytes of the letters and signs of living scripts in UTF-16."""
_WHITE = ("\t", "\n", "\r")
DIGEST_SIZES = range(8, 65)
"""Bytes of a digest, whole or truncated."""
_STRINGS = re.compile(rb"[\x20-\x7e\xc2-\xf4\x80-\xbf]{6,}")
_NO_STRING = re.compile(rb"[\x00-\x1f\x7f\xc0\xc1\xf5-\xff]")
_PRINTABLE = re.compile("[^\x00-\x1f\x7f\ufffd]{6,}")
_STRINGS_16 = re.compile(rb"(?:[\x20-\x7e]\x00){6,}")
_MAY_BE_16 = re.compile(rb"\x00(?:[\x20-\x7e]\x00){5}")
"""Begins with what stands alone in most bytes, so that it is found many times as fast."""
BEGINNING = 1024
"""Bytes that are asked before all of them are."""
SEARCHED, WINDOW, MOST_STRINGS = 262_144, 32_768, 8_192
"""Bytes that are searched for strings, of these at a time, and the strings that are looked at."""


def text_of(data: bytes, media_type: str | None = None) -> tuple[str, str] | None:
    """(layer, text) where bytes are text: UTF-8 needs no naming, ``utf-16`` does; None where they are not."""
    declared = _CHARSET.search(media_type) if media_type else None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _decoded(data, "utf-16", "utf-16")
    if declared:
        name = declared[1].lower()
        found = _decoded(data, name, "" if name in ("utf-8", "utf8", "us-ascii", "ascii") else name)
        if found is not None:
            return found
    is_json = data[:1] in (b"{", b"[") and data[1:2] != b"\0" and media_type is not None and "json" in media_type
    if is_json or not _has_controls(data):
        found = _decoded(data[3:] if data[:3] == b"\xef\xbb\xbf" else data, "utf-8", "")
        if found is not None:
            return found
        if _mostly_latin(data) and not _is_compressed(data) and wire.msgpack(data) is None:
            return _decoded(data, "cp1252", "cp1252") or _decoded(data, "latin-1", "latin-1")
        return None
    half = len(data) // 2
    if len(data) >= 4 and len(data) % 2 == 0:
        for at, name in ((1, "utf-16-le"), (0, "utf-16-be")):
            high = data[at::2]
            if high.count(0) > half * 0.7 and data[1 - at :: 2].count(0) == 0:
                return _decoded(data, name, "utf-16")
            is_script = half > 10 and not high[:BEGINNING].translate(None, _SCRIPTS)
            if is_script and not high.translate(None, _SCRIPTS) and not _is_compressed(data):
                found = _decoded(data, name, "utf-16")
                if found is not None and _is_printable(found[1]):
                    return found
    return None


def _has_controls(data: bytes) -> bool:
    # a beginning tells of nearly all that is no text, and takes no copy of it
    beginning = data[:BEGINNING]
    if len(beginning.translate(None, _CONTROL)) < len(beginning):
        return True
    return len(data) > BEGINNING and len(data.translate(None, _CONTROL)) < len(data)


def _decoded(data: bytes, charset: str, layer: str) -> tuple[str, str] | None:
    try:
        return layer, data.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return None


def _is_printable(text: str) -> bool:
    for white in _WHITE:  # to translate a text that is not ASCII takes fifty times as long
        text = text.replace(white, " ")
    return text.isprintable()


def _mostly_latin(data: bytes) -> bool:
    return sum(data.count(bytes((i,))) for i in b" etaonirs") * 6 > len(data) and len(data) > 3


def unpack(data: bytes, budget: Budget) -> Iterator[tuple[str, Any]]:
    """(layer, content) of everything that bytes which are not text may hold; the likeliest first."""
    for layer, begins, undo in _COMPRESSED:
        if begins(data):
            opened = undo(data, budget)
            if opened:
                yield layer, opened
                return
    if len(data) < 2:
        return
    found = wire.msgpack(data)
    if found is not None:
        yield "msgpack", found
        return
    fields = wire.protobuf(data)
    if fields is not None:
        yield "protobuf", fields
        return
    for layer, undo in _WITHOUT_MAGIC:
        opened = undo(data, budget)
        if opened and (text_of(opened) is not None or _known(opened)):
            yield layer, opened
            return
    pieces = strings_in(data, budget)
    if pieces:
        yield "binary", pieces


def strings_in(data: bytes, budget: Budget) -> list[str]:
    """What is printable in bytes, six characters and more in a row, as UTF-8 or as UTF-16."""
    if len(data) > SEARCHED:
        budget.cut("too_large")
        data = data[:SEARCHED]
    pieces: list[str] = []
    at = 0
    while at < len(data) and not budget.expired():
        ended = _NO_STRING.search(data, at + WINDOW)
        end = ended.end() if ended else len(data)
        # bytes beside a text are no part of it: what is no UTF-8 ends a string
        pieces += _PRINTABLE.findall(data[at:end].decode("utf-8", "replace"))
        at = end
        if len(pieces) > MOST_STRINGS:
            break
    if _MAY_BE_16.search(data):
        pieces += [found.decode("utf-16-le") for found in _STRINGS_16.findall(data)]
    if len(pieces) > MOST_STRINGS:
        budget.cut("too_many_leaves")
    return pieces[:MOST_STRINGS]


def has_strings(data: bytes) -> bool:
    """Whether bytes hold a few printable characters in a row."""
    return _STRINGS.search(data) is not None


def _is_compressed(data: bytes) -> bool:
    # its first bytes may be letters: what can be undone decides
    return any(begins(data) and undo(data, Budget(4_096)) for _, begins, undo in _COMPRESSED)


def _known(data: bytes) -> bool:
    return (
        any(begins(data) for _, begins, _ in _COMPRESSED)
        or wire.msgpack(data) is not None
        or wire.protobuf(data) is not None
    )


def _inflate(window: int) -> Callable[[bytes, Budget], bytes | None]:
    def undo(data: bytes, budget: Budget) -> bytes | None:
        unpacker = zlib.decompressobj(window)
        try:
            opened = unpacker.decompress(data, max(1, budget.characters))
            whole = unpacker.eof
        except zlib.error:
            return None
        if not whole and (window < 0 or not unpacker.unconsumed_tail):
            return None if window < 0 else opened  # raw deflate has no magic: only a whole stream is one
        if window < 0 and unpacker.unused_data:
            return None
        if not whole:
            budget.cut("too_large")
        budget.grant(len(opened))
        return opened

    return undo


def _brotli(data: bytes, budget: Budget) -> bytes | None:
    try:
        import brotli  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        return None
    unpacker = brotli.Decompressor()
    opened = b""
    try:
        opened = unpacker.process(data, output_buffer_limit=max(1, budget.characters))
        if not unpacker.is_finished():
            if unpacker.can_accept_more_data():
                return None
            budget.cut("too_large")
    except TypeError:  # brotli before 1.2 knows no limit: small input, and its output is bounded by its window
        if len(data) > 4096:
            budget.cut("unknown_encoding")
            return None
        try:
            opened = brotli.decompress(data)
        except brotli.error:
            return None
    except brotli.error:
        return None
    budget.grant(len(opened))
    return bytes(opened)


def _zstd(data: bytes, budget: Budget) -> bytes | None:
    opened: bytes | None = None
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]

        opened = zstd.ZstdDecompressor().decompress(data, max(1, budget.characters))
    except ImportError:
        opened = _zstandard(data, budget)
    except Exception:  # noqa: BLE001 - each library has errors of its own
        return None
    if opened is not None:
        budget.grant(len(opened))
    return opened


def _zstandard(data: bytes, budget: Budget) -> bytes | None:
    try:
        import zstandard
    except ImportError:
        budget.cut("unknown_encoding")
        return None
    try:
        with zstandard.ZstdDecompressor(max_window_size=1 << 23).stream_reader(data) as reader:
            return bytes(reader.read(max(1, budget.characters)))
    except zstandard.ZstdError:
        return None


Undo = Callable[[bytes, Budget], "bytes | None"]
_COMPRESSED: tuple[tuple[str, Callable[[bytes], bool], Undo], ...] = (
    ("gzip", lambda d: d[:2] == b"\x1f\x8b", _inflate(31)),
    ("zlib", lambda d: len(d) > 6 and d[0] & 15 == 8 and d[0] < 0x79 and (d[0] << 8 | d[1]) % 31 == 0, _inflate(15)),
    ("zstd", lambda d: d[:4] == b"\x28\xb5\x2f\xfd", _zstd),
)
_WITHOUT_MAGIC: tuple[tuple[str, Undo], ...] = (("deflate", _inflate(-15)), ("br", _brotli))
