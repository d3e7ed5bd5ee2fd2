"""Other spellings of one value, each by a key that all of its spellings share. All take a normal form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from otel_provenance.categories.numbers import is_calling_code
from otel_provenance.values import normal_form

TRUE = frozenset({"true", "yes", "on", "1", "y", "t"})
FALSE = frozenset({"false", "no", "off", "0", "n", "f"})

_NOT_ALNUM = {i: None for i in range(128) if not chr(i).isalnum()}
_NOT_DIGITS = bytes(set(range(128)) - set(b"0123456789"))
_STROKES = str.maketrans({"\u0142": "l", "\u0111": "d", "\u00f8": "o", "\u0131": "i", "\u00e6": "ae", "\u0153": "oe"})
"""Letters with a stroke and ligatures, which have no decomposition."""
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
"""The blocks of combining marks of the Latin, Greek and Cyrillic scripts."""
_NUMBER = re.compile(
    r"[-+]?(?:\d+|\d{1,3}(?:[,.' _\u2019]\d{3})+|\d{1,2}(?:,\d\d)+,\d{3})(?:[.,]\d+)?(?:e[-+]?\d{1,3})?", re.ASCII
)
_CURRENCY = re.compile(r"^(?:[$€£¥]|usd|eur|gbp|chf)\s*|\s*(?:[$€£¥%]|usd|eur|gbp|chf)$")
_CURRENCY_SIGNS = frozenset("$€£¥uegc")
"""With which a currency begins."""
_PHONE = re.compile(r"(?:\+|00)?[\d(][\d ().\-/\u2010-\u2015]{4,22}\d", re.ASCII)


def compact(normal: str) -> str:
    """Letters and digits alone: what is left when separators do not count."""
    if normal.isascii():
        return normal.translate(_NOT_ALNUM)
    return "".join([c for c in normal if c.isalnum()])


def digits(normal: str) -> str:
    """The ASCII digits alone."""
    return normal.encode("ascii", "ignore").translate(None, _NOT_DIGITS).decode()


def without_accents(normal: str) -> str:
    """Canonical decomposition without the combining marks, strokes and ligatures: ``josé`` → ``jose``."""
    return _MARKS.sub("", unicodedata.normalize("NFD", normal)).translate(_STROKES)


def is_words(normal: str) -> bool:
    """Whether two to four words of letters, as names are."""
    return 1 <= normal.count(" ") <= 3 and compact(normal).isalpha() and "@" not in normal


def family_first(normal: str, plain: str | None) -> Iterator[str]:
    """The letters of a name of few words with the last ones before the others, also without accents."""
    for text in (normal, plain):
        words = [compact(word) for word in text.split(" ")] if text and "," not in text else []
        for cut in range(1, len(words) if len(words) <= 4 else 0):
            yield "".join(words[cut:] + words[:cut])


def other_apostrophes(normal: str) -> str:
    """A text with a typewriter's apostrophes instead of a printer's, or the other way round."""
    return normal.replace("'", "\u2019") if "'" in normal else normal.replace("\u2019", "'")


def number_key(normal: str) -> str | None:
    """Canonical decimal text of a number in any spelling: ``1,234.50``, ``1.234,50``, ``1e3``, ``$ 5``.

    One dot alone is a decimal point; one comma alone stands for thousands if exactly three digits follow.
    """
    if len(normal) > 40:
        return None
    if normal.isascii():
        whole, point, fraction = normal.partition(".")
        if whole.isdigit() and (not point or fraction.isdigit()):  # the usual spelling needs no parser
            fraction = fraction.rstrip("0")
            return (whole.lstrip("0") or "0") + ("." + fraction if fraction else "")
        if normal.rfind("-") > 0 and normal[0].isdigit() and "e" not in normal:
            return None  # a date, a phone number, a code: a sign stands before a number, or an exponent's
    begun = normal[:1] in _CURRENCY_SIGNS or normal[-1:] not in "0123456789"
    text = _CURRENCY.sub("", normal) if begun else normal
    if not _NUMBER.fullmatch(text):
        return None
    mantissa, e, exponent = text.partition("e")
    mantissa = re.sub(r"[' _\u2019]", "", mantissa)
    dot, comma = mantissa.rfind("."), mantissa.rfind(",")
    if dot >= 0 and comma >= 0:
        thousands, point = (",", ".") if dot > comma else (".", ",")
        if mantissa.count(point) > 1:
            return None
        mantissa = mantissa.replace(thousands, "").replace(point, ".")
    elif comma >= 0:
        many = mantissa.count(",") > 1 or len(mantissa) - comma == 4
        mantissa = mantissa.replace(",", "" if many else ".")
    elif mantissa.count(".") > 1:
        mantissa = mantissa.replace(".", "")
    try:
        return normal_form(Decimal(mantissa + e + exponent))
    except InvalidOperation:
        return None


# --- phone numbers -----------------------------------------------------------------------------------

PHONE_TAIL = 7
"""Two numbers are compared where their last seven digits are the same."""


_AMOUNT = re.compile(r"[1-9]\d*[.,]\d{1,4}")
"""67130.96, whose digits 6713.096 has too."""


def phone_digits(normal: str) -> str | None:
    """Digits of what can be a phone number, ``+`` before them if it says its country; None for anything else."""
    normal = normal.removeprefix("tel:")
    if len(normal) < PHONE_TAIL or len(normal) > 28 or not _PHONE.fullmatch(normal) or _AMOUNT.fullmatch(normal):
        return None
    international = normal.startswith(("+", "00"))
    found = digits(normal.replace("(0)", ""))
    if normal.startswith("00"):
        found = found[2:]
    if not PHONE_TAIL <= len(found) <= 15:
        return None
    return "+" + found if international else found


def same_phone(one: str, other: str) -> bool:
    """Whether two results of ``phone_digits`` can be one number: the same but for country code and trunk 0."""
    if one[0] == other[0] == "+":
        return one == other
    if _in_full(one) == _in_full(other):
        return True
    long, short = sorted((one.lstrip("+"), other.lstrip("+")), key=len, reverse=True)
    if long == short:
        return True
    if one[0] != "+" and other[0] != "+":
        # neither says its country: the longer may do so without a plus, or have the trunk prefix
        return long.endswith(short.lstrip("0")) and (long == "0" + short or _is_code_of(short.lstrip("0"), long))
    full, national = (one, other) if one[0] == "+" else (other, one)
    subscriber = national.lstrip("0")
    if len(subscriber) < PHONE_TAIL or not full.endswith(subscriber):
        return False
    return _is_code_of(subscriber, full[1:]) or full[1:] == subscriber


def is_abroad(one: str, other: str, codes: frozenset[str]) -> bool:
    """Whether of two results of ``phone_digits`` only one says its country, and it is none of these."""
    full, national = (one, other) if one[0] == "+" else (other, one)
    return full[0] == "+" and national[0] == "0" and not full.startswith(tuple(f"+{code}" for code in codes))


def _in_full(phone: str) -> str:
    """Digits of a number with the country code: eleven digits that begin with 8 are of +7, whose trunk prefix it is."""
    number = phone.lstrip("+")
    return "7" + number[1:] if len(phone) == 11 and phone[0] == "8" else number


def _is_code_of(subscriber: str, full: str) -> bool:
    """Whether what a number has before the subscriber's is a country code that such a number can have."""
    code = full[: len(full) - len(subscriber)]
    return is_calling_code(code) and (code not in ("1", "7") or len(subscriber) == 10)


# --- addresses ---------------------------------------------------------------------------------------


def same_mailbox(one: str, other: str) -> str:
    """How two addresses are one but for plus tag and dots: ``plus-tag``, ``dots``; empty if they are not."""
    a, _, domain = one.rpartition("@")
    b, _, others = other.rpartition("@")
    if domain != others:
        return ""
    a_plain, b_plain = a.partition("+")[0], b.partition("+")[0]
    steps = [] if (a_plain, b_plain) == (a, b) else ["plus-tag"]
    if a_plain != b_plain:
        if a_plain.replace(".", "") != b_plain.replace(".", ""):
            return ""
        steps.append("dots")
    return ">".join(steps)


def mailbox_keys(normal: str) -> tuple[tuple[str, str], ...]:
    """(address, transform) of an e-mail address without its plus tag, and without the dots before the @."""
    local, at, domain = normal.rpartition("@")
    if not at or not local:
        return ()
    plain = local.partition("+")[0]
    found = []
    if plain != local and plain:
        found.append((f"{plain}@{domain}", "plus-tag"))
    undotted = plain.replace(".", "")
    if undotted != plain and undotted:
        found.append((f"{undotted}@{domain}", "dots" if plain == local else "plus-tag>dots"))
    return tuple(found)
