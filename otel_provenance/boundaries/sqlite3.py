"""The standard library's sqlite3, used directly.

Its classes cannot be changed, so ``sqlite3.connect`` gives a subclass of the connection's class that the
application would have got. SQLAlchemy, aiosqlite and our own store get what they always did. Connections of
a ``connect`` that was imported by name before are not seen.
"""

from __future__ import annotations

import os
import sqlite3
from functools import lru_cache
from typing import Any

from otel_provenance.boundaries.base import Boundary, wrap
from otel_provenance.boundaries.dbapi import (
    Driver,
    Rows,
    ended,
    executed,
    is_anothers,
    parameters_of,
    run_commit,
    run_rollback,
)
from otel_provenance.boundaries.dbclasses import disguised, is_quiet, quiet, recorded_cursor
from otel_provenance.guard import guarded


def _db_name(connection: Any) -> str | None:
    name: str | None = connection.__dict__.get("_provenance_db_name")
    return name


DRIVER = Driver("sqlite3", "sqlite", _db_name)


def _hook() -> None:
    wrap(sqlite3, "connect", _connect)
    wrap(sqlite3.dbapi2, "connect", _connect)


BOUNDARY = Boundary("sqlite3", "sqlite3", _hook)


def _connect(wrapped: Any, *args: Any, **kwargs: Any) -> Any:
    factory = _factory(args, kwargs)
    if factory is None:
        return wrapped(*args, **kwargs)
    connection = wrapped(*args[:5], *((factory, *args[6:]) if len(args) > 5 else ()), **_with(args, kwargs, factory))
    _connected(connection, args, kwargs)
    return connection


@guarded("sqlite3.connect")
def _factory(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    wanted: Any = args[5] if len(args) > 5 else kwargs.get("factory", sqlite3.Connection)
    if is_anothers() or not isinstance(wanted, type) or not issubclass(wanted, sqlite3.Connection):
        return None
    return _recorded_connection(wanted)  # type: ignore[arg-type]


def _with(args: tuple[Any, ...], kwargs: dict[str, Any], factory: Any) -> dict[str, Any]:
    return kwargs if len(args) > 5 else {**kwargs, "factory": factory}


@guarded("sqlite3.connected")
def _connected(connection: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    database = args[0] if args else kwargs.get("database")
    if isinstance(database, (str, bytes, os.PathLike)):
        name = os.path.basename(os.fsdecode(database).removeprefix("file:").partition("?")[0])
        connection._provenance_db_name = None if name in ("", ":memory:") else name


@lru_cache(maxsize=64)
def _recorded_connection(base: Any) -> Any:
    """A connection's class that records what is written through it."""

    class Connection(base):  # type: ignore[misc]
        # whether these three use a cursor of ours differs between versions of Python: theirs is told here
        def execute(self, sql: Any, *args: Any) -> Any:
            with quiet(self):
                cursor = super().execute(sql, *args)
            executed(DRIVER, self, sql, parameters_of(args[0] if args else None), cursor.rowcount)
            return cursor

        def executemany(self, sql: Any, rows: Any) -> Any:
            noted = Rows(rows)
            try:
                with quiet(self):
                    cursor = super().executemany(sql, iter(noted))
            except BaseException:
                executed(DRIVER, self, sql, noted, has_failed=True)
                raise
            executed(DRIVER, self, sql, noted, cursor.rowcount)
            return cursor

        def executescript(self, script: Any) -> Any:
            ended(self, "committed")  # the driver commits before it runs a script
            with quiet(self):
                cursor = super().executescript(script)
            _script_ran(self, script)
            return cursor

        def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
            return super().cursor(_recorded_cursor(factory) or factory)

        def commit(self) -> None:
            run_commit(base.commit, self)

        def rollback(self) -> None:
            run_rollback(base.rollback, self)

        def close(self) -> None:
            run_rollback(base.close, self)

        def __exit__(self, kind: Any, error: Any, traceback: Any) -> Any:
            try:
                swallowed = super().__exit__(kind, error, traceback)
            except BaseException:
                ended(self, "rolled_back")  # a commit that fails here is rolled back by the driver
                raise
            ended(self, "committed" if kind is None else "rolled_back")
            return swallowed

    return disguised(Connection, base)


@lru_cache(maxsize=64)
def _recorded_cursor(base: Any) -> Any:
    if not isinstance(base, type) or not issubclass(base, sqlite3.Cursor):
        return None

    class Cursor(recorded_cursor(DRIVER, base)):  # type: ignore[misc]
        def executescript(self, script: Any) -> Any:
            ended(self.connection, "committed")
            result = super().executescript(script)
            if not is_quiet(self.connection):
                _script_ran(self.connection, script)
            return result

    return disguised(Cursor, base)


@guarded("sqlite3.script")
def _script_ran(connection: Any, script: str) -> None:
    pending = ""
    for piece in script.split(";"):
        pending += piece + ";"
        if sqlite3.complete_statement(pending):
            executed(DRIVER, connection, pending.strip().rstrip(";"), [()])
            pending = ""
