"""What every database driver's boundary shares: a statement that ran, and how its transaction ended (PEP 249).

A driver's file says where its ``execute``, ``commit`` and ``rollback`` are; all else is here. What SQLAlchemy
runs on a driver is SQLAlchemy's boundary's to tell, and what our own store runs is nobody's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from otel_provenance.boundaries.drivers import IDLE, transaction_of
from otel_provenance.boundaries.sqltext import control_of, is_write
from otel_provenance.boundaries.textwrites import events_of_text
from otel_provenance.guard import guarded
from otel_provenance.spans.ledger import Ledger
from otel_provenance.spans.scope import is_suppressed
from otel_provenance.spans.writes import record_write

_BETWEEN = ("otel_provenance.boundaries.", "otel_provenance.guard")
"""Modules of ours that are between the driver and who called it."""
_OTHERS = frozenset({"sqlalchemy", "aiosqlite", "otel_provenance", "otel_provenance_exporters"})
_FRAMES = 12


class Driver(NamedTuple):
    """A database driver."""

    name: str
    """Of its module."""
    db_system: str
    """OpenTelemetry's ``db.system.name``."""
    db_name: Callable[[Any], str | None]
    """The name of the database that a connection is to."""
    tells_inserted: Callable[[Any], bool] = lambda _connection: False
    """Whether a connection's row count tells a row that an upsert inserted from one that it left as it was."""


class _Watched:
    """What is known of a driver's connection."""

    __slots__ = ("db_name", "is_begun", "ledger")

    def __init__(self, db_name: str | None) -> None:
        self.db_name = db_name
        self.ledger = Ledger("rolled_back")
        self.is_begun = False
        """Whether the application has begun a transaction by SQL text."""


_watched: WeakKeyDictionary[Any, _Watched] = WeakKeyDictionary()


def is_anothers() -> bool:
    """Whether SQLAlchemy (or our own store) is what runs the driver here: by who calls, which costs reads nothing."""
    frame = sys._getframe(1)
    for _ in range(_FRAMES):
        module = frame.f_globals.get("__name__", "")
        if not module.startswith(_BETWEEN) and module.partition(".")[0] in _OTHERS:
            return True
        if frame.f_back is None:
            return False
        frame = frame.f_back
    return False


class Rows:
    """The parameters of many executions, noted as the driver takes them one by one; only so many are kept."""

    LIMIT = 10_000

    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = rows
        self.seen: list[Any] = []
        self.count = 0

    def __iter__(self) -> Iterator[Any]:
        for row in self._rows:
            self.count += 1
            if self.count <= self.LIMIT:
                self.seen.append(row)
            yield row


@guarded("dbapi.execute")
def executed(
    driver: Driver,
    connection: Any,
    statement: Any,
    executions: Rows | Iterable[Any],
    told: int | None = -1,
    *,
    has_failed: bool = False,
    undone: bool = False,
) -> None:
    """A statement ran once for each of ``executions`` (its parameters); ``told`` is the cursor's row count.

    ``has_failed`` says that one of several executions failed: which rows were written is then not known;
    ``undone`` that the database has answered with a rollback, as PostgreSQL does to a COMMIT after an error.
    """
    text = _text_of(statement, connection)
    watched = _watched.get(connection)
    if not is_write(text):
        if watched is not None and watched.ledger:
            _controlled(watched, text, undone)
            _settle_what_is_committed(connection, watched)
        elif watched is not None or control_of(text) is not None:
            _controlled(watched or _watch(driver, connection), text, undone)
        return
    if is_suppressed() or is_anothers():
        return
    watched = watched or _watch(driver, connection)
    rows = executions.seen if isinstance(executions, Rows) else list(executions)
    told = told if isinstance(told, int) and told >= 0 and not has_failed else -1
    # MySQL does not count a row that has the new value already: none counted is not none there
    is_certain = not has_failed and not (told == 0 and driver.db_system == "mysql")
    told = told if is_certain else -1
    times = executions.count if isinstance(executions, Rows) else len(rows)
    where = (driver.db_system, watched.db_name)
    tells_inserted = driver.tells_inserted(connection)
    for event in events_of_text(text, rows, *where, told, times=times, tells_inserted=tells_inserted):
        watched.ledger.add(record_write(event if is_certain else event._replace(is_certain=False)))
        if times > len(rows):
            rest = event._replace(rows=(), keys=(), row_count=times - len(rows), inspected="none")
            watched.ledger.add(record_write(rest))
    _settle_what_is_committed(connection, watched)


