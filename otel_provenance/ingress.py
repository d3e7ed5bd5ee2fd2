"""Parts of a request → tags. Knows no framework: what it gets is text, bytes and parsed values.

Each function adds tags to the request's TagSet. Those that can fail to look into something return why:
``malformed_json``, ``malformed_form``, ``too_many_leaves``, ``too_large``, ``undecodable``,
``unknown_encoding``, ``incomplete``, ``timeout``; None means that all of it was looked into.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from time import thread_time, time_ns
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes
from uuid import UUID

from otel_provenance.documents import (
    MOST_VALUES,
    OPENING,
    SHORTEST_ENCODED,
    NotOpened,
    document_in,
    json_in,
    may_be_document,
    prose_at_start,
)
from otel_provenance.fieldnames import LONGEST_NAME, kept_name
from otel_provenance.tags import TagSet

MOST_SECONDS = 0.25
"""CPU time that the values of one part of a request may take to become tags: ten thousand other names take a second."""
_AT_ONCE = 64
"""Values that become tags together."""
_TABLES = (".csv", ".tsv")
_BEGINS_JSON = re.compile(r'[\[\s]*\{\s*"')
_LEAVES = frozenset({str, int, float, bool, type(None)})
_SCALARS = (str, int, float, bool, Decimal, UUID, date)


def query(tags: TagSet, query_string: str) -> str | None:
    """Every value of ``a=1&a=2&b=`` (WHATWG URL, application/x-www-form-urlencoded); empty ones too."""
    if not query_string:
        return None
    return _named(tags, "query", parse_qsl(query_string, keep_blank_values=True, errors="replace"))


def cookies(tags: TagSet, header: str) -> None:
    """Every cookie of a Cookie header (RFC 6265, section 4.2.1), quotes and percent escapes as sent."""
    for pair in header.split(";"):
        name, separator, value = pair.strip().partition("=")
        if separator and name:
            if len(value) > 1 and value[0] == value[-1] == '"':
                value = value[1:-1]
            tags.add("cookie", name, value.encode("latin-1", "replace").decode("utf-8", "replace"))


def path(tags: TagSet, view_args: Mapping[str, Any]) -> None:
    """Path parameters; those that a converter made an object of its own of are not touched."""
    for name, value in view_args.items():
        if isinstance(value, _SCALARS):
            tags.add("path", name, value)


def headers(tags: TagSet, environ: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """Request headers of the allow list (lower case), from a WSGI environ (PEP 3333)."""
    for name in allowed:
        upper = name.upper().replace("-", "_")
        value = environ.get("HTTP_" + upper, environ.get(upper) if upper.startswith("CONTENT_") else None)
        if isinstance(value, str):
            tags.add("header", name, value.encode("latin-1", "replace").decode("utf-8", "replace"))


def form(tags: TagSet, pairs: Iterable[tuple[str, Any]]) -> str | None:
    """Form fields, each value of a repeated one."""
    return _named(tags, "form", pairs)


def _named(tags: TagSet, source: str, pairs: Iterable[tuple[str, Any]]) -> str | None:
    reason: str | None = None
    room = _Room(tags, source)
    found = room.found
    is_form = source == "form"
    try:
        for name, value in pairs:
            # JSON that is said to be a form: cut at its first sign of equality, it would be a name, which is shown
            if (
                is_form
                and ("{" in name or name[:1] == "[")
                and (_BEGINS_JSON.match(name) or (not value and json_in(name) is not None))
            ):
                name, value = "", f"{name}={value}" if value else name
            is_short = type(value) is str and len(value) < SHORTEST_ENCODED and value[:1] not in OPENING
            if is_short or (type(value) is str and prose_at_start(value)):
                found.append((name, value))
                if len(found) >= _AT_ONCE and (full := room.settle()) is not None:
                    return full
            else:
                reason = _leaves(room, name, value) or reason
                if room.full is not None:
                    return room.full
    finally:
        room.settle()
    return room.full or reason


def file(tags: TagSet, field: str, filename: str | None, content: bytes | None, media_type: str | None) -> str | None:
    """An uploaded file: its name, and its content where that is at hand (text where it is text, and its values too
    where that is a document: JSON, a table, XML, MessagePack)."""
    if filename:
        tags.add("file", f"{field}.filename", filename)
    if not content:
        return None
    text = _as_text(content, media_type)
    kind = "text/csv" if (filename or "").lower().endswith(_TABLES) else _essence(media_type or "")
    return _part(tags, "file", field, content if text is None else text, kind)


def json_body(tags: TagSet, value: Any) -> str | None:
    """Every leaf of a parsed JSON body, by dotted path (``user.emails.0``)."""
    return _part(tags, "json", "", value)


class _Room:
    """Values of a request's part, on their way to become tags: as many as their number and the time they take allow."""

    __slots__ = ("_begun_at", "_source", "_tags", "_until", "found", "full")

    def __init__(self, tags: TagSet, source: str) -> None:
        self.found: list[tuple[str, Any]] = []
        """(field, value) of those that are no tags yet."""
        self.full: str | None = None
        """Why no more may become tags: None while there is room."""
        self._begun_at = time_ns()  # when all of the part came in
        self._tags = tags
        self._source = source
        self._until = 0.0

    def settle(self) -> str | None:
        """Make tags of what was found; why not of all. The clock is a system call, so it is asked now and then."""
        count, found = len(self._tags.tags), self.found
        total = count + len(found)
        if total > MOST_VALUES:
            self.full = self.full or "too_many_leaves"
            del found[max(MOST_VALUES - count, 0) :]
        if total // _AT_ONCE > count // _AT_ONCE:
            if not self._until:
                self._until = thread_time() + MOST_SECONDS
            elif thread_time() > self._until:
                self.full = "timeout"
                found.clear()
        if found:
            try:
                self._tags.add_all(self._source, found, self._begun_at)
            finally:
                found.clear()
        return self.full


