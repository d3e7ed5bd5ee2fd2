"""Where SQLAlchemy's ``Connection`` is hooked: executed statements, and how their transaction ends.

Methods of the class are wrapped, for its events would cost every read: one listener makes SQLAlchemy call
all of them (``_has_events``), and ``commit`` events come before the commit, which may fail.
"""

from __future__ import annotations

from typing import Any

from otel_provenance.boundaries.base import Boundary, DidNotHook, wrap
from otel_provenance.boundaries.drivers import ABORTED, IDLE, transaction_of
from otel_provenance.boundaries.sqlalchemy.writes import see_statement
from otel_provenance.boundaries.sqltext import control_of
from otel_provenance.guard import guarded
from otel_provenance.spans.ledger import Ledger


def _hook() -> None:
    from sqlalchemy.engine import Connection

    hooks = {
        "_execute_context": _execute,
        "_handle_dbapi_exception": _fail,
        "close": _close,
        "_commit_impl": _commit,
        "_rollback_impl": _rollback,
        "_commit_twophase_impl": _commit,
        "_rollback_twophase_impl": _rollback,
        "_savepoint_impl": _savepoint,
        "_release_savepoint_impl": _release,
        "_rollback_to_savepoint_impl": _rollback_to,
    }
    missing = [name for name in hooks if not callable(getattr(Connection, name, None))]
    if missing:
        raise DidNotHook(f"this SQLAlchemy has no Connection.{missing[0]}: 1.4 to 2.1 are supported")
    for name, around in hooks.items():
        wrap(Connection, name, around)


BOUNDARY = Boundary("sqlalchemy", "sqlalchemy", _hook, "SQLAlchemy")


def _execute(wrapped: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
    result = wrapped(connection, *args, **kwargs)
    _executed(result)
    return result


@guarded("sqlalchemy.execute")
def _executed(result: Any) -> None:
    context = result.context
    writes = see_statement(context)
    connection = context.root_connection
    ledger = _pending(connection) if writes is None else _ledger(connection)
    if ledger is None:
        return
    if writes is not None:
        for write in writes:
            ledger.add(write)
    elif context.is_text:
        _controlled(ledger, context)
    elif not context.isddl:
        return
    if ledger and _is_settled(connection):
        ledger.end("committed")


def _fail(wrapped: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
    _failed(args[4] if len(args) > 4 else kwargs.get("context"))
    return wrapped(connection, *args, **kwargs)  # raises


@guarded("sqlalchemy.fail")
def _failed(context: Any) -> None:
    """Of many executions, some may have been done before one failed: they stay if the transaction is committed."""
    if context is not None and context.executemany and context.cursor is not None:
        ledger = _ledger(context.root_connection)
        for write in see_statement(context, has_failed=True) or ():
            ledger.add(write)


def _close(wrapped: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
    result = wrapped(connection, *args, **kwargs)
    if _pending(connection):
        _closed(connection)
    return result


@guarded("sqlalchemy.close")
def _closed(connection: Any) -> None:
    ledger = _ledger(connection)
    ledger.end(ledger.when_abandoned)


def _controlled(ledger: Ledger, context: Any) -> None:
    """The application ends transactions, or sets savepoints, by SQL text."""
    control = control_of(context.statement)
    if control is not None:
        # PostgreSQL answers COMMIT with a rollback, and no error, where a statement has failed before
        undone = getattr(context.cursor, "statusmessage", None) == "ROLLBACK"
        ledger.control(control.verb, control.savepoint, undone=undone)


def _is_settled(connection: Any) -> bool:
    """Autocommit, in any of its forms: the driver has no transaction open after a write."""
    if type(connection.get_transaction()).__name__ == "TwoPhaseTransaction":
        return False
    return not connection.in_transaction() or _transaction(connection) == IDLE


def _transaction(connection: Any) -> str | None:
    fairy = connection._dbapi_connection
    if fairy is None:
        return None
    raw = getattr(fairy, "driver_connection", None)
    return transaction_of(fairy if raw is None else raw)


def _ledger(connection: Any) -> Ledger:
    ledger: Ledger | None = connection.__dict__.get("_provenance_ledger")
    if ledger is None:
        # what a pool does with a connection that comes back with its transaction open
        reset = getattr(getattr(connection.engine.pool, "_reset_on_return", None), "name", "")
        ledger = Ledger({"reset_rollback": "rolled_back", "reset_commit": "committed"}.get(reset, "unknown"))
        connection.__dict__["_provenance_ledger"] = ledger
    return ledger


def _pending(connection: Any) -> Ledger | None:
    ledger: Ledger | None = connection.__dict__.get("_provenance_ledger")
    return ledger


def _commit(wrapped: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
    if _pending(connection) is None:
        return wrapped(connection, *args, **kwargs)
    before = _before_commit(connection)
    try:
        result = wrapped(connection, *args, **kwargs)
    except BaseException:
        _commit_failed(connection)
        raise
    _committed(connection, before)
    return result


@guarded("sqlalchemy.before_commit")
def _before_commit(connection: Any) -> str | None:
    return _transaction(connection)


@guarded("sqlalchemy.commit")
def _committed(connection: Any, before: str | None) -> None:
    # PostgreSQL answers COMMIT with a rollback, and no error, where a statement has failed before
    _ledger(connection).end("rolled_back" if before == ABORTED else "committed")


@guarded("sqlalchemy.commit_failed")
def _commit_failed(connection: Any) -> None:
    # whether a commit was done before its connection died, only the server knows
    if connection.invalidated or connection.closed:
        _ledger(connection).end("unknown")


def _rollback(wrapped: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
    if _pending(connection) is None:
        return wrapped(connection, *args, **kwargs)
    try:
        result = wrapped(connection, *args, **kwargs)
    except BaseException:
        _rolled_back(connection)
        raise
    _rolled_back(connection)
    return result


@guarded("sqlalchemy.rollback")
def _rolled_back(connection: Any) -> None:
    # a connection that dies before a commit takes its transaction with it
    _ledger(connection).end("rolled_back")


def _savepoint(wrapped: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
    name = wrapped(connection, *args, **kwargs)
    _savepoint_set(connection, name)
    return name


@guarded("sqlalchemy.savepoint")
def _savepoint_set(connection: Any, name: str) -> None:
    _ledger(connection).savepoint(name)


def _release(wrapped: Any, connection: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    result = wrapped(connection, name, *args, **kwargs)
    _savepoint_released(connection, name)
    return result


@guarded("sqlalchemy.release")
def _savepoint_released(connection: Any, name: str) -> None:
    ledger = _ledger(connection)
    ledger.release(name)
    if ledger and _transaction(connection) == IDLE:  # SQLite: the release of the outermost savepoint commits
        ledger.end("committed")


def _rollback_to(wrapped: Any, connection: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    result = wrapped(connection, name, *args, **kwargs)
    _rolled_back_to(connection, name)
    return result


@guarded("sqlalchemy.rollback_to")
def _rolled_back_to(connection: Any, name: str) -> None:
    _ledger(connection).rollback_to(name)