@guarded("dbapi.end")
def ended(connection: Any, outcome: str) -> None:
    """The connection's transaction was committed or rolled back."""
    watched = _watched.get(connection)
    if watched is not None:
        watched.is_begun = False
        watched.ledger.end(outcome)


@guarded("dbapi.commit_failed")
def commit_failed(connection: Any) -> None:
    """A commit raised: if its connection died, only the server knows whether it was done."""
    watched = _watched.get(connection)
    if watched is not None and watched.ledger:
        if _is_closed(connection):
            watched.ledger.end("unknown")
        elif transaction_of(connection) == IDLE:
            watched.ledger.end("rolled_back")


@guarded("dbapi.begin")
def begun(driver: Driver, connection: Any) -> None:
    """A transaction was begun, not by SQL text."""
    (_watched.get(connection) or _watch(driver, connection)).is_begun = True


@guarded("dbapi.savepoint")
def savepoint(driver: Driver, connection: Any, name: str) -> None:
    """A savepoint was set, not by SQL text."""
    (_watched.get(connection) or _watch(driver, connection)).ledger.savepoint(name)


@guarded("dbapi.savepoint_ended")
def savepoint_ended(connection: Any, name: str, *, kept: bool) -> None:
    """A savepoint was released, or rolled back, not by SQL text."""
    watched = _watched.get(connection)
    if watched is not None:
        watched.ledger.release(name) if kept else watched.ledger.rollback_to(name)


def run_commit(wrapped: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
    """Around a connection's ``commit``."""
    before = _transaction_before(connection)
    try:
        result = wrapped(connection, *args, **kwargs)
    except BaseException:
        commit_failed(connection)
        raise
    # PostgreSQL answers COMMIT with a rollback, and no error, where a statement has failed before
    ended(connection, "rolled_back" if before == "aborted" else "committed")
    return result


async def run_commit_async(wrapped: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
    """Around a connection's ``commit`` that is awaited."""
    before = _transaction_before(connection)
    try:
        result = await wrapped(connection, *args, **kwargs)
    except BaseException:
        commit_failed(connection)
        raise
    ended(connection, "rolled_back" if before == "aborted" else "committed")
    return result


async def run_rollback_async(wrapped: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
    """Around a connection's ``rollback`` or ``close`` that is awaited."""
    try:
        return await wrapped(connection, *args, **kwargs)
    finally:
        ended(connection, "rolled_back")


def run_rollback(wrapped: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
    """Around a connection's ``rollback`` or ``close``."""
    try:
        return wrapped(connection, *args, **kwargs)
    finally:
        ended(connection, "rolled_back")


@guarded("dbapi.before_commit")
def _transaction_before(connection: Any) -> str | None:
    watched = _watched.get(connection)
    return transaction_of(connection) if watched is not None and watched.ledger else None


def _watch(driver: Driver, connection: Any) -> _Watched:
    watched = _watched[connection] = _Watched(driver.db_name(connection))
    return watched


def _controlled(watched: _Watched, text: str, undone: bool) -> None:
    control = control_of(text)
    if control is not None:
        watched.is_begun = control.verb == "begin" or (watched.is_begun and control.verb not in ("commit", "rollback"))
        watched.ledger.control(control.verb, control.savepoint, undone=undone)


def _settle_what_is_committed(connection: Any, watched: _Watched) -> None:
    """Autocommit, in any of its forms: the driver has no transaction open after a write."""
    if not watched.ledger:
        return
    state = transaction_of(connection)
    if state is None and not watched.is_begun:
        ask = getattr(connection, "get_autocommit", None)
        state = IDLE if callable(ask) and ask() else None
    if state == IDLE:
        watched.ledger.end("committed")


def _is_closed(connection: Any) -> bool:
    closed = getattr(connection, "closed", None)  # psycopg 2 and 3
    if closed is None:
        is_open = getattr(connection, "open", None)  # PyMySQL, mysqlclient
        closed = is_open is not None and not is_open
    return bool(closed)


def _text_of(statement: Any, connection: Any) -> str:
    if isinstance(statement, str):
        return statement
    if isinstance(statement, (bytes, bytearray)):
        return statement.decode("utf-8", "replace")
    compose = getattr(statement, "as_string", None)  # psycopg's composed statements
    return str(compose(connection)) if callable(compose) else ""


def parameters_of(given: Any) -> Sequence[Any]:
    """The parameters of one execution, as a list of executions."""
    return [() if given is None else given]