def _part(tags: TagSet, source: str, field: str, value: Any, media_type: str = "") -> str | None:
    room = _Room(tags, source)
    try:
        reason = _leaves(room, field, value, media_type)
    finally:
        room.settle()
    return room.full or reason


def _leaves(room: _Room, field: str, value: Any, media_type: str = "") -> str | None:
    """A value, and all inside it, as far as there is room; those of a document are values beside the whole."""
    reason: str | None = None
    found = room.found
    stack: list[tuple[str, Any, str]] = [(kept_name(field), value, media_type)]
    while stack:
        where, node, kind = stack.pop()
        if isinstance(node, (dict, list, tuple)):
            start = f"{where}." if where else ""
            below: list[tuple[str, Any, str]] = []
            for key, child in node.items() if isinstance(node, dict) else enumerate(node):
                name = start + str(key)
                if len(name) > LONGEST_NAME:
                    name = _below(where, str(key))
                kind_of = type(child)
                is_short = kind_of is not str or (len(child) < SHORTEST_ENCODED and child[:1] not in OPENING)
                if below or kind_of not in _LEAVES or not (is_short or prose_at_start(child)):
                    below.append((name, child, ""))
                    continue
                found.append((name, child))
                if len(found) >= _AT_ONCE and room.settle() is not None:
                    return reason
            below.reverse()
            stack += below
        else:
            found.append((where, node))
            if len(found) >= _AT_ONCE and room.settle() is not None:
                return reason
            if may_be_document(node, kind):
                try:
                    inside = document_in(node, kind)
                except NotOpened as why:
                    reason = reason or str(why)
                    continue
                if inside is not None:
                    name = ".".join(filter(None, (where, inside.layer)))
                    stack.append((name, inside.content, inside.media_type))
    return reason


def _below(where: str, key: str) -> str:
    key = kept_name(key)  # before it is joined: thousands may lie below a name of a megabyte
    return kept_name(f"{where}.{key}") if where else key


