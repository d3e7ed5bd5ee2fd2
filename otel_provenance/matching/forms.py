"""Other spellings of one value, each by a key that all of its spellings share. All take a normal form."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from otel_provenance.categories.numbers import is_calling_code
from otel_provenance.values import normal_form

TRUE = frozenset({"true", "yes", "on", "1", "y", "t"})
FALSE = frozenset({"false", "no", "off", "0", "n", "f"})

_NOT_ALNUM = {i: None for i in range(128) if not chr(i).isalnum()}
_STROKES = str.maketrans({"\u0142": "l", "\u0111": "d", "\u00f8": "o", "\u0131": "i", "\u00e6": "ae", "\u0153": "oe"})
"""Letters with a stroke and ligatures, which have no decomposition."""
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
"""The blocks of combining marks of the Latin, Greek and Cyrillic scripts."""
_NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:[,.' _\u2019]\d{3})+)(?:[.,]\d+)?(?:e[-+]?\d{1,3})?", re.ASCII)
_CURRENCY = re.compile(r"^(?:[$€£¥]|usd|eur|gbp|chf)\s*|\s*(?:[$€£¥%]|usd|eur|gbp|chf)$")
_PHONE = re.compile(r"(?:\+|00)?[\d(][\d ().\-/\u2010-\u2015]{4,22}\d", re.ASCII)


def compact(normal: str) -> str:
    """Letters and digits alone: what is left when separators do not count."""
    if normal.isascii():
        return normal.translate(_NOT_ALNUM)
    return "".join([c for c in normal if c.isalnum()])


def digits(normal: str) -> str:
    """The ASCII digits alone."""
    return re.sub(r"[^0-9]", "", normal)


def without_accents(normal: str) -> str:
    """Canonical decomposition without the combining marks, strokes and ligatures: ``josé`` → ``jose``."""
    return _MARKS.sub("", unicodedata.normalize("NFD", normal)).translate(_STROKES)


def apostrophes(normal: str) -> tuple[str, ...]:
    """A text with a typewriter's apostrophes instead of a printer's, or the other way round."""
    if "'" in normal:
        return (normal.replace("'", "\u2019"),)
    return (normal.replace("\u2019", "'"),) if "\u2019" in normal else ()


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
    text = _CURRENCY.sub("", normal)
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


# --- dates -------------------------------------------------------------------------------------------

_ENGLISH = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
            "november", "december")  # fmt: skip
_MONTHS = {spelled: at for at, name in enumerate(_ENGLISH, 1) for spelled in (name, name[:3])}
_MONTHS |= {"sept": 9, "märz": 3, "mai": 5, "juni": 6, "juli": 7, "okt": 10, "oktober": 10, "dez": 12, "dezember": 12}
_ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[t ]+(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?\s*(z|utc|gmt|[-+]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_LOCAL = re.compile(r"(\d{1,4})[./\- ]+(\d{1,2})[./\- ]+(\d{1,4})", re.ASCII)
_NAMED = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[. \-]+)?([a-zä]{3,9})[. ,\-]+(?:(\d{1,2})(?:st|nd|rd|th)?[, ]+)?(\d{4})"
)
_CJK = re.compile(r"(\d{4})\s?[\u5e74\ub144]\s?(\d{1,2})\s?[\u6708\uc6d4]\s?(\d{1,2})\s?[\u65e5\uc77c]")
_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d+))?)?\s*([ap]m)?", re.ASCII)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? ")
_WITH_TIME = re.compile(
    r"(.{6,30}?)(?:, | at | um | )(\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([ap])\.?m\.?| uhr| ?(z|utc|gmt|[-+]\d\d:?\d\d))?",
    re.ASCII,
)


def date_keys(normal: str) -> tuple[str, ...]:
    """ISO dates that a text may stand for (two where day and month could be either), or date-times: in UTC, and
    where the text tells its zone, on the clock on the wall too, for columns and forms have no zones."""
    size = len(normal)
    if size > 48 or size < 5:
        return ()
    iso = _ISO.fullmatch(normal)
    if iso:
        day = _valid(int(iso[1]), int(iso[2]), int(iso[3]))
        return _moments(day, iso[4], iso[5], iso[6], (iso[7] or "").rstrip("0"), iso[8]) if day else ()
    days = _days(normal)
    if days:
        return days
    time = _TIME.fullmatch(normal)
    if time:
        hour = int(time[1]) % 12 + (12 if time[5] == "pm" else 0) if time[5] else int(time[1])
        return (f"t{hour:02}:{time[2]}:{time[3] or '00'}",) if hour < 24 else ()
    if size < 12 or ":" not in normal:
        return ()
    both = _WITH_TIME.fullmatch(_WEEKDAY.sub("", normal, count=1))
    if not both or int(both[2]) > 23:
        return ()
    hour = int(both[2]) % 12 + (12 if both[5] == "p" else 0) if both[5] else int(both[2])
    found: dict[str, None] = {}
    for day in _days(both[1]):
        found.update(dict.fromkeys(_moments(day, f"{hour:02}", both[3], both[4], "", both[6])))
    return tuple(found)


def _days(normal: str) -> tuple[str, ...]:
    local = _LOCAL.fullmatch(normal)
    if local:
        a, b, c = int(local[1]), int(local[2]), int(local[3])
        if len(local[1]) == 4:
            found = {_valid(a, b, c)}
        elif len(local[1]) <= 2 and len(local[3]) == 4:
            found = {_valid(c, b, a), _valid(c, a, b)}
        elif len(local[1]) <= 2 and len(local[3]) == 2:
            year = 2000 + c if c < 30 else 1900 + c
            found = {_valid(year, b, a), _valid(year, a, b)}
        else:
            return ()
        return tuple(sorted(d for d in found if d))
    named = _NAMED.fullmatch(normal)
    if named and named[2] in _MONTHS and (named[1] or named[3]):
        day = _valid(int(named[4]), _MONTHS[named[2]], int(named[1] or named[3]))
        return (day,) if day else ()
    cjk = None if normal.isascii() else _CJK.fullmatch(normal)
    day = _valid(int(cjk[1]), int(cjk[2]), int(cjk[3])) if cjk else None
    return (day,) if day else ()


def date_digits(key: str) -> list[str]:
    """The digits of the spellings that a date has: in each order, with and without padding, named months."""
    if key[:1] == "t":
        return [key[1:3] + key[4:6], key[1:3] + key[4:6] + key[7:9]]
    year, month, day = key[:4], key[5:7], key[8:10]
    m, d, y = month.lstrip("0"), day.lstrip("0"), year[2:]
    found = [year + month + day, day + month + year, month + day + year, day + month + y, month + day + y]
    found += [d + m + year, m + d + year, d + m + y, m + d + y, year + m + d, d + year, day + year]
    if len(key) > 10:
        time = digits(key[10:])
        found += [year + month + day + time[:4], year + month + day + time[:6]]
    return found


def _valid(year: int, month: int, day: int) -> str | None:
    if 1 <= month <= 12 and 1 <= day <= 31 and 1000 <= year <= 2999:
        return f"{year:04}-{month:02}-{day:02}"
    return None


def _moments(
    day: str, hour: str | None, minute: str | None, second: str | None, fraction: str, zone: str | None
) -> tuple[str, ...]:
    if not hour:
        return (day,)
    text = f"{day}t{hour}:{minute}:{second or '00'}"
    if not zone or zone[0] not in "+-" or int(digits(zone)) == 0:
        return (_without_midnight(text, fraction),)
    from datetime import datetime, timedelta

    hours, minutes = int(zone[1:3]), int(digits(zone[3:]) or "0")
    try:
        moved = datetime.fromisoformat(text.upper()) - timedelta(hours=hours, minutes=minutes) * (
            -1 if zone[0] == "-" else 1
        )
    except (ValueError, OverflowError):
        return (text,)
    return _without_midnight(moved.isoformat().lower(), fraction), _without_midnight(text, fraction)


def _without_midnight(text: str, fraction: str) -> str:
    if text.endswith("t00:00:00") and not fraction:
        return text[:10]  # a date that became a date-time
    return text + ("." + fraction if fraction else "")


# --- phone numbers -----------------------------------------------------------------------------------

PHONE_TAIL = 7
"""Two numbers are compared where their last seven digits are the same."""


def phone_digits(normal: str) -> str | None:
    """Digits of what can be a phone number, ``+`` before them if it says its country; None for anything else."""
    normal = normal.removeprefix("tel:")
    if len(normal) < PHONE_TAIL or len(normal) > 28 or not _PHONE.fullmatch(normal):
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
