"""Moments: as people write them, as the record holds them, as they lie in ids."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from otel_provenance.identifiers import short_prefix
from otel_provenance.reports import moments
from otel_provenance.tables import time_text

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=timezone.utc)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
some_moments = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(lambda d: d.replace(tzinfo=timezone.utc))


@given(st.integers(0, 2000), st.sampled_from(sorted(UNITS)))
def test_ages_are_before_now(number: int, unit: str) -> None:
    assert moments.parse_moment(f" {number}{unit.upper()} ", NOW) == NOW - timedelta(**{UNITS[unit]: number})


@given(some_moments, st.sampled_from([0, 60, -210, 840]))
def test_iso_times_of_every_offset_are_read_back(moment: datetime, minutes: int) -> None:
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert moments.parse_moment(local.isoformat(), NOW) == moment
    assert moments.parse_moment(moment.replace(tzinfo=None).isoformat(), NOW) == moment
    assert moments.parse_moment(moment.replace(tzinfo=None).isoformat() + "Z", NOW) == moment


def test_a_date_is_its_midnight_and_now_is_now() -> None:
    assert moments.parse_moment("2026-11-24", NOW) == datetime(2026, 11, 24, tzinfo=timezone.utc)
    assert moments.parse_moment("now", NOW) == NOW


def test_ages_beyond_all_times_are_the_beginning() -> None:
    assert moments.parse_moment("99999999w", NOW) == datetime(1970, 1, 1, tzinfo=timezone.utc)
    assert moments.parse_moment("9" * 300 + "w", NOW) == datetime(1970, 1, 1, tzinfo=timezone.utc)


@given(st.text(max_size=30))
def test_anything_else_is_refused_with_a_reason_or_read(text: str) -> None:
    try:
        moment = moments.parse_moment(text, NOW)
    except ValueError as error:
        said = str(error)
    else:
        said = "a time"
        assert moment.tzinfo is timezone.utc
        moments.as_recorded(moment)
        for bound in (moments.event_id_since, moments.event_id_until, moments.request_id_since):
            bound(moment)
    assert "a time" in said


@pytest.mark.parametrize("edge", ["0001-01-01", "9999-12-31T23:59:59Z", "1969-12-31"])
def test_bounds_exist_for_every_time(edge: str) -> None:
    moment = moments.parse_moment(edge, NOW)
    assert moments.request_id_since(moment) <= moments.request_id_until(moment)
    assert moments.event_id_since(moment) <= moments.event_id_until(moment)


@given(some_moments, some_moments)
def test_recorded_times_compare_as_moments_do(one: datetime, other: datetime) -> None:
    assume(one != other)
    recorded = time_text(int(one.timestamp()) * 1_000_000_000 + one.microsecond * 1000)
    assert (recorded >= moments.as_recorded(other)) == (one >= other)


@given(some_moments, st.timedeltas(timedelta(0), timedelta(hours=23)))
def test_no_event_of_a_period_lies_outside_of_its_ids(moment: datetime, lasting: timedelta) -> None:
    milliseconds = int(moment.timestamp() * 1000)
    for rest in ("7000-8000-000000000000", "7fff-bfff-ffffffffffff"):
        digits = f"{milliseconds:012x}"
        request_id = f"{digits[:8]}-{digits[8:]}-{rest}"
        assert moments.request_id_since(moment) <= request_id < moments.request_id_until(moment)
        event_id = f"{short_prefix(request_id)}.w1"
        happened = moment + lasting  # an event is younger than its request
        assert moments.event_id_since(happened) <= event_id < moments.event_id_until(happened)
