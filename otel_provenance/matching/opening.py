"""Opening a source: the format of a text or bytes as a whole, declared or guessed → leaves of a batch."""

from __future__ import annotations

import json
import re
from binascii import Error, a2b_base64, a2b_qp
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from otel_provenance.matching import binary
from otel_provenance.matching.batch import Batch
from otel_provenance.matching.budget import MOST_LAYERS, Budget
from otel_provenance.matching.json_pieces import SPAN, json_pieces
from otel_provenance.matching.places import Origin

PIECEWISE = 200_000
"""Characters from which on JSON is parsed piece by piece: parsed at once it takes six times its size."""
BATCH, ROOM = 4_096, 8 * SPAN
"""Leaves that are searched at a time, and characters: what is searched takes several times its room."""
LINES = 256
"""Lines of JSON that are parsed at a time, where there are many."""
MOST_PARTS = 1_000
"""Parts of a multipart body that are opened."""

_JSON_BEGINS = frozenset('{["')
_BYTES_OF_JSON = (b"{", b"[")
_scan = json.JSONDecoder().raw_decode
_LINE = re.compile(r"[^\n\r\x1e]+")
_BOUNDARY = re.compile(r"boundary=(?:\"([^\"]{1,100})\"|([^\s;]{1,100}))", re.IGNORECASE)
_NAME = re.compile(r"content-disposition:[^\n]*[;\s]name=\"?([^\"\n;]*)", re.IGNORECASE)
_FILENAME = re.compile(r"content-disposition:[^\n]*[;\s]filename=\"?([^\"\n;]*)", re.IGNORECASE)
_ENCODING = re.compile(r"content-transfer-encoding:\s*([\w-]+)", re.IGNORECASE)
_KIND = re.compile(r"content-type:\s*([^\n]+)", re.IGNORECASE)
_FORM = re.compile(r"[\w.\-\[\]%+~]{1,200}=(?:[^&\s=]+|(?=&))(?:&[\w.\-\[\]%+~]{1,200}=[^&\s]*)*\Z")


def looks_like_form(text: str) -> bool:
    """Whether a text is ``a=1&b=2`` (application/x-www-form-urlencoded) as a whole."""
    return "=" in text[:200] and len(text) < 65_536 and _FORM.match(text) is not None


def open_source(content: Any, origin: Origin, media_type: str | None, batch: Batch, budget: Budget) -> Iterable[None]:
    """Fill ``batch`` from a source; what it returns pauses whenever the batch may be searched and emptied."""
    if isinstance(content, (bytes, bytearray, memoryview)):
        return _open_bytes(bytes(content), origin, media_type, batch, budget)
    if type(content) is str:
        return _open_text(content, origin, media_type, batch, budget)
    batch.walk(content, origin, budget)
    return ()


def _open_bytes(data: bytes, origin: Origin, media_type: str | None, batch: Batch, budget: Budget) -> Iterable[None]:
    essence = _essence(media_type)
    if essence.startswith("multipart/"):
        return _open_multipart(data, origin, media_type or "", batch, budget)
    if len(data) >= PIECEWISE and data[:1] in _BYTES_OF_JSON and not data.isascii() and _may_be_utf8(media_type):
        return _open_long_utf8(data, origin, media_type, batch, budget)
    return _open_any_bytes(data, origin, media_type, batch, budget)


def _open_long_utf8(
    data: bytes, origin: Origin, media_type: str | None, batch: Batch, budget: Budget
) -> Iterator[None]:
    """JSON in UTF-8, decoded piece by piece: all at once, one emoji would make four bytes of each of its characters."""
    opened = yield from _long_json(data.decode("latin-1"), True, _inside_json(origin, media_type), batch, budget)
    if not opened:
        yield from _open_any_bytes(data, origin, media_type, batch, budget)


def _may_be_utf8(media_type: str | None) -> bool:
    return media_type is None or "charset" not in media_type.lower() or "utf-8" in media_type.lower()


def _inside_json(origin: Origin, media_type: str | None) -> Origin:
    """What JSON has for an origin: that it is JSON is told where nobody declared it."""
    return origin if _is_json(_essence(media_type)) else Origin(origin.path, (*origin.layers, "json"))


