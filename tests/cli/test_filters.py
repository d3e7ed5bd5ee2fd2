"""Filters, against the same said in Python."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otel_provenance.reports.data import data
from otel_provenance.reports.filters import Filters
from otel_provenance.reports.requests import requests
from otel_provenance.reports.share import share
from otel_provenance.reports.storage import storage

from . import conftest
from .conftest import START, Builder

METHODS, PATHS, USERS = ("GET", "POST"), ("/", "/users/7", "/users/8/mail"), (None, "ann", "bob")
TABLES, HOSTS, FIELDS = ("users", "orders"), ("crm.example", "ads.example", "log"), ("email", "name", "items.0.name")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Builder, list[dict[str, Any]]]]:
    """Every combination of a few methods, paths and users; each value goes to one table and one host."""
    path: Path = tmp_path_factory.mktemp("filters") / "record.db"
    build = Builder(path)
    conftest._OPEN.remove(build.connection)  # it is the whole file's
    rows = []
    number = 0
    for method in METHODS:
        for route in PATHS:
            for user in USERS:
                field = FIELDS[number % 3]
                table, host = TABLES[number % 2], HOSTS[number // 2 % 3]
                request = build.request(method, route, user_id=user)
                tag = request.tag("form", field, f"value {number}")
                request.wrote(table, field, (tag,))
                request.sent(host, (tag,), field, confidence=0.4 + number % 5 / 10)
                sure = 0.4 + number % 5 / 10
                about = {"method": method, "path": route, "user": user, "at": build.now, "field": field}
                rows.append({"id": request.request_id, **about, "table": table, "host": host, "sure": sure})
                number += 1
    yield build, rows
    build.connection.close()


def one_of(*patterns: str) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(patterns)


some_filters = st.builds(
    Filters,
    request_id=st.none(),
    since=st.none() | st.integers(-1, 20).map(lambda m: START + timedelta(minutes=m)),
    until=st.none() | st.integers(-1, 20).map(lambda m: START + timedelta(minutes=m, microseconds=1)),
    method=one_of("get", "POST", "P*", "*", "DELETE"),
    path=one_of("/", "/users/*", "/users/?", "*mail", "/none"),
    user=one_of("ann", "*", "b?b", "carol"),
    table=one_of("users", "users.email", "*.name", "o*", "none"),
    host=one_of("crm.example", "*.example", "LOG", "ads.example:443", "none"),
    field=one_of("email", "form.*", "items.*", "query.*"),
    limit=st.none() | st.integers(1, 5),
    min_confidence=st.sampled_from([0.0, 0.5, 0.7]),
)


def about_request(row: dict[str, Any], filters: Filters) -> bool:
    return (
        (filters.since is None or row["at"] >= filters.since)
        and (filters.until is None or row["at"] < filters.until)
        and (filters.method is None or fnmatchcase(row["method"], filters.method.upper()))
        and (filters.path is None or fnmatchcase(row["path"], filters.path))
        and (filters.user is None or (row["user"] is not None and fnmatchcase(row["user"], filters.user)))
    )


def to_table(row: dict[str, Any], filters: Filters) -> bool:
    names = (row["table"], f"{row['table']}.{row['field']}")
    return filters.table is None or any(fnmatchcase(name, filters.table) for name in names)


def to_host(row: dict[str, Any], filters: Filters) -> bool:
    names = (row["host"], f"{row['host']}:443")
    return filters.host is None or any(fnmatchcase(name, filters.host.lower()) for name in names)


def of_field(row: dict[str, Any], filters: Filters) -> bool:
    names = (row["field"], f"form.{row['field']}")
    return filters.field is None or any(fnmatchcase(name, filters.field) for name in names)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(filters=some_filters)
def test_each_list_is_what_the_filters_say(shop: tuple[Builder, list[dict[str, Any]]], filters: Filters) -> None:
    build, rows = shop
    newest = [row for row in reversed(rows) if about_request(row, filters) and of_field(row, filters)]
    wanted = {
        "requests": [row["id"] for row in newest if to_table(row, filters) and to_host(row, filters)],
        "data": [
            row["id"]
            for row in newest
            if to_table(row, filters)
            and to_host(row, filters)
            and (filters.host is None or row["sure"] >= filters.min_confidence)
        ],
        "storage": [row["id"] for row in newest if to_table(row, filters) and to_host(row, filters)],
        "share": [
            row["id"]
            for row in newest
            if to_table(row, filters)
            and to_host(row, filters)
            and (filters.field is None or row["sure"] >= filters.min_confidence)
        ],
    }
    for name, report in (("requests", requests), ("data", data), ("storage", storage), ("share", share)):
        found = [row.request_id for row in report(build.connection, filters)]  # type: ignore[operator]
        assert found == wanted[name][: filters.limit], name
