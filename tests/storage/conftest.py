"""Requests that bring values in, databases that they are written to, and the facts that are left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from kept import Kept
from opentelemetry.context import Context, attach, detach

from otel_provenance import guard
from otel_provenance.boundaries.base import install
from otel_provenance.boundaries.sqlalchemy import BOUNDARY
from otel_provenance.records import MatchRecord, StorageRecord
from otel_provenance.settings import Settings
from otel_provenance.spans import runtime as runtimes
from otel_provenance.spans.ledger import settle_abandoned
from otel_provenance.spans.scope import RequestScope
from tests.storage.databases import NAME, Server, make_database


@dataclass
class Recording:
    """What was recorded so far."""

    exporter: Kept
    runtime: runtimes.Runtime

    @property
    def storage(self) -> list[StorageRecord]:
        settle_abandoned()
        return [record for facts in self.exporter.facts for record in facts.storage]

    @property
    def matches(self) -> list[MatchRecord]:
        return [match for facts in self.exporter.facts for match in facts.matches]

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """(operation, table, column, key, outcome) of all storage events."""
        return [(s.operation, s.table_name, s.column_name, s.primary_key, s.outcome) for s in self.storage]

    def clear(self) -> None:
        settle_abandoned()
        self.exporter.spans.clear()

    @contextmanager
    def request(self, **values: Any) -> Iterator[RequestScope]:
        """A request that brings these values in, as form fields."""
        scope = RequestScope(self.runtime.salt)
        span = self.runtime.tracer.start_span("POST")
        token = attach(scope.open(span, Context()))
        for field, value in values.items():
            scope.tags.add("form", field, value)
        try:
            yield scope
        finally:
            detach(token)
            span.end()


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    exporter = Kept()
    settings = Settings(hash_salt="a salt for tests", body_limit=100_000)
    runtime = runtimes.Runtime(settings, lambda _settings, _salt: exporter)
    former = runtimes.replace(runtime)
    monkeypatch.setattr(guard, "strict", True)
    install(BOUNDARY)
    yield Recording(exporter, runtime)
    settle_abandoned()
    runtimes.replace(former)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server with a database of this run's own."""
    with ExitStack() as stack:
        yield make_database("postgresql", stack)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """A MariaDB server with a database of this run's own."""
    with ExitStack() as stack:
        yield make_database("mariadb", stack)


def server_url(server: Server, driver: str) -> Any:
    return sa.engine.URL.create(driver, server.user, server.password or None, server.host, server.port, NAME)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.server),
        pytest.param("mariadb", marks=pytest.mark.server),
    ]
)
def kind(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    return str(request.param)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Where the database is."""
    if kind == "sqlite":
        return sa.engine.make_url(f"sqlite:///{tmp_path}/shop.db")
    driver = {"postgresql": "postgresql+psycopg2", "mariadb": "mysql+pymysql"}[kind]
    return server_url(request.getfixturevalue(kind), driver)


@pytest.fixture
def engine(recording: Recording, url: Any) -> Iterator[sa.engine.Engine]:
    """An engine in the style of SQLAlchemy 2, on a database without tables."""
    engine = sa.create_engine(url, future=True)
    try:
        yield engine
    finally:
        empty(engine)
        engine.dispose()


def empty(engine: sa.engine.Engine) -> None:
    """Drop all tables; a SQLite file goes with its folder."""
    kind = engine.dialect.name
    if kind == "sqlite":
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if kind == "postgresql":
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        else:
            connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
            for name in connection.exec_driver_sql("SHOW TABLES").scalars().all():
                connection.exec_driver_sql(f"DROP TABLE `{name}`")
            connection.invalidate()
