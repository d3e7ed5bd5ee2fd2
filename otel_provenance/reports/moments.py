"""Moments as people write them, as the record holds them, and as they lie in ids.

Ids are time-ordered, so a bound on time is also a bound on the primary key: that is what makes "the newest
ten" and "since an hour ago" cheap without an index on time. An event's id holds the time at which its request
began, or its process wrote, so an event can be younger than its id: by as long as a request takes.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

from otel_provenance.identifiers import request_id_floor, short_prefix

_LONGEST_REQUEST: Final = timedelta(days=1)
_CLOCK_STEP: Final = timedelta(minutes=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LAST: Final = datetime.max.replace(tzinfo=timezone.utc)


def parse_moment(text: str, now: datetime | None = None) -> datetime:
    """``90s``, ``15m``, ``1h``, ``7d``, ``2w`` before now, ``now``, or ISO 8601 (UTC unless it says its offset).

    Raises ValueError, which says what is accepted.
    """
    from otel_provenance.settings import parse_age

    now = datetime.now(timezone.utc) if now is None else now
    wanted = text.strip()
    if wanted.lower() == "now":
        return now
    try:
        age = timedelta(seconds=parse_age(wanted))
        return max(now - age, _EPOCH)
    except ValueError:
        pass
    except OverflowError:
        return _EPOCH
    try:
        moment = datetime.fromisoformat(wanted[:-1] + "+00:00" if wanted[-1:] in ("Z", "z") else wanted)
    except ValueError:
        raise ValueError("an age (90s, 15m, 1h, 7d, 2w), or a time such as 2026-11-24 or 2026-11-24T06:30Z") from None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    try:
        return moment.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError("a time between the years 1 and 9999") from None


def as_recorded(moment: datetime) -> str:
    """As the tables hold it, but for what ends it: compares right with every time of the record as text."""
    return moment.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="microseconds")


def request_id_at(moment: datetime) -> str:
    """The lowest id of a request that began at ``moment``."""
    return request_id_floor((max(moment, _EPOCH) - _EPOCH) // timedelta(milliseconds=1))


def event_id_at(moment: datetime) -> str:
    """The lowest id of a tag or event whose request began at ``moment``."""
    return short_prefix(request_id_at(moment))


def request_id_since(moment: datetime) -> str:
    """No request that began at ``moment`` or later has an id below this."""
    return request_id_at(_earlier(moment, _CLOCK_STEP))


def request_id_until(moment: datetime) -> str:
    """No request that began before ``moment`` has an id above this."""
    return request_id_at(_later(moment, _CLOCK_STEP))


def event_id_since(moment: datetime) -> str:
    """No tag or event of ``moment`` or later has an id below this."""
    return event_id_at(_earlier(moment, _LONGEST_REQUEST))


def event_id_until(moment: datetime) -> str:
    """No tag or event of before ``moment`` has an id above this."""
    return event_id_at(_later(moment, _CLOCK_STEP))


def _earlier(moment: datetime, by: timedelta) -> datetime:
    return max(moment, _EPOCH + by) - by


def _later(moment: datetime, by: timedelta) -> datetime:
    return min(max(moment, _EPOCH), _LAST - by) + by
