"""What a value holds, where it is a document: JSON, a table, XML, MessagePack, GraphQL, or any of them encoded.

Pure. Ordinary short values are told by their length and first character; what is opened is bounded in size.
"""

from __future__ import annotations

import csv
import io
import json
import re
from binascii import Error, a2b_base64
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from otel_provenance.categories.by_name import rules_of
from otel_provenance.graphqlvalues import NotGraphql, graphql_values
from otel_provenance.matching import binary, runs, wire
from otel_provenance.xmlvalues import NotXml, xml_values

MOST_VALUES = 10_000
"""Values of one request that become tags, from all of its parts: each costs the request some microseconds."""
OPENING = ("{", "[")
"""How JSON begins that is no scalar."""
SHORTEST_ENCODED = 24
"""Characters: what is shorter is a document only if it begins as one of JSON."""
_LONGEST_ENCODED = 1_400_000
"""Characters: a megabyte in base64."""
_SHORTEST_BYTES = 256
"""Bytes that are no text are a file from here on; shorter, they are somebody's token."""

_LONGEST_GRAPHQL = 65_536
"""Characters: each of its tokens takes a microsecond or two."""

prose_at_start = re.compile(r"(?!data:|query|mutation|subscription|fragment)[^\s<{\[#][^ ]{0,22} ").match
"""How no document begins that is told by its beginning: with a word of less than 24 characters."""
_COLUMN = re.compile(r"[A-Za-z][\w .#/()-]{0,40}")
_DATA_URL = re.compile(r"data:([\w.+-]{1,80}/[\w.+-]{1,80})?((?:;[^;,\s]{1,80}){0,4}),")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+(?:\r?\n[A-Za-z0-9+/_-]+)*={0,2}\s*")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_UUID = 36
_XML = re.compile(r"\s*(?:<\?xml\s|<[\w.-]+:[\w.-]+[\s>])")
_XML_TYPE = re.compile(r"(?:text|application)/(?:[\w.-]+\+)?xml\b")
_GRAPHQL = re.compile(r"\s*(?:(?:query|mutation|subscription|fragment)\b[\w\s]*[({@]|\{\s*\w|\#)")
_GRAPHQL_GIVES = re.compile(r"[:=\[]\s*[\"\w{\[-]")
"""What is in it where it has a value of its own, and not only variables."""
_MSGPACK_TYPE = re.compile(r"application/(?:x-|vnd\.|[\w.-]+\+)?msgpack\b")
_TABLE_TYPES = ("text/csv", "text/tab-separated-values")


class Document(NamedTuple):
    """What a value turned out to be."""

    layer: str
    """What was undone, as the names of what is inside begin; empty where nothing was."""
    content: Any
    """A structure to be taken apart, or the text or bytes that were encoded."""
    media_type: str = ""


class NotOpened(Exception):
    """A document that is not looked into; its argument is the reason that the record gives."""


def may_be_document(value: Any, media_type: str = "") -> bool:
    """A cheap question that says no to nearly all values."""
    if media_type or type(value) is not str:
        return media_type != "" and type(value) in (str, bytes)
    if len(value) < SHORTEST_ENCODED:
        return value[:1] in OPENING
    return prose_at_start(value) is None


def document_in(value: str | bytes, media_type: str = "") -> Document | None:
    """The document that a value is; ``media_type`` where something declares it."""
    if media_type:
        if _XML_TYPE.match(media_type):
            return _xml(value)
        if _MSGPACK_TYPE.match(media_type):
            return _msgpack(value)
    if isinstance(value, bytes):
        return None
    if media_type in _TABLE_TYPES:
        rows = _table(value)
        return None if rows is None else Document("", rows)
    if value[:1] in OPENING:
        found = json_in(value)
        return _graphql(value) if found is None else Document("", found)
    if len(value) < SHORTEST_ENCODED:
        return None
    if value[:64].lstrip()[:1] == "<":
        return _xml(value, is_declared=False) if _XML.match(value) else None
    if value.startswith("data:"):
        return _of_data_url(value)
    return _of_base64(value) or _graphql(value)


def json_in(text: str) -> Any:
    """What a text is that is a JSON object or array; else None."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _xml(value: str | bytes, *, is_declared: bool = True) -> Document | None:
    try:
        return Document("", xml_values(value, MOST_VALUES))
    except NotXml:
        if is_declared:
            raise NotOpened("undecodable") from None
        return None  # a text that begins like XML is a text


def _graphql(text: str) -> Document | None:
    """An operation with values of its own, as a client writes it that uses no variables."""
    if len(text) > _LONGEST_GRAPHQL or not (_GRAPHQL.match(text) and _GRAPHQL_GIVES.search(text)):
        return None
    try:
        values = graphql_values(text, MOST_VALUES)
    except NotGraphql:
        return None
    return Document("", values) if values else None


def _msgpack(value: str | bytes) -> Document:
    found = wire.msgpack(value) if isinstance(value, bytes) and value else None
    if found is None:
        raise NotOpened("undecodable")
    return Document("", found)


def _of_data_url(text: str) -> Document | None:
    """RFC 2397, as a browser makes it of a file."""
    head = _DATA_URL.match(text)
    if head is None or not (head[1] or head[2]):
        return None
    if len(text) > _LONGEST_ENCODED:
        raise NotOpened("too_large")
    data: bytes | None = unquote_to_bytes(text[head.end() :])
    if head[2].lower().endswith(";base64"):
        data = _decoded((data or b"").decode("latin-1"))
    if not data:
        return None
    media_type = (head[1] or "text/plain").lower()
    found = binary.text_of(data, media_type + head[2])
    return Document("data-url", data if found is None else found[1], media_type)


def _of_base64(text: str) -> Document | None:
    if " " in text[:SHORTEST_ENCODED] or (len(text) == _UUID and text[8] == "-"):
        return None
    if text.startswith("eyJ") and text.count(".") == 2:  # a JSON Web Token: what it claims
        claims = _decoded(text.split(".")[1])
        found = json_in(claims.decode("utf-8", "replace")) if claims else None
        return None if found is None else Document("jwt", found)
    if not _BASE64.fullmatch(text[:4096] if len(text) > _LONGEST_ENCODED else text):
        return None
    if len(text) > _LONGEST_ENCODED:
        raise NotOpened("too_large")
    data = _decoded(text)
    if not data:
        return None
    if runs.is_text(data):
        return Document("base64", data.decode())
    return Document("base64", data) if len(data) >= _SHORTEST_BYTES else None


def _decoded(text: str) -> bytes | None:
    try:
        bare = text.encode("ascii").translate(_STANDARD, b"\r\n \t=")
        return a2b_base64(bare + b"=" * (-len(bare) % 4))
    except (Error, UnicodeEncodeError):
        return None


def _table(text: str) -> list[Any] | None:
    """Rows of a CSV file; by the names in its first row, if that is one of names: it may be somebody's data."""
    first = text.lstrip("\ufeff")[:4096].partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    if delimiter not in first:
        return None
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter)
    try:
        rows = list(islice(lines, MOST_VALUES + 1))  # each has a cell, and what is too much is told
    except csv.Error:
        return None
    names = [cell.strip() for cell in rows[0]]
    if not all(map(_COLUMN.fullmatch, names)) or not any(rules_of("file", name).rules for name in names):
        return rows
    return [dict(zip(names, row, strict=False)) for row in rows[1:]]