def _is_json(essence: str) -> bool:
    return essence.endswith(("/json", "+json"))


def _open_any_bytes(
    data: bytes, origin: Origin, media_type: str | None, batch: Batch, budget: Budget
) -> Iterable[None]:
    text = binary.text_of(data, media_type)
    # where the charset is a guess, so few bytes may as well be a digest: those are looked at as both
    if text is not None and not (text[0] and len(data) in binary.DIGEST_SIZES and "charset" not in (media_type or "")):
        name, decoded = text
        if name:
            origin = Origin(origin.path, (*origin.layers, name))
        return _open_text(decoded, origin, media_type, batch, budget)
    batch.binaries.append((data, origin))
    return ()


def _open_text(text: str, origin: Origin, media_type: str | None, batch: Batch, budget: Budget) -> Iterable[None]:
    if _is_json(_essence(media_type)) or (text and text[:64].lstrip()[:1] in ("{", "[", '"')):
        inner = _inside_json(origin, media_type)
        if len(text) >= PIECEWISE:
            return _open_long_json(text, inner, origin, media_type, batch, budget)
        if _open_json(text, inner, batch, budget):
            return ()
    return _open_otherwise(text, origin, media_type, batch, budget)


def _open_otherwise(text: str, origin: Origin, media_type: str | None, batch: Batch, budget: Budget) -> Iterable[None]:
    essence = _essence(media_type)
    if "json" in essence or (not essence and text[:1] == "{" and "\n" in text):
        if len(text) >= PIECEWISE:
            return _open_long_lines(text, origin, media_type, batch, budget)
        if _open_lines(text, origin, batch, budget):
            return ()
    return _open_unlike_json(text, origin, media_type, batch, budget)


def _open_unlike_json(
    text: str, origin: Origin, media_type: str | None, batch: Batch, budget: Budget
) -> Iterable[None]:
    essence = _essence(media_type)
    declared_form = essence == "application/x-www-form-urlencoded" and "=" in text  # urllib says so of any body
    if declared_form or (not essence and looks_like_form(text)):
        _open_form(text, origin, batch, budget, declared=bool(essence))
        return ()
    if essence.startswith("multipart/"):
        return _open_multipart(text.encode("utf-8", "replace"), origin, media_type or "", batch, budget)
    batch.add(text, origin)
    return ()


def _open_json(text: str, origin: Origin, batch: Batch, budget: Budget) -> bool:
    try:
        value, end = _scan(text) if text[:1] in _JSON_BEGINS else (None, -1)
        if end != len(text):  # white space around it, or more than it
            value = json.loads(text)
        if type(value) is str:
            value, origin = unwrapped_json(value, origin, budget)
    except RecursionError:
        budget.cut("too_deep")
        return False
    except ValueError:
        return False
    batch.walk_json(value, origin, budget)
    return True


def _open_long_json(
    text: str, inner: Origin, origin: Origin, media_type: str | None, batch: Batch, budget: Budget
) -> Iterator[None]:
    opened = yield from _long_json(text, False, inner, batch, budget)
    if not opened:
        yield from _open_otherwise(text, origin, media_type, batch, budget)


def _long_json(text: str, is_utf8: bool, origin: Origin, batch: Batch, budget: Budget) -> Any:
    """Whether a text was JSON, as far as time went."""
    held = 0
    try:
        for number, (place, value, length) in enumerate(json_pieces(text, origin, is_utf8)):
            batch.walk_json(value, place, budget)
            held += length
            if len(batch.texts) >= BATCH or held >= ROOM:
                yield
                held = 0
            if (type(value) is not str or number % 256 == 0) and budget.expired():
                break
        return True
    except RecursionError:
        budget.cut("too_deep")
    except ValueError:
        pass
    return False


def unwrapped_json(value: Any, origin: Origin, budget: Budget) -> tuple[Any, Origin]:
    """What a string that JSON was written into holds, as ``json.dumps(json.dumps(…))`` writes it."""
    while type(value) is str and value[:1] in _JSON_BEGINS and len(value) > 1:
        try:
            inner = json.loads(value)
        except (ValueError, RecursionError):
            break
        if len(origin.layers) >= MOST_LAYERS:
            budget.cut("too_deep")
            break
        value, origin = inner, Origin(origin.path, (*origin.layers, "json"))
    return value, origin


