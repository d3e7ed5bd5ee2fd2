"""psycopg2, used directly.

Its classes are written in C: ``psycopg2._connect``, which every ``connect`` calls, gives a subclass of the
connection's class that the application would have got. SQLAlchemy gets what it always did.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from otel_provenance.boundaries.base import Boundary, wrap
from otel_provenance.boundaries.dbapi import Driver, executed, is_anothers, run_commit, run_rollback
from otel_provenance.boundaries.dbclasses import disguised, recorded_cursor
from otel_provenance.guard import guarded


def _db_name(connection: Any) -> str | None:
    name: str | None = connection.info.dbname
    return name


DRIVER = Driver("psycopg2", "postgresql", _db_name)


def _hook() -> None:
    import psycopg2  # type: ignore[import-untyped]

    wrap(psycopg2, "_connect", _connect)


BOUNDARY = Boundary("psycopg2", "psycopg2", _hook, "psycopg2-binary")


def _connect(wrapped: Any, dsn: Any, connection_factory: Any = None, **kwargs: Any) -> Any:
    recorded = _factory(connection_factory)
    return wrapped(dsn, connection_factory=connection_factory if recorded is None else recorded, **kwargs)


@guarded("psycopg2.connect")
def _factory(wanted: Any) -> Any:
    from psycopg2.extensions import connection  # type: ignore[import-untyped]

    wanted = connection if wanted is None else wanted
    if is_anothers() or not isinstance(wanted, type) or not issubclass(wanted, connection):
        return None
    return _recorded_connection(wanted)


@lru_cache(maxsize=64)
def _recorded_connection(base: Any) -> Any:
    class Connection(base):  # type: ignore[misc]
        def cursor(self, name: Any = None, cursor_factory: Any = None, **kwargs: Any) -> Any:
            factory = cursor_factory or self.cursor_factory
            recorded = None if name is not None else _cursor_class(factory)  # a named cursor only reads
            return super().cursor(name, cursor_factory=recorded or factory, **kwargs)

        def commit(self) -> None:
            run_commit(base.commit, self)

        def rollback(self) -> None:
            run_rollback(base.rollback, self)

        def close(self) -> None:
            run_rollback(base.close, self)

        def __exit__(self, kind: Any, error: Any, traceback: Any) -> Any:
            around = run_commit if kind is None else run_rollback
            return around(base.__exit__, self, kind, error, traceback)

    return disguised(Connection, base)


@guarded("psycopg2.cursor")
def _cursor_class(factory: Any) -> Any:
    from psycopg2.extensions import cursor

    factory = cursor if factory is None else factory
    return _recorded_cursor(factory) if isinstance(factory, type) and issubclass(factory, cursor) else None


@lru_cache(maxsize=64)
def _recorded_cursor(base: Any) -> Any:
    class Cursor(recorded_cursor(DRIVER, base)):  # type: ignore[misc]
        def copy_expert(self, sql: Any, *args: Any, **kwargs: Any) -> Any:
            result = super().copy_expert(sql, *args, **kwargs)
            executed(DRIVER, self.connection, sql, [()], self.rowcount)
            return result

        def copy_from(self, file: Any, table: Any, *args: Any, **kwargs: Any) -> Any:
            result = super().copy_from(file, table, *args, **kwargs)
            executed(DRIVER, self.connection, f"COPY {table} FROM STDIN", [()], self.rowcount)
            return result

    return disguised(Cursor, base)
