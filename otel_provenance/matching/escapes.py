"""Escapes inside a text, undone over all of it: percent, HTML, JSON strings, quoted-printable, encoded words."""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Iterator
from html import unescape
from itertools import islice
from urllib.parse import quote, unquote, unquote_plus, unquote_to_bytes

from otel_provenance.matching.budget import Budget

_SEGMENT = re.compile(r"[^\s/?&=#;,\"'<>]{0,4096}%[0-9A-Fa-f]{2}[^\s/?&=#;,\"'<>]*")
_PLUS = re.compile(r"\w\+\w")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BACKSLASH = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|((?:\\?x[0-9A-Fa-f]{2})+)|([\"'\\/,;bfnrt]))")
_PERCENT_U = re.compile(r"%u([0-9A-Fa-f]{4})")
_NEVER_QUOTED = r"(?=[46][1-9A-F]|[57][0-9A]|3[0-9]|[0-9A-F]?[a-f])"
"""Letters and digits are not quoted, quotes are upper case (RFC 2045, 6.7): not ``n=38``, not ``theme=dark``."""
_QUOTED = re.compile(rf"=(?:(?!{_NEVER_QUOTED})[0-9A-F]{{2}}|[ \t]*\r?\n)")
_NOT_QUOTED = re.compile(f"={_NEVER_QUOTED}")
_ENCODED_WORD = re.compile(r"=\?[\w.:-]{1,40}\?[BbQq]\?[^?\s]{0,200}\?=")
_MARKUP = re.compile(r"<[^<>]{0,2000}>")
_ELEMENT = re.compile(r"<(?:[\w.-]{1,64}:)?([\w.-]{1,64})(?:\s[^<>]{0,1000})?>([^<>]{1,256})</")
_ATTRIBUTE = re.compile(r"\s([\w.-]{1,64})=\"([^\"<>]{1,256})\"")
_HTML = re.compile(r"<(?:!doctype html|html|head|body|p|div|table|span|br|a|ul|h\d)\b", re.IGNORECASE)
LONGEST_XML = 65_536
_CHARACTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


MOST_SIGNS = 16_384
MOST_ENCODED_WORDS = 1_024
"""Of these, the standard library takes ten times as long to undo each."""
SIGNS = ("%", "&", "\\", "=", "''", "<", "+")
"""What an escape begins with: a text without any of them has none."""


def undo_escapes(text: str, budget: Budget) -> Iterator[tuple[str, str | bytes]]:
    """(layer, text) for each kind of escape that a text holds; bytes where they are no text."""
    if "%" in text and _PERCENT.search(text):
        text_ = _bounded(text, "%", budget)
        if "%u" in text_:  # as the escape() of JavaScript writes it
            text_ = _PERCENT_U.sub(lambda found: quote(chr(int(found[1], 16)), errors="replace"), text_)
        plain = unquote(text_, errors="replace")
        yield "percent", plain
        if "\ufffd" in plain or "\0" in plain:
            for data in map(unquote_to_bytes, islice(_SEGMENT.findall(text_), 16)):
                if b"\0" in data or not _is_utf8(data):
                    yield "percent", data
        if "/" in text or "?" in text:  # a segment may hold what separates segments
            for segment in islice(_SEGMENT.finditer(text_), 64):
                yield "percent", unquote(segment[0], errors="replace")
        if "+" in text:
            yield "form", unquote_plus(text_, errors="replace")
    elif "+" in text and "@" not in text and _PLUS.search(text):
        yield "form", text.replace("+", " ")
    if budget.expired():
        return
    if "&" in text and _ENTITY.search(text):
        yield "html", unescape(_bounded(text, "&", budget))
    if "\\" in text and _BACKSLASH.search(text):
        yield "json", _unescape(_bounded(text, "\\", budget))
    if budget.expired():
        return
    if "=?" in text and _ENCODED_WORD.search(text):
        yield "encoded-word", _encoded_words(_bounded(text, "=?", budget, MOST_ENCODED_WORDS))
    elif "=" in text and _QUOTED.search(text := _bounded(text, "=", budget)):
        data = a2b_qp(_NOT_QUOTED.sub("=3D", text).encode("utf-8", "replace"))
        try:
            yield "quoted-printable", data.decode()
        except UnicodeDecodeError:
            yield "quoted-printable", data.decode("latin-1")
    if "''" in text:
        yield "sql", text.replace("''", "'")
    if "<" in text and _MARKUP.search(text):
        text = _bounded(text, "<", budget)
        yield "markup", _MARKUP.sub(" ", text) if " " in text else _MARKUP.sub("", text)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _bounded(text: str, sign: str, budget: Budget, most: int = MOST_SIGNS) -> str:
    """As much of a text as has no more than so many of a sign: each takes a step in Python to undo."""
    while text.count(sign) > most:
        text = text[: len(text) // 2]
        budget.cut("too_large")
    return text


def _unescape(text: str) -> str:
    plain = _BACKSLASH.sub(_character, text)
    if any("\ud800" <= c <= "\udfff" for c in plain):  # surrogate pairs of \ud83d\ude00
        plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain


def elements(text: str) -> list[dict[str, str]]:
    """Names and texts of the elements and attributes of XML, those up to a repeated name in one object."""
    if len(text) > LONGEST_XML or text[:1] != "<" or "</" not in text or _HTML.search(text[:4096]):
        return []
    objects: list[dict[str, str]] = [{}]
    for form in (_ELEMENT, _ATTRIBUTE):
        for found in islice(form.finditer(text), 1024):
            if found[1] in objects[-1]:
                objects.append({})
            objects[-1][found[1]] = unescape(found[2])
        objects.append({})
    return [found for found in objects if found]


def _character(found: re.Match[str]) -> str:
    if found[3]:
        data = bytes.fromhex(found[3].replace("\\", "").replace("x", ""))
        try:
            return data.decode()  # the repr of bytes
        except UnicodeDecodeError:
            return data.decode("latin-1")
    code = int(found[1] or found[2] or "0", 16)
    return (chr(code) if code < 0x110000 else "") if code else _CHARACTERS.get(found[4], found[4] or "")


def _encoded_words(text: str) -> str:
    from email.errors import HeaderParseError
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return text
