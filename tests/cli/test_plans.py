"""Every query finds its rows by a key: no list reads the whole of a large table to show its newest rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from otel_provenance.reports.data import data
from otel_provenance.reports.filters import Filters
from otel_provenance.reports.ids import newest_request_id, short_request_id, whole_request_id
from otel_provenance.reports.requests import requests
from otel_provenance.reports.rows import RowKey, parse_row
from otel_provenance.reports.share import share
from otel_provenance.reports.show import show
from otel_provenance.reports.storage import storage
from otel_provenance.reports.subject import subject
from otel_provenance.reports.tail import Tail
from otel_provenance.reports.trace import trace_row, trace_tag, trace_value
from otel_provenance.values import hash_value

from .conftest import SALT, Builder, RequestBuilder

LISTS: list[Callable[[sqlite3.Connection, Filters], Iterable[Any]]] = [requests, data, storage, share]
SOME = datetime(2026, 11, 24, tzinfo=timezone.utc)


class Plans:
    """Runs something and tells the plan of each statement that it ran."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of(self, run: Callable[[], Any]) -> list[str]:
        statements: list[str] = []
        self._connection.set_trace_callback(statements.append)
        try:
            run()
        finally:
            self._connection.set_trace_callback(None)
        assert statements
        return [
            row[3] for statement in statements for row in self._connection.execute(f"EXPLAIN QUERY PLAN {statement}")
        ]


@pytest.fixture
def plans(signup: RequestBuilder) -> Plans:
    return Plans(signup.builder.connection)


def scans(plan: list[str]) -> list[str]:
    return [step for step in plan if step.startswith("SCAN") and "SCAN CONSTANT ROW" not in step]


def sorts(plan: list[str]) -> list[str]:
    return [step for step in plan if "TEMP B-TREE FOR ORDER BY" in step]


@pytest.mark.parametrize("report", LISTS)
def test_the_newest_are_read_from_the_end_of_the_key(plans: Plans, build: Builder, report: Any) -> None:
    plan = plans.of(lambda: list(report(build.connection, Filters(limit=5))))
    assert len(scans(plan)) == 1  # in the order of the primary key, until there are enough
    assert not sorts(plan)[1:]  # what is sorted is a handful of edges


@pytest.mark.parametrize("report", LISTS)
def test_a_period_is_a_range_of_the_key(plans: Plans, build: Builder, report: Any) -> None:
    plan = plans.of(lambda: list(report(build.connection, Filters(since=SOME, until=SOME, limit=5))))
    assert not scans(plan)
    assert any("PRIMARY KEY" in step for step in plan)


@pytest.mark.parametrize("report", LISTS)
def test_a_request_is_found_by_its_id(plans: Plans, build: Builder, signup: RequestBuilder, report: Any) -> None:
    filters = Filters(request_id=signup.request_id, since=SOME)
    assert not scans(plans.of(lambda: list(report(build.connection, filters))))


@pytest.mark.parametrize("report", LISTS)
@pytest.mark.parametrize("narrow", ["method", "path", "user", "table", "host", "field"])
def test_what_a_filter_looks_up_for_each_row_is_found_by_a_key(
    plans: Plans, build: Builder, report: Any, narrow: str
) -> None:
    filters = Filters(limit=5)._replace(**{narrow: "x"})
    assert len(scans(plans.of(lambda: list(report(build.connection, filters))))) <= 1


def test_one_request_is_shown_by_keys_alone(plans: Plans, build: Builder, signup: RequestBuilder) -> None:
    request_id = str(signup.request_id)
    for run in (
        lambda: show(build.connection, request_id, 0.5),
        lambda: whole_request_id(build.connection, request_id[:13]),
        lambda: short_request_id(build.connection, request_id),
    ):
        assert not scans(plans.of(run))
    assert not sorts(plans.of(lambda: newest_request_id(build.connection)))


def test_lives_and_people_are_found_by_keys_alone(plans: Plans, build: Builder, signup: RequestBuilder) -> None:
    value_hash = hash_value("alice@example.com", SALT.encode())
    row = RowKey("users", '{"id": 7}')
    for run in (
        lambda: trace_value(build.connection, value_hash, 0.5),
        lambda: trace_tag(build.connection, f"{signup.ids.prefix}.t0", 0.5),
        lambda: parse_row(build.connection, "users:7"),
        lambda: trace_row(build.connection, row, 0.5),
        lambda: subject(build.connection, value_hash, 0.5),
    ):
        found = scans(plans.of(run))
        # the beginning of the record; the losses, of which there are few; the newest sightings, once found
        assert not set(found) - {"SCAN requests", "SCAN losses", "SCAN meta", "SCAN m"}, found


def test_the_beginning_of_the_record_is_the_first_row(plans: Plans, build: Builder) -> None:
    value_hash = hash_value("alice@example.com", SALT.encode())
    plan = plans.of(lambda: subject(build.connection, value_hash, 0.5))
    assert not [step for step in sorts(plan) if "requests" in step]


def test_tail_reads_a_range_of_the_keys(plans: Plans, build: Builder) -> None:
    tail = Tail(build.connection, 0.5)
    assert len(scans(plans.of(lambda: tail.newest(10)))) == 3  # from the end, ten rows each
    plan = plans.of(lambda: list(tail._happenings(timedelta(seconds=10))))
    assert not scans(plan)