def raw_body(tags: TagSet, data: bytes, content_type: str, content_encoding: str, limit: int) -> str | None:
    """A body that no one parsed for us: by its content type; ``limit`` bounds what unpacking may yield."""
    if not data:
        return None
    if content_encoding:
        unpacked, reason = _unpack(data, content_encoding, limit)
        if reason is not None:
            tags.add("body", "", data)
            return reason
        data = unpacked
    media_type = _essence(content_type)
    charset = _parameter(content_type.partition(";")[2], "charset")
    is_json = media_type.endswith(("/json", "+json"))
    if not is_json and data[:1] in (b"{", b"["):  # whatever it is said to be: curl -d says form
        inside = json_in(_as_text(data, content_type) or "")
        if inside is not None:
            return json_body(tags, inside)
    if media_type == "application/x-www-form-urlencoded":
        return form(tags, parse_qsl(_decode(data, charset), keep_blank_values=True, errors="replace"))
    if media_type == "multipart/form-data":
        return _multipart(tags, data, content_type)
    if is_json:
        return _json_text(tags, data, charset)
    if media_type in ("application/x-ndjson", "application/jsonl", "application/json-seq"):
        return _json_lines(tags, data, charset)
    text = _as_text(data, content_type)
    return _part(tags, "body", "", data if text is None else text, media_type)


def _essence(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _json_text(tags: TagSet, data: bytes, charset: str | None) -> str | None:
    try:
        return json_body(tags, json.loads(data if charset is None else _decode(data, charset)))
    except (ValueError, RecursionError):
        tags.add("body", "", _decode(data, charset))
        return "malformed_json"


def _json_lines(tags: TagSet, data: bytes, charset: str | None) -> str | None:
    lines = [line.strip("\x1e \t\r") for line in _decode(data, charset).split("\n")]
    try:
        return json_body(tags, [json.loads(line) for line in lines if line])
    except (ValueError, RecursionError):
        tags.add("body", "", _decode(data, charset))
        return "malformed_json"


def _multipart(tags: TagSet, data: bytes, content_type: str) -> str | None:
    # RFC 7578 is MIME: the standard library's parser reads it once the header stands before the body
    from email import policy
    from email.parser import BytesParser

    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=policy.HTTP).parsebytes(head + data)
    if not message.is_multipart():
        return "malformed_form"
    reason: str | None = None
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            continue
        content = part.get_payload(decode=True)
        content = content if isinstance(content, bytes) else b""
        filename = part.get_filename()
        if filename is not None:
            reason = file(tags, name, filename, content, part.get_content_type()) or reason
        else:
            reason = form(tags, [(name, _decode(content, part.get_content_charset()))]) or reason
    return "malformed_form" if message.defects else reason


def _as_text(content: bytes, media_type: str | None) -> str | None:
    if b"\x00" in content[:1024]:
        return None
    declared = _parameter((media_type or "").partition(";")[2], "charset")
    try:
        return content.decode(declared or "utf-8")
    except (UnicodeDecodeError, LookupError):
        return None


def _decode(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or "utf-8", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _parameter(parameters: str, name: str) -> str | None:
    for pair in parameters.split(";"):
        key, _, value = pair.partition("=")
        if key.strip().lower() == name:
            return unquote_to_bytes(value.strip().strip('"')).decode("ascii", "replace") or None
    return None


def _unpack(data: bytes, content_encoding: str, limit: int) -> tuple[bytes, str | None]:
    windows = {"gzip": 31, "x-gzip": 31, "deflate": 47}
    window = windows.get(content_encoding.strip().lower())
    if window is None:
        return b"", "unknown_encoding"
    unpacker = zlib.decompressobj(window)
    try:
        unpacked = unpacker.decompress(data, limit)
    except zlib.error:
        return b"", "unknown_encoding"
    if unpacker.eof:
        return unpacked, None
    return b"", "too_large" if len(unpacked) == limit else "incomplete"
