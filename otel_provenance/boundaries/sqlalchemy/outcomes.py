"""How the transaction of what SQLAlchemy wrote ends: each step guarded, called from hooks.py."""

from __future__ import annotations

from typing import Any

from otel_provenance.boundaries.drivers import ABORTED, IDLE, transaction_of
from otel_provenance.boundaries.sqlalchemy.writes import keep_count, see_statement
from otel_provenance.boundaries.sqltext import control_of
from otel_provenance.guard import guarded
from otel_provenance.spans.ledger import Ledger

FORGETFUL = frozenset({"psycopg", "psycopg_async"})
"""Drivers whose closed cursors tell no row count any more: SQLAlchemy closes an INSERT's before we come to see it."""
_NEVER_ABORTED = frozenset({"sqlite", "mysql", "mariadb"})
"""Databases whose transactions no error ends by itself: their commit does commit."""


@guarded("sqlalchemy.before_close")
def before_close(context: Any) -> None:
    """An INSERT ran, and its cursor is open still."""
    keep_count(context)


@guarded("sqlalchemy.execute")
def executed(result: Any) -> None:
    """A statement ran: what it wrote is pending, or committed already."""
    context = result.context
    writes = see_statement(context)
    connection = context.root_connection
    if writes is None:
        ledger = pending(connection)
        if ledger is None:
            return
        if context.is_text:
            _controlled(ledger, context)
        elif not context.isddl:
            return
    else:
        ledger = _ledger(connection)
        for write in writes:
            ledger.add(write)
    if ledger.writes and _is_settled(connection):
        ledger.end("committed")


@guarded("sqlalchemy.fail")
def failed(context: Any) -> None:
    """Of many executions, some may have been done before one failed: they stay if the transaction is committed."""
    if context is not None and context.executemany and context.cursor is not None:
        ledger = _ledger(context.root_connection)
        for write in see_statement(context, has_failed=True) or ():
            ledger.add(write)


@guarded("sqlalchemy.failed_alone")
def failed_alone(connection: Any, context: Any) -> None:
    """Something failed outside any transaction: SQLAlchemy has undone what the driver had begun."""
    connection = connection if context is None else context.root_connection
    ledger = pending(connection)
    if ledger is not None and ledger.writes and not connection.in_transaction():
        ledger.end("rolled_back")


@guarded("sqlalchemy.close")
def closed(connection: Any) -> None:
    """A connection was given back with its transaction open: its pool ends it."""
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
    transaction = connection.get_transaction()
    if type(transaction).__name__ == "TwoPhaseTransaction":
        return False
    if transaction is None or not transaction.is_active:
        return True
    state = _transaction(connection)
    return state == IDLE or (state is None and connection._is_autocommit_isolation())


def _transaction(connection: Any) -> str | None:
    fairy = connection._dbapi_connection
    if fairy is None:
        return None
    # without asyncio both are the same, and the second asks the dialect
    name = "driver_connection" if getattr(connection.dialect, "is_async", True) else "dbapi_connection"
    raw = getattr(fairy, name, None)
    return transaction_of(fairy if raw is None else raw)


def _ledger(connection: Any) -> Ledger:
    ledger: Ledger | None = connection.__dict__.get("_provenance_ledger")
    if ledger is None:
        # what a pool does with a connection that comes back with its transaction open
        reset = getattr(getattr(connection.engine.pool, "_reset_on_return", None), "name", "")
        ledger = Ledger({"reset_rollback": "rolled_back", "reset_commit": "committed"}.get(reset, "unknown"))
        connection.__dict__["_provenance_ledger"] = ledger
    return ledger


def pending(connection: Any) -> Ledger | None:
    """What waits for an outcome on a connection; None where it has never written."""
    ledger: Ledger | None = connection.__dict__.get("_provenance_ledger")
    return ledger


@guarded("sqlalchemy.before_commit")
def before_commit(connection: Any) -> str | None:
    """What the driver says of the transaction that is about to be committed."""
    return None if connection.dialect.name in _NEVER_ABORTED else _transaction(connection)


@guarded("sqlalchemy.commit")
def committed(connection: Any, before: str | None) -> None:
    """A commit went well."""
    # PostgreSQL answers COMMIT with a rollback, and no error, where a statement has failed before
    _ledger(connection).end("rolled_back" if before == ABORTED else "committed")


@guarded("sqlalchemy.commit_failed")
def commit_failed(connection: Any) -> None:
    """A commit raised; if the transaction is open still, a rollback, or another commit, will come."""
    if connection.invalidated or connection.closed:
        _ledger(connection).end("unknown")  # whether it was done before the connection died, only the server knows
    elif _transaction(connection) == IDLE:
        _ledger(connection).end("rolled_back")


@guarded("sqlalchemy.rollback")
def rolled_back(connection: Any) -> None:
    """A rollback was done, or could not be: a connection that dies takes its transaction with it."""
    _ledger(connection).end("rolled_back")


@guarded("sqlalchemy.savepoint")
def savepoint_set(connection: Any, name: str) -> None:
    """A savepoint was set."""
    _ledger(connection).savepoint(name)


@guarded("sqlalchemy.release")
def savepoint_released(connection: Any, name: str) -> None:
    """A savepoint was released."""
    ledger = _ledger(connection)
    ledger.release(name)
    if ledger.writes and _transaction(connection) == IDLE:  # SQLite: the release of the outermost savepoint commits
        ledger.end("committed")


@guarded("sqlalchemy.rollback_to")
def rolled_back_to(connection: Any, name: str) -> None:
    """All since a savepoint was rolled back."""
    _ledger(connection).rollback_to(name)
