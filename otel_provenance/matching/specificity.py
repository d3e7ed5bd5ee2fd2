"""How much a value says about where it came from, in bits: how unlikely it is to occur by chance.

Not the entropy of the text but a cautious estimate of it: letters of words count little, digits a bit
more, mixed codes most; what everybody writes (``yes``, ``active``, ``US``, recent dates, round numbers)
counts next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from otel_provenance.matching.bulk import NOT_DIGITS, SEPARATORS
from otel_provenance.matching.common import COMMON_WORDS
from otel_provenance.speedups import compiled

EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z][\w-]{1,62}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
IPV4 = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[t ](\d\d:\d\d).*)?")
NUMBER = re.compile(r"[-+]?\d[\d,.]*(?:e[-+]?\d+)?")
_WORD = re.compile(r"[^\W_]+")

LETTER, ACCENTED, DIGIT, MIXED, IDEOGRAPH = 1.65, 2.0, 2.4, 3.2, 6.0
SYLLABLE, SYLLABLES = 4.0, 9.5
"""One ideograph, which may be a family name of millions, and two, a given name or a city."""
FIVE_DIGITS = 9.5
"""Bits of a whole number of five digits: it needs a name like its own, or a neighbour."""
MINUTE = 8.0
"""Bits of the minute of a date-time."""
COMMON, SPACE, JOINED, MOST = 1.0, 1.0, 3.5, 60.0


def _specificity(normal: str) -> float:
    size = len(normal)
    if size > 200:
        return MOST
    if not normal or normal in COMMON_WORDS:
        return COMMON if normal else 0.0
    if normal.isalpha() and normal.isascii():
        return min(size * LETTER, 4.0 if len(set(normal)) <= 2 else MOST)
    if "@" in normal and EMAIL.fullmatch(normal):
        return 30.0
    if normal[0].isdigit() or normal[0] in "+-":
        numeric = _numeric(normal)
        if numeric is not None:
            return numeric
    if size == 36 and UUID.fullmatch(normal):
        return MOST
    if 12 <= size <= 40 and _is_coded_number(normal):
        return 24.0
    if size <= 2 and "\u2e80" <= normal[0] <= "\ud7ff" and "\u2e80" <= normal[-1] <= "\ud7ff":
        return SYLLABLES if size == 2 else SYLLABLE
    if len(set(normal)) <= 2:
        return min(4.0, size * LETTER)
    # words joined without a space are a name that someone gave: an account, a host, a file
    between = SPACE if " " in normal else JOINED
    bits = -between
    for word in _WORD.findall(normal):
        bits += between + _word(word)
        if bits >= MOST:
            return MOST
    return max(0.0, min(bits, MOST))


def _is_specific(normal: str) -> bool:
    size = len(normal)
    if size < 6 or normal in COMMON_WORDS:
        return False
    if len(set(normal[:8])) <= 3 and len(set(normal)) <= 3:  # a few characters tell, nearly always
        return False
    if size >= 16 or "@" in normal:
        return True
    if normal.isalpha():
        return size >= 9
    return _specificity(normal) >= 14.0


def _is_coded_number(normal: str) -> bool:
    """Card, account and identity numbers: many digits, few letters, separators between groups."""
    bare = normal.encode("utf-8", "replace").translate(None, SEPARATORS)
    count = len(bare.translate(None, NOT_DIGITS))
    return 12 <= count <= 34 and count >= len(bare) - 6 and len(set(bare)) > 2


def _word(word: str) -> float:
    if word in COMMON_WORDS:
        return COMMON
    if word.isdigit():
        return _digits(word)
    if not word.isascii() and any("\u2e80" <= c <= "\ud7ff" for c in word):
        return len(word) * IDEOGRAPH
    if word.isalpha():
        return len(word) * (LETTER if word.isascii() else ACCENTED)
    return len(word) * MIXED


def _digits(digits: str) -> float:
    telling = digits.strip("0")
    return (1 + DIGIT * (len(telling) - 1) + 0.6 * (len(digits) - len(telling))) if telling else 1.0


def _numeric(normal: str) -> float | None:
    whole, point, fraction = normal.partition(".")
    if whole.isdigit() and (not point or fraction.isdigit()) and normal.isascii():
        return _number(whole + fraction, fraction)  # the usual spelling needs no parser
    date = DATE.fullmatch(normal)
    if date:
        # dates of these years fill every payload; a date of birth seldom meets another by chance
        return (14.0 if int(date[1]) < 2015 else 7.0) + (MINUTE if date[4] and date[4] != "00:00" else 0.0)
    if IPV4.fullmatch(normal):
        return 8.0 if normal.startswith(("10.", "127.", "192.168.", "0.", "172.", "255.")) else 18.0
    if NUMBER.fullmatch(normal):
        return _number(re.sub(r"\D", "", normal), normal.rpartition(".")[2] if "." in normal else "")
    return None


def _number(digits: str, fraction: str) -> float:
    if len(digits) > 2 and len(set(digits)) <= 2:
        return min(7.0, _digits(digits))
    telling = 2.0 if fraction.strip("0") else 0.0
    if len(digits) == 5 and not telling:
        return min(FIVE_DIGITS, _digits(digits))  # a postal code, or a port, a total, a count
    return min(MOST, _digits(digits) + telling + (1.5 if len(digits) >= 5 else 0.0))


COMMON_TABLE: Any = compiled.common_table(list(COMMON_WORDS)) if compiled else None
specificity: Callable[[str], float] = (
    partial(compiled.specificity, COMMON_TABLE, _specificity) if compiled else _specificity
)
"""Bits of a normal form, 0 to 60."""
is_specific: Callable[[str], bool] = (
    partial(compiled.is_specific, COMMON_TABLE, _is_specific) if compiled else _is_specific
)
"""Whether a value can be told from others by itself: a cheaper question than how specific it is."""
