"""psycopg 3, used directly: its cursors, connections and transaction blocks, awaited ones too."""

from __future__ import annotations

from typing import Any

from otel_provenance.boundaries.base import Boundary, wrap
from otel_provenance.boundaries.dbapi import (
    Driver,
    Rows,
    ended,
    executed,
    parameters_of,
    run_commit,
    run_commit_async,
    run_rollback,
    run_rollback_async,
    savepoint,
    savepoint_ended,
)
from otel_provenance.boundaries.drivers import IDLE, transaction_of
from otel_provenance.guard import guarded


def _db_name(connection: Any) -> str | None:
    name: str | None = connection.info.dbname
    return name


DRIVER = Driver("psycopg", "postgresql", _db_name)


def _hook() -> None:
    import psycopg

    for cursor, connection, transaction, is_async in (
        (psycopg.Cursor, psycopg.Connection, psycopg.Transaction, False),
        (psycopg.AsyncCursor, psycopg.AsyncConnection, psycopg.AsyncTransaction, True),
    ):
        wrap(cursor, "execute", _execute_async if is_async else _execute)
        wrap(cursor, "executemany", _executemany_async if is_async else _executemany)
        wrap(cursor, "copy", _copy)
        wrap(connection, "commit", run_commit_async if is_async else run_commit)
        wrap(connection, "rollback", run_rollback_async if is_async else run_rollback)
        wrap(connection, "close", run_rollback_async if is_async else run_rollback)
        wrap(transaction, "__aenter__" if is_async else "__enter__", _enter_async if is_async else _enter)
        wrap(transaction, "__aexit__" if is_async else "__exit__", _exit_async if is_async else _exit)


BOUNDARY = Boundary("psycopg", "psycopg", _hook)


def _execute(wrapped: Any, cursor: Any, query: Any, params: Any = None, **kwargs: Any) -> Any:
    result = wrapped(cursor, query, params, **kwargs)
    executed(DRIVER, cursor.connection, query, parameters_of(params), cursor.rowcount)
    return result


async def _execute_async(wrapped: Any, cursor: Any, query: Any, params: Any = None, **kwargs: Any) -> Any:
    result = await wrapped(cursor, query, params, **kwargs)
    executed(DRIVER, cursor.connection, query, parameters_of(params), cursor.rowcount)
    return result


def _executemany(wrapped: Any, cursor: Any, query: Any, params_seq: Any, **kwargs: Any) -> Any:
    rows = Rows(params_seq)
    result = wrapped(cursor, query, rows, **kwargs)
    executed(DRIVER, cursor.connection, query, rows, cursor.rowcount)
    return result


async def _executemany_async(wrapped: Any, cursor: Any, query: Any, params_seq: Any, **kwargs: Any) -> Any:
    rows = Rows(params_seq)
    result = await wrapped(cursor, query, rows, **kwargs)
    executed(DRIVER, cursor.connection, query, rows, cursor.rowcount)
    return result


def _copy(wrapped: Any, cursor: Any, statement: Any, *args: Any, **kwargs: Any) -> Any:
    block = wrapped(cursor, statement, *args, **kwargs)
    executed(DRIVER, cursor.connection, statement, [()])  # a COPY that fails aborts its transaction
    return block


def _enter(wrapped: Any, transaction: Any) -> Any:
    result = wrapped(transaction)
    _entered(transaction)
    return result


async def _enter_async(wrapped: Any, transaction: Any) -> Any:
    result = await wrapped(transaction)
    _entered(transaction)
    return result


@guarded("psycopg.transaction")
def _entered(transaction: Any) -> None:
    if transaction.savepoint_name:
        savepoint(DRIVER, transaction.connection, transaction.savepoint_name)


def _exit(wrapped: Any, transaction: Any, *exc: Any) -> Any:
    try:
        result = wrapped(transaction, *exc)
    except BaseException:
        _exited(transaction, kept=False)
        raise
    _exited(transaction, kept=exc[:1] == (None,) and not transaction.force_rollback)
    return result


async def _exit_async(wrapped: Any, transaction: Any, *exc: Any) -> Any:
    try:
        result = await wrapped(transaction, *exc)
    except BaseException:
        _exited(transaction, kept=False)
        raise
    _exited(transaction, kept=exc[:1] == (None,) and not transaction.force_rollback)
    return result


@guarded("psycopg.transaction_end")
def _exited(transaction: Any, *, kept: bool) -> None:
    connection = transaction.connection
    if transaction_of(connection) == IDLE:
        ended(connection, "committed" if kept else "rolled_back")
    elif transaction.savepoint_name:
        savepoint_ended(connection, transaction.savepoint_name, kept=kept)
