"""Every query finds its rows by a key: no list reads the whole of a large table to show its newest rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from typing import Any

import pytest

from otel_provenance.reports.data import data
from otel_provenance.reports.filters import Filters
from otel_provenance.reports.ids import newest_request_id, short_request_id, whole_request_id
from otel_provenance.reports.requests import requests
from otel_provenance.reports.share import share
from otel_provenance.reports.show import show
from otel_provenance.reports.storage import storage

from .conftest import Builder, RequestBuilder

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
