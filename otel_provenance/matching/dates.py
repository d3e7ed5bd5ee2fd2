"""Dates and times in other spellings, by the ISO text that all of them share. All take a normal form."""

from __future__ import annotations

import re

_ENGLISH = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
            "november", "december")  # fmt: skip
_MONTHS = {spelled: at for at, name in enumerate(_ENGLISH, 1) for spelled in (name, name[:3])}
_OTHERS = (
    "januar janvier enero gennaio janeiro januari stycznia",
    "februar février febrero febbraio fevereiro februari lutego",
    "märz mars marzo março maart marca", "avril abril aprile kwietnia", "mai mayo maggio maio mei maja",
    "juni juin junio giugno junho czerwca", "juli juillet julio luglio julho lipca",
    "août agosto augustus sierpnia", "sept septembre septiembre settembre setembro września",
    "okt oktober octobre octubre ottobre outubro października",
    "novembre noviembre novembro listopada", "dez dezember décembre diciembre dicembre dezembro grudnia",
)  # fmt: skip
_MONTHS |= {spelled: at for at, names in enumerate(_OTHERS, 1) for spelled in names.split()}
TIME = r"\d{1,2}[:h]\d\d(?::\d\d)?(?: ?[ap]\.?m\b\.?)?"
_ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[t ]+(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?\s*(z|utc|gmt|[-+]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_LOCAL = re.compile(r"(\d{1,4})[./\- ]+(\d{1,2})[./\- ]+(\d{1,4})", re.ASCII)
NAMED_DATE = (
    r"(?:(\d{1,2})(?:st|nd|rd|th|er)?[. \-]+(?:de )?)?([^\W\d_]{3,12})[. ,\-]+(?:de )?"
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[, ]+)?(\d{4})"
)
_NAMED = re.compile(NAMED_DATE)
CJK = re.compile(r"(\d{4})\s?[\u5e74\ub144]\s?(\d{1,2})\s?[\u6708\uc6d4]\s?(\d{1,2})\s?[\u65e5\uc77c]")
_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d+))?)?\s*([ap]m)?", re.ASCII)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? ")
BEFORE_TIME = "(?:,? (?:at|um|\u00e0|a las|alle|alle ore|\u00e0s|om|o|godz\\.?|\u0432|saat|klo?) |, | )"
_WITH_TIME = re.compile(
    rf"(.{{6,30}}?){BEFORE_TIME}(\d{{1,2}})[:h](\d\d)(?::(\d\d))?"
    r"(?: ?([ap])\.?m\.?| uhr| ?(z|(?:utc|gmt)?[-+]\d\d:?\d\d|utc|gmt))?",
    re.ASCII,
)


def date_keys(normal: str) -> tuple[str, ...]:
    """ISO dates that a text may stand for (two where day and month could be either), or date-times: in UTC, and
    where the text tells its zone, on the clock on the wall too, for columns and forms have no zones."""
    size = len(normal)
    if size > 80 or size < 5:
        return ()
    if size == 10 and normal[4] == "-" == normal[7] and normal.isascii():
        year, month, day_of = normal[:4], normal[5:7], normal[8:]
        if (year + month + day_of).isdigit():  # the usual spelling needs no parser
            is_valid = "1000" <= year <= "2999" and "01" <= month <= "12" and "01" <= day_of <= "31"
            return (normal,) if is_valid else ()
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
    if size < 12 or not (":" in normal or "h" in normal):
        return ()
    both = _WITH_TIME.fullmatch(_WEEKDAY.sub("", normal.partition(" (")[0], count=1))
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
    cjk = None if normal.isascii() else CJK.fullmatch(normal)
    day = _valid(int(cjk[1]), int(cjk[2]), int(cjk[3])) if cjk else None
    return (day,) if day else ()


def date_digits(key: str) -> list[str]:
    """The digits of the spellings that a date has: in each order, with and without padding, named months."""
    if key[:1] == "t":
        hours = (key[1:3], f"{int(key[1:3]) % 12 or 12:02}", str(int(key[1:3]) % 12 or 12))  # of 24, or 12
        return [hour + rest for hour in hours for rest in (key[4:6], key[4:6] + key[7:9])]
    year, month, day = key[:4], key[5:7], key[8:10]
    m, d, y = month.lstrip("0"), day.lstrip("0"), year[2:]
    found = [year + month + day, day + month + year, month + day + year, day + month + y, month + day + y]
    found += [d + m + year, m + d + year, d + m + y, m + d + y, year + m + d, d + year, day + year]
    if len(key) > 10:
        time = _digits(key[10:])
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
    zone = zone[3:] if zone and zone[:3] in ("utc", "gmt") else zone
    if not zone or zone[0] not in "+-" or int(_digits(zone)) == 0:
        return (_without_midnight(text, fraction),)
    from datetime import datetime, timedelta

    hours, minutes = int(zone[1:3]), int(_digits(zone[3:]) or "0")
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


def _digits(normal: str) -> str:
    return re.sub(r"[^0-9]", "", normal)
