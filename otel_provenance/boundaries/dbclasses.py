"""Subclasses that record, for drivers whose classes are written in C and cannot be changed."""

from __future__ import annotations

from typing import Any

from otel_provenance.boundaries.dbapi import Driver, Rows, executed, parameters_of


def recorded_cursor(driver: Driver, base: Any) -> Any:
    """A cursor's class that records what it executes."""

    class Cursor(base):  # type: ignore[misc]
        def execute(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
            result = super().execute(statement, *args, **kwargs)
            if not is_quiet(self.connection):
                given = args[0] if args else kwargs.get("vars")
                executed(driver, self.connection, statement, parameters_of(given), self.rowcount)
            return result

        def executemany(self, statement: Any, rows: Any) -> Any:
            if is_quiet(self.connection):
                return super().executemany(statement, rows)
            noted = Rows(rows)
            try:
                result = super().executemany(statement, iter(noted))
            except BaseException:
                executed(driver, self.connection, statement, noted, has_failed=True)
                raise
            executed(driver, self.connection, statement, noted, self.rowcount)
            return result

    return disguised(Cursor, base)


class quiet:
    """While a connection executes by itself, its cursors do not tell: ``with quiet(connection)``."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.__dict__["_provenance_quiet"] = True

    def __exit__(self, *exc: Any) -> None:
        self._connection.__dict__.pop("_provenance_quiet", None)


def is_quiet(connection: Any) -> bool:
    """Whether a connection executes by itself just now."""
    return "_provenance_quiet" in getattr(connection, "__dict__", ())


def disguised(made: Any, base: Any) -> Any:
    """The class under its base's name."""
    made.__name__, made.__qualname__, made.__module__ = base.__name__, base.__qualname__, base.__module__
    made.__doc__ = base.__doc__
    return made
