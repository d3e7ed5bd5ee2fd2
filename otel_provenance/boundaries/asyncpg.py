"""asyncpg, used directly. Its transactions are SQL text, which it executes as any other."""

from __future__ import annotations

import re
from typing import Any

from otel_provenance.boundaries.base import Boundary, wrap
from otel_provenance.boundaries.dbapi import Driver, Rows, executed, run_rollback, run_rollback_async


def _db_name(connection: Any) -> str | None:
    name: str | None = getattr(getattr(connection, "_params", None), "database", None)
    return name


DRIVER = Driver("asyncpg", "postgresql", _db_name)
_TAG = re.compile(r"(?:INSERT \d+|UPDATE|DELETE|MERGE|COPY) (\d+)")


def _hook() -> None:
    from asyncpg.connection import Connection  # type: ignore[import-untyped]
    from asyncpg.prepared_stmt import PreparedStatement  # type: ignore[import-untyped]

    wrap(Connection, "execute", _execute)
    wrap(Connection, "executemany", _executemany)
    if hasattr(Connection, "fetchmany"):  # an executemany that returns rows
        wrap(Connection, "fetchmany", _executemany)
        wrap(PreparedStatement, "fetchmany", _executemany_prepared)
    for name in ("fetch", "fetchval", "fetchrow"):
        wrap(Connection, name, _fetch)
        wrap(PreparedStatement, name, _fetch_prepared)
    wrap(PreparedStatement, "executemany", _executemany_prepared)
    wrap(Connection, "copy_records_to_table", _copy_to_table)
    wrap(Connection, "copy_to_table", _copy_to_table)
    wrap(Connection, "close", run_rollback_async)
    wrap(Connection, "terminate", run_rollback)


BOUNDARY = Boundary("asyncpg", "asyncpg", _hook)


async def _execute(wrapped: Any, connection: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
    status = await wrapped(connection, query, *args, **kwargs)
    executed(DRIVER, connection, query, [args], _count(status), undone=status == "ROLLBACK")
    return status


async def _executemany(wrapped: Any, connection: Any, command: Any, args: Any, **kwargs: Any) -> Any:
    rows = Rows(args)
    result = await wrapped(connection, command, rows, **kwargs)
    executed(DRIVER, connection, command, rows)
    return result


async def _fetch(wrapped: Any, connection: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
    result = await wrapped(connection, query, *args, **kwargs)
    executed(DRIVER, connection, query, [args])
    return result


async def _fetch_prepared(wrapped: Any, prepared: Any, *args: Any, **kwargs: Any) -> Any:
    result = await wrapped(prepared, *args, **kwargs)
    executed(DRIVER, prepared._connection, prepared._query, [args], _count(prepared.get_statusmsg()))
    return result


async def _executemany_prepared(wrapped: Any, prepared: Any, args: Any, **kwargs: Any) -> Any:
    rows = Rows(args)
    result = await wrapped(prepared, rows, **kwargs)
    executed(DRIVER, prepared._connection, prepared._query, rows)
    return result


async def _copy_to_table(wrapped: Any, connection: Any, table_name: Any, *args: Any, **kwargs: Any) -> Any:
    status = await wrapped(connection, table_name, *args, **kwargs)
    schema = kwargs.get("schema_name")
    name = f"{schema}.{table_name}" if schema else table_name
    executed(DRIVER, connection, f"COPY {name} FROM STDIN", [()], _count(status))
    return status


def _count(status: Any) -> int:
    found = _TAG.fullmatch(status) if isinstance(status, str) else None
    return int(found[1]) if found else -1
