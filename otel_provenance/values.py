"""Values: their normal form, their keyed hash, and what of them may be shown.

One function computes the hash, everywhere: ``hash_value`` over ``normal_form``.
"""

from __future__ import annotations

import datetime
import enum
import re
import unicodedata
import uuid
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from otel_provenance.fieldnames import WORD
from otel_provenance.speedups import compiled

normal_ascii: Callable[[str], str] | None = compiled.normal_ascii if compiled else None
"""``normal_text`` of ASCII without ``\\0``, where it is compiled."""
_PERSON = b"otel-provenance"


def normal_form(value: Any) -> str:
    """The text that is hashed: values that mean the same have the same.

    - text: NFKC, casefold, white space trimmed and collapsed to single spaces (Unicode Standard
      Annex 15, and section 5.18 on caseless matching);
    - bool: ``true``/``false``; None: ``null``;
    - int, float, Decimal: canonical decimal text, no exponent, no trailing zeros (``1.50`` → ``1.5``);
    - date: ISO 8601; datetime: ISO 8601 with ``T``, aware ones in UTC with ``Z``; time and timedelta: ISO
      text and seconds;
    - UUID: lower case with dashes; Enum: the normal form of its value where that is text or a number,
      else of its name;
    - bytes: as text where they are UTF-8, else lower-case hex; anything else: the normal form of ``str()``
      of it.
    """
    if isinstance(value, str):
        if isinstance(value, enum.Enum):
            value = value.value
        return normal_text(value)
    if value is None:
        return "null"
    if isinstance(value, enum.Enum):
        inner = value.value
        return normal_form(inner if isinstance(inner, (str, int, float, Decimal)) else value.name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _decimal_text(Decimal(float.__repr__(value)))
    if isinstance(value, Decimal):
        return _decimal_text(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        raw = bytes(value)
        try:
            return normal_text(raw.decode("utf-8"))
        except UnicodeDecodeError:
            return raw.hex()
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None and value.utcoffset() is not None:
            return value.astimezone(datetime.timezone.utc).replace(tzinfo=None).isoformat().lower() + "z"
        return value.isoformat().lower()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat().lower()
    if isinstance(value, datetime.timedelta):
        return _decimal_text(Decimal(str(value.total_seconds())))
    if isinstance(value, uuid.UUID):
        return str(value)
    return normal_text(str(value))


def normal_text(text: str) -> str:
    """NFKC, casefold, white space trimmed and collapsed."""
    if text.isascii():  # NFKC leaves ASCII as it is, and casefold is lower
        if normal_ascii and "\0" not in text:
            return normal_ascii(text)
        plain = text.lower().strip()
        if "  " not in plain and plain.isprintable():  # of ASCII's white space, only the space is printable
            return plain
        return " ".join(plain.split())
    # casefold may leave NFKC (UAX 15, section 11): normalise again, and once more for the rare third round
    folded = compatible(compatible(text).casefold())
    return " ".join(compatible(folded.casefold()).split())


_MOST_MARKS = 30
_MAY_BE_MARK = re.compile(r"[^\w\s\x21-\u02ff]")
_MAY_BE_MARKS = re.compile(r"[^\w\s\x21-\u02ff]{31,}")
_ALL_MARKS = re.compile(rb"[^\0]{31,}")
_PARTED = str.maketrans({"\u0f73": "\u0f71\u0f72", "\u0f75": "\u0f71\u0f74", "\u0f81": "\u0f71\u0f80"})
"""The only marks that look like none to ``unicodedata.combining``, besides the half-width ones of Japanese."""


def compatible(text: str) -> str:
    """NFKC. More than 30 marks on one letter are parted by U+034F (UAX 15, section 13): sorting takes their square."""
    if len(text) > _MOST_MARKS:
        if "\uff9e" in text or "\uff9f" in text:
            text = text.replace("\uff9e", "\u3099").replace("\uff9f", "\u309a")
        if _MAY_BE_MARK.search(text[::_MOST_MARKS]):  # of so many in a row, one is seen
            text = _MAY_BE_MARKS.sub(_with_marks_parted, text)
    return unicodedata.normalize("NFKC", text)


def _with_marks_parted(found: re.Match[str]) -> str:
    run = found[0].translate(_PARTED)
    parts: list[str] = []
    done = 0
    for marks in _ALL_MARKS.finditer(bytes(map(unicodedata.combining, run))):
        for at in range(marks.start() + _MOST_MARKS, marks.end(), _MOST_MARKS):
            parts += (run[done:at], "\u034f")
            done = at
    return "".join((*parts, run[done:])) if parts else found[0]


def _decimal_text(number: Decimal) -> str:
    if not number.is_finite():
        return str(number).lower()
    if number.adjusted() > 400 or number.adjusted() < -400:  # 1e999999999 would be a gigabyte of zeros
        return str(number.normalize()).lower()
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


@lru_cache(maxsize=8)
def keyed_state(salt: bytes) -> Any:
    """What ``hash_normal`` copies for each value."""
    return blake2b(digest_size=16, key=salt if len(salt) <= 64 else blake2b(salt).digest(), person=_PERSON)


def hash_normal(normal: str, salt: bytes) -> str:
    """Keyed hash of a normal form: BLAKE2b (RFC 7693), 16 bytes, personalised, as 32 hex digits."""
    state = keyed_state(salt).copy()
    state.update(normal.encode("utf-8", "surrogatepass"))
    digest: str = state.hexdigest()
    return digest


def hash_value(value: Any, salt: bytes) -> str:
    """Keyed hash of a value's normal form, 32 hex digits; equal values in other spellings are equal."""
    return hash_normal(normal_form(value), salt)


def hash_bytes(payload: bytes, salt: bytes) -> str:
    """Keyed hash of a payload's bytes as they are, 32 hex digits."""
    state = keyed_state(salt).copy()
    state.update(payload)
    digest: str = state.hexdigest()
    return digest


# --- what may be shown -------------------------------------------------------------------------------

_ASCII = dict.fromkeys(range(ord("a"), ord("z") + 1), "x")
_ASCII |= dict.fromkeys(range(ord("A"), ord("Z") + 1), "X")
_ASCII |= dict.fromkeys(range(ord("0"), ord("9") + 1), "0")


class _Shapes(dict[int, str]):
    def __missing__(self, codepoint: int) -> str:
        category = unicodedata.category(chr(codepoint))
        if category[0] == "L":
            shape = "X" if category == "Lu" else "x"
        else:
            shape = "0" if category[0] == "N" else "." if category[0] in "CMS" and codepoint > 127 else chr(codepoint)
        if len(self) < 4096:
            self[codepoint] = shape
        return shape


_SHAPES = _Shapes(_ASCII)
SHAPES_OF_ASCII = bytes(ord(_ASCII.get(code, chr(code))) for code in range(128)) + bytes(range(128, 256))
_JSON_KEY = re.compile(r"[\w$.:/\- ]{1,64}")
_JSON_VALUE = re.compile(r'\s*(?:"(?:[^"\\]|\\.)*"?|[^\s,}\]\[{"]+)')
_IS_DATA_IN_PATH = re.compile(r"@|(?:\d[ -]?){9}")
_UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
_KIND_CHANGES = re.compile(r"(?<=[a-z])[A-Z]|(?<=[A-Za-z])\d|(?<=\d)[A-Za-z]")
_SHORTEST_TOKEN = 20
_LONGEST_SHOWN = 128
_IS_DATA = re.compile(r"@|\d[\d /:-]{5}|.{129}", re.DOTALL)


def redact(text: str) -> str:
    """The shape of a text: each letter as ``x`` or ``X``, each digit as ``0``, all else as it is."""
    if text.isascii():
        return text.encode("ascii").translate(SHAPES_OF_ASCII).decode("ascii")
    return text.translate(_SHAPES)


def redact_structured(text: str) -> str:
    """As ``redact``, but the keys of JSON objects stay readable: they name fields, not people (unless they do).

    Of a sensitive field not even the shape is shown.
    """
    shape = redact(text)  # character for character
    mark = '":' if '":' in text else '" :'
    end = text.find(mark)
    if end <= 0:
        return shape
    pieces: list[str] = []
    done = 0
    while end > 0:
        start = text.rfind('"', done, end) + 1
        key = text[start:end]
        if start and _is_plain_key(key):
            pieces += (shape[done:start], key)
            done = end
            if is_sensitive(key) and (value := _JSON_VALUE.match(text, end + len(mark))):
                pieces.append(f'{mark} "***"')
                done = value.end()
        end = text.find(mark, max(end + 2, done))
    pieces.append(shape[done:])
    return "".join(pieces)


@lru_cache(maxsize=4096)
def _is_plain_key(key: str) -> bool:
    return _JSON_KEY.fullmatch(key) is not None and not _holds(_IS_DATA, key)


@lru_cache(maxsize=4096)
def shown_field(field: str) -> str:
    """A field's name as it may be recorded: where clients use data as a name (an address, a number), its shape."""
    return redact(field[:512]) if len(field) > _LONGEST_SHOWN or _holds(_IS_DATA, field) else field


def shown_path(path: str) -> str:
    """A URL path as it may be recorded: segments that are an address or a long number are shown as their shape."""
    if not _holds(_IS_DATA_IN_PATH, path):
        return path
    return "/".join([redact(part) if _holds(_IS_DATA_IN_PATH, part) else part for part in path.split("/")])


def looks_like_token(segment: str) -> bool:
    """Whether a segment of a path is long, and mixes kinds of characters as no name does that people make up."""
    if len(segment) < _SHORTEST_TOKEN:
        return False
    return 5 * len(_KIND_CHANGES.findall(_UUID.sub("", segment))) > len(segment)


def _holds(data: re.Pattern[str], text: str) -> bool:
    # a UUID is no number, whichever of its digits happen to be decimal: letters take its room
    return data.search(text) is not None and data.search(_UUID.sub(lambda found: "x" * len(found[0]), text)) is not None


def recorded_key(value: Any, salt: bytes) -> Any:
    """A part of a row's key as it may be recorded: an address or a long number is ``#`` and its keyed hash.

    That still tells the row from others, and is the same wherever the row is written.
    """
    if not isinstance(value, str) or not _holds(_IS_DATA_IN_PATH, value):
        return value
    return f"#{hash_value(value, salt)}"


_SENSITIVE = re.compile(
    # of an author, a secretary, a tokenizer or a conference's sessions nothing is secret
    r"passw|pass_word|pass_?phrase|pass_?code|pwd|secret(?!ar[iy]|ion|ive)|token(?!i[sz][aei])|auth(?!or(?!i[sz]))"
    r"|sessid|session(?!s?_(?:\d+_)*(?:title|topic|speaker|abstract|room|date|time|day|type|count|length)s?(?:_|$))"
    r"|csrf|xsrf|credential|cookie|signature|(?:api|private)_?key|card_?(?:number|num|no)(?:_|$)"
    r"|(?:^|_)(?:ssn|otp|cvv|cvc|cv_2)(?:_|$)|(?:^|_)pin(?:_(?:code|number|no))?(?:_\d+)?$"
)
"""Searched in a name's words, in lower case, joined by ``_``."""


@lru_cache(maxsize=4096)
def is_sensitive(field: str) -> bool:
    """Whether a field's name says that not even the shape of its value may be shown."""
    return _SENSITIVE.search("_".join(WORD.findall(field)).lower()) is not None


def preview_of(value: Any, field: str, limit: int) -> str | None:
    """Redacted, at most ``limit`` characters; None where previews are off or the field is sensitive."""
    if limit <= 0 or is_sensitive(field):
        return None
    text = value if isinstance(value, str) else normal_form(value)
    return redact(text[:limit]) or None
