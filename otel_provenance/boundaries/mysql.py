"""PyMySQL and mysqlclient, used directly: they have the same classes."""

from __future__ import annotations

from typing import Any

from otel_provenance.boundaries.base import Boundary, wrap
from otel_provenance.boundaries.dbapi import Driver, Rows, begun, executed, parameters_of, run_commit, run_rollback
from otel_provenance.guard import guarded


def _db_name(connection: Any) -> str | None:
    name = getattr(connection, "db", None) or connection.__dict__.get("_provenance_db_name")
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name


def _tells_inserted(connection: Any) -> bool:
    flags = getattr(connection, "client_flag", None)
    flags = connection.__dict__.get("_provenance_client_flag") if flags is None else flags
    return isinstance(flags, int) and not flags & _FOUND_ROWS


_FOUND_ROWS = 2
"""The flag of clients to whom a row that an upsert leaves as it was counts as one, too."""
PYMYSQL = Driver("pymysql", "mysql", _db_name, _tells_inserted)
MYSQLCLIENT = Driver("MySQLdb", "mysql", _db_name, _tells_inserted)


def _hook_pymysql() -> None:
    from pymysql.connections import Connection  # type: ignore[import-untyped]
    from pymysql.cursors import Cursor  # type: ignore[import-untyped]

    _hook(Connection, Cursor, PYMYSQL)


def _hook_mysqlclient() -> None:
    from MySQLdb.connections import Connection  # type: ignore[import-untyped]
    from MySQLdb.cursors import BaseCursor  # type: ignore[import-untyped]

    _hook(Connection, BaseCursor, MYSQLCLIENT)
    wrap(Connection, "__init__", _connect)  # this driver forgets which database and flags it was told


PYMYSQL_BOUNDARY = Boundary("pymysql", "pymysql", _hook_pymysql)
MYSQLCLIENT_BOUNDARY = Boundary("mysqlclient", "MySQLdb", _hook_mysqlclient, "mysqlclient")


def _hook(connection: Any, cursor: Any, driver: Driver) -> None:
    def execute(wrapped: Any, cursor: Any, query: Any, args: Any = None) -> Any:
        result = wrapped(cursor, query, args)
        if id(cursor) not in _in_many:
            executed(driver, cursor.connection, query, parameters_of(args), cursor.rowcount)
        return result

    def executemany(wrapped: Any, cursor: Any, query: Any, args: Any) -> Any:
        rows = Rows(args)
        _in_many.add(id(cursor))  # it calls execute, once for each batch
        try:
            result = wrapped(cursor, query, rows if args else args)
        except BaseException:
            executed(driver, cursor.connection, query, rows, has_failed=True)
            raise
        finally:
            _in_many.discard(id(cursor))
        executed(driver, cursor.connection, query, rows, cursor.rowcount)
        return result

    def begin(wrapped: Any, connection: Any) -> Any:
        result = wrapped(connection)
        begun(driver, connection)
        return result

    wrap(cursor, "execute", execute)
    wrap(cursor, "executemany", executemany)
    wrap(connection, "begin", begin)
    wrap(connection, "commit", run_commit)
    wrap(connection, "rollback", run_rollback)
    wrap(connection, "close", run_rollback)


_in_many: set[int] = set()
"""Cursors (by id) that are within an executemany."""


def _connect(wrapped: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
    result = wrapped(connection, *args, **kwargs)
    _connected(connection, args, kwargs)
    return result


@guarded("mysqlclient.connect")
def _connected(connection: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    name = kwargs.get("database") or kwargs.get("db") or (args[3] if len(args) > 3 else None)
    connection.__dict__["_provenance_db_name"] = name
    connection.__dict__["_provenance_client_flag"] = kwargs.get("client_flag", 0)
