"""Days and times of day in the ways they are written."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any


def _ordinal(day: int) -> str:
    return f"{day}{'th' if 3 < day < 21 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def birthdays(came: str) -> list[tuple[str, Any, Any]]:
    """A day in the ways it is written: name, as it came in, as it is sent."""
    day = date.fromisoformat(came)
    sent: dict[str, Any] = {
        "date object": day,
        "datetime object": datetime(day.year, day.month, day.day),
        "de": f"{day:%d.%m.%Y}",
        "de short": f"{day.day}.{day.month}.{day.year}",
        "us": f"{day:%m/%d/%Y}",
        "us short": f"{day.month}/{day.day}/{day.year}",
        "uk": f"{day:%d/%m/%Y}",
        "dashes": f"{day:%d-%m-%Y}",
        "compact": f"{day:%Y%m%d}",
        "iso z": f"{came}T00:00:00Z",
        "iso ms": f"{came}T00:00:00.000Z",
        "sql": f"{came} 00:00:00",
        "slashes": f"{day:%Y/%m/%d}",
        "long": f"{day:%B} {day.day}, {day.year}",
        "long uk": f"{day.day} {day:%B} {day.year}",
        "abbr": f"{day.day} {day:%b} {day.year}",
        "abbr dashes": f"{day:%d-%b-%Y}".upper(),
        "two digit year": f"{day:%d.%m.%y}",
        "cjk": f"{day.year}年{day.month}月{day.day}日",
        "unpadded iso": f"{day.year}-{day.month}-{day.day}",
        "dots iso": f"{day:%Y.%m.%d}",
        "ordinal": f"{day:%B} {_ordinal(day.day)}, {day.year}",
    }
    return [(f"date > {name}", came, value) for name, value in sent.items()] + [
        ("date de > iso", sent["de"], came),
        ("date us > object", sent["us"], day),
        ("date uk > iso", sent["uk"], came),
        ("date long > object", sent["long"], day),
        ("date cjk > iso", sent["cjk"], came),
    ]


def moments(came: str) -> list[tuple[str, Any, Any]]:
    """A day and time in the ways they are written: name, as it came in, as it is sent."""
    local = datetime.fromisoformat(came)
    utc = local.astimezone(timezone.utc)
    sent: dict[str, Any] = {
        "utc z": f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        "utc ms": f"{utc:%Y-%m-%dT%H:%M:%S.000Z}",
        "aware": local,
        "aware utc": utc,
        "naive utc": utc.replace(tzinfo=None),
        "naive local": local.replace(tzinfo=None),
        "sql": f"{local:%Y-%m-%d %H:%M:%S}",
        "minutes": f"{local:%Y-%m-%dT%H:%M}",
        "de": f"{local:%d.%m.%Y %H:%M}",
        "us": f"{local:%m/%d/%Y %I:%M %p}",
        "uk": f"{local:%d/%m/%Y %H:%M}",
        "us seconds": f"{local:%m/%d/%Y, %I:%M:%S %p}",
        "sql offset": f"{local:%Y-%m-%d %H:%M:%S+02:00}",
        "pg offset": f"{local:%Y-%m-%d %H:%M:%S+02}",
        "compact": f"{local:%Y%m%dT%H%M%S}",
        "compact z": f"{utc:%Y%m%dT%H%M%SZ}",
        "rfc2822": f"{local:%a, %d %b %Y %H:%M:%S +0200}",
        "http": f"{utc:%a, %d %b %Y %H:%M:%S GMT}",
        "micro": f"{local:%Y-%m-%dT%H:%M:%S.000000+02:00}",
        "de seconds": f"{local:%d.%m.%Y, %H:%M:%S Uhr}",
    }
    return [(f"datetime > {name}", came, value) for name, value in sent.items()] + [
        ("datetime local > object", sent["minutes"], local.replace(tzinfo=None)),
        ("datetime de > object", sent["de"], local.replace(tzinfo=None)),
        ("datetime z > object", sent["utc z"], utc),
    ]
