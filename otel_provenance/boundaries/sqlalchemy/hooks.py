"""Where SQLAlchemy is hooked: a ``Connection``'s executed statements, and how their ``RootTransaction`` ends.

Methods of the class are replaced, for its events would cost every read: one listener makes SQLAlchemy call
all of them (``_has_events``), and ``commit`` events come before the commit, which may fail. Commits and
rollbacks are hooked at the transaction: the connection's log record of one names who called its method.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import FunctionType
from typing import Any

from otel_provenance.boundaries.base import Boundary, DidNotHook, replace
from otel_provenance.boundaries.sqlalchemy import outcomes
from otel_provenance.boundaries.sqlalchemy.plans import NOTHING_WRITTEN


def _hook() -> None:
    import sqlalchemy
    from sqlalchemy.engine import Connection, RootTransaction, TwoPhaseTransaction
    from sqlalchemy.engine.default import DefaultExecutionContext

    if sqlalchemy.__version__.startswith(("0.", "1.0", "1.1", "1.2", "1.3")):
        raise DidNotHook(f"SQLAlchemy {sqlalchemy.__version__} is too old: 1.4 to 2.1 are supported")
    statements = {
        "_execute_context": _execute,
        "_handle_dbapi_exception": _fail,
        "close": _close,
        "_savepoint_impl": _savepoint,
        "_release_savepoint_impl": _release,
        "_rollback_to_savepoint_impl": _rollback_to,
    }
    ends = {"_connection_commit_impl": _commit, "_connection_rollback_impl": _rollback}
    hooks = {Connection: statements, RootTransaction: ends, TwoPhaseTransaction: ends}
    places = [(owner, name, make) for owner, makers in hooks.items() for name, make in makers.items()]
    for owner, name, _ in places:
        if not callable(getattr(owner, name, None)):
            raise DidNotHook(f"this SQLAlchemy has no {owner.__name__}.{name}: 1.4 to 2.1 are supported")
    for owner, name, make in places:
        replace(owner, name, _of_sqlalchemy(make))
    if callable(getattr(DefaultExecutionContext, "_setup_dml_or_text_result", None)):
        replace(DefaultExecutionContext, "_setup_dml_or_text_result", _of_sqlalchemy(_result))


BOUNDARY = Boundary("sqlalchemy", "sqlalchemy", _hook, "SQLAlchemy")


def _of_sqlalchemy(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make functions of one of SQLAlchemy's modules: its warnings name the first caller that is not in one.

    They have the original's name, for SQLAlchemy's log records name their caller. They must use nothing but
    their own names, those around them and built-in ones.
    """
    names = {"__name__": "sqlalchemy.engine.base", "__builtins__": builtins}

    def made(original: Any) -> Any:
        run = make(original)
        code = run.__code__.replace(co_name=original.__name__)
        return FunctionType(code, names, run.__name__, run.__defaults__, run.__closure__)

    return made


def _execute(wrapped: Any) -> Any:
    executed, nothing = outcomes.executed, NOTHING_WRITTEN

    def run(connection: Any, *args: Any, **kwargs: Any) -> Any:
        result = wrapped(connection, *args, **kwargs)
        try:
            if result.context.compiled._provenance_plans is nothing:
                return result  # a read that was seen before: the quick way
        except AttributeError:
            pass
        executed(result)
        return result

    return run


def _result(wrapped: Any) -> Any:
    before_close, forgetful = outcomes.before_close, outcomes.FORGETFUL

    def run(context: Any, *args: Any, **kwargs: Any) -> Any:
        if context.isinsert and context.dialect.driver in forgetful:
            before_close(context)
        return wrapped(context, *args, **kwargs)

    return run


def _fail(wrapped: Any) -> Any:
    failed, failed_alone = outcomes.failed, outcomes.failed_alone

    def run(connection: Any, *args: Any, **kwargs: Any) -> Any:
        context = args[4] if len(args) > 4 else kwargs.get("context")
        failed(context)
        try:
            return wrapped(connection, *args, **kwargs)  # raises
        finally:
            failed_alone(connection, context)

    return run


def _close(wrapped: Any) -> Any:
    closed = outcomes.closed

    def run(connection: Any, *args: Any, **kwargs: Any) -> Any:
        result = wrapped(connection, *args, **kwargs)
        ledger = getattr(connection, "__dict__", {}).get("_provenance_ledger")
        if ledger is not None and ledger.writes:
            closed(connection)
        return result

    return run


def _commit(wrapped: Any) -> Any:
    before_commit = outcomes.before_commit
    committed, commit_failed = outcomes.committed, outcomes.commit_failed

    def run(transaction: Any, *args: Any, **kwargs: Any) -> Any:
        connection = transaction.connection
        ledger = getattr(connection, "__dict__", {}).get("_provenance_ledger")
        if ledger is None or not ledger.writes:
            return wrapped(transaction, *args, **kwargs)
        before = before_commit(connection)
        try:
            result = wrapped(transaction, *args, **kwargs)
        except BaseException:
            commit_failed(connection)
            raise
        committed(connection, before)
        return result

    return run


def _rollback(wrapped: Any) -> Any:
    rolled_back = outcomes.rolled_back

    def run(transaction: Any, *args: Any, **kwargs: Any) -> Any:
        connection = transaction.connection
        if getattr(connection, "__dict__", {}).get("_provenance_ledger") is None:
            return wrapped(transaction, *args, **kwargs)
        try:
            return wrapped(transaction, *args, **kwargs)
        finally:
            rolled_back(connection)

    return run


def _savepoint(wrapped: Any) -> Any:
    savepoint_set = outcomes.savepoint_set

    def run(connection: Any, *args: Any, **kwargs: Any) -> Any:
        name = wrapped(connection, *args, **kwargs)
        savepoint_set(connection, name)
        return name

    return run


def _release(wrapped: Any) -> Any:
    savepoint_released = outcomes.savepoint_released

    def run(connection: Any, *args: Any, **kwargs: Any) -> Any:
        result = wrapped(connection, *args, **kwargs)
        savepoint_released(connection, args[0] if args else kwargs.get("name", ""))
        return result

    return run


def _rollback_to(wrapped: Any) -> Any:
    rolled_back_to = outcomes.rolled_back_to

    def run(connection: Any, *args: Any, **kwargs: Any) -> Any:
        result = wrapped(connection, *args, **kwargs)
        rolled_back_to(connection, args[0] if args else kwargs.get("name", ""))
        return result

    return run