def _open_lines(text: str, origin: Origin, batch: Batch, budget: Budget) -> bool:
    try:
        values = [value for value, _ in _lines(text)]
    except (ValueError, RecursionError):
        return False
    batch.walk_json(values, origin, budget)
    return True


def _open_long_lines(text: str, origin: Origin, media_type: str | None, batch: Batch, budget: Budget) -> Iterator[None]:
    some: dict[int, Any] = {}
    held = walked = 0
    try:
        for number, (value, end) in enumerate(_lines(text)):
            some[number] = value
            if len(some) >= LINES or end - walked >= SPAN:
                batch.walk_json(some, origin, budget)
                some, walked = {}, end
                if len(batch.texts) >= BATCH or end - held >= ROOM:
                    yield
                    held = end
                if budget.expired():
                    return
        batch.walk_json(some, origin, budget)
    except (ValueError, RecursionError):
        yield from _open_unlike_json(text, origin, media_type, batch, budget)


def _lines(text: str) -> Iterator[tuple[Any, int]]:
    """The value of each line, and where it ends."""
    for found in _LINE.finditer(text):
        line = found[0].strip(" \t")
        if line:
            yield json.loads(line), found.end()


def _open_form(text: str, origin: Origin, batch: Batch, budget: Budget, *, declared: bool) -> None:
    inner = origin if declared else Origin(origin.path, (*origin.layers, "form"))
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=10_000)
    except ValueError:
        budget.cut("too_many_leaves")
        batch.add(text, origin)
        return
    for name, value in pairs:
        batch.add(value, (inner, name))


def _open_multipart(data: bytes, origin: Origin, media_type: str, batch: Batch, budget: Budget) -> Iterator[None]:
    """RFC 2046, 5.1, and RFC 7578: the parts between the delimiters, each by its own type and encoding."""
    boundary = _BOUNDARY.search(media_type)
    delimiter = b"--" + (boundary[1] or boundary[2]).encode("latin-1", "replace") if boundary else data[:72].split()[0]
    parts = data.split(delimiter, MOST_PARTS + 1)[1:]
    if not parts:
        batch.add(data.decode("utf-8", "replace"), origin)
    if len(parts) > MOST_PARTS:
        budget.cut("too_many_leaves")
        parts.pop()
    for part in parts:
        if part[:2] == b"--" or budget.expired():
            return
        head, _, content = part.replace(b"\r\n", b"\n", 64).lstrip(b"\n").partition(b"\n\n")
        if b"\r\n\r\n" in part:  # the content's own line ends stay as they are
            content = part.partition(b"\r\n\r\n")[2]
        headers = head.decode("utf-8", "replace")
        content = content[:-2] if content.endswith(b"\r\n") else content.removesuffix(b"\n")
        yield from _open_part(headers, content, origin, batch, budget)


def _open_part(headers: str, content: bytes, origin: Origin, batch: Batch, budget: Budget) -> Iterator[None]:
    name, filename = _NAME.search(headers), _FILENAME.search(headers)
    path = ".".join(filter(None, (origin.path, name[1] if name else "")))
    here = Origin(path, origin.layers)
    if filename and filename[1]:
        batch.add(filename[1], (here, "filename"))
    encoding, kind = _ENCODING.search(headers), _KIND.search(headers)
    media_type = kind[1].strip() if kind else None
    layer = encoding[1].lower() if encoding else ""
    if layer in ("base64", "quoted-printable"):
        here = Origin(path, (*origin.layers, layer))
        try:
            content = a2b_base64(content) if layer == "base64" else a2b_qp(content)
        except Error:
            pass
    if media_type and media_type.lower().startswith("text/plain"):
        media_type = (media_type.partition(";")[2].strip() and "text/plain;" + media_type.partition(";")[2]) or None
    yield from open_source(content, here, media_type, batch, budget)


@lru_cache(maxsize=256)
def _essence(media_type: str | None) -> str:
    return media_type.partition(";")[0].strip().lower() if media_type else ""
