"""Where the values of a compiled statement's columns come from: bound parameters, alone or in expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from otel_provenance.boundaries.sqlalchemy.stored import leaves_of
from otel_provenance.events import Expression, the_same_or_both

Parameters = dict[str, Any]


class Names:
    """The names under which a compiled statement asks for its bound values."""

    def __init__(self, compiled: Any, is_flush: bool) -> None:
        self.is_flush = is_flush
        self.assigned = frozenset(name for name, bind in compiled.binds.items() if getattr(bind, "_is_crud", False))
        """Of the parameters that SQLAlchemy itself has made of columns: one in WHERE may be called like a column."""
        self._by_bind: dict[Any, str] = dict(compiled.bind_names)
        self._by_key: dict[str, str] = {bind.key: name for bind, name in self._by_bind.items()}

    def of(self, bind: Any) -> str | None:
        """The name of a bound parameter; None if the compiler left it out."""
        name = self._by_bind.get(bind)
        return self._by_key.get(bind.key) if name is None else name

    def holding(self, value: Any) -> str | None:
        """The name of the parameter that the compiler made of a plain value."""
        for bind, name in self._by_bind.items():
            if bind.value is value:
                return name
        return None

    def inside(self, element: Any) -> tuple[str, ...]:
        """The names of the bound parameters that an expression's value is made of."""
        binds = (leaf for leaf in leaves_of(element) if leaf.__visit_name__ == "bindparam")
        return tuple(dict.fromkeys(name for name in map(self.of, binds) if name is not None))


@dataclass(frozen=True, slots=True)
class Either:
    """One parameter's value or another's: an upsert's, which inserts or updates."""

    inserted: str
    updated: str


Source = str | tuple[str, ...] | Either | None
"""A parameter's name; the names inside an expression; None where the column is not written in this row."""


def sources_of(statement: Any, table: Any, names: Names) -> dict[str, Source]:
    """Column → where its value comes from, of an INSERT of one row or an UPDATE."""
    # SQLAlchemy reserves a column's key as the name of the parameter that is its value
    sources: dict[str, Source] = {str(c.name): c.key for c in table.c if c.key in names.assigned}
    for column, value in assigned_by(statement):
        name = column_name(column, table)
        if name not in sources:
            sources[name] = source_of(value, names)
    return sources


def column_name(column: Any, table: Any) -> str:
    """A column's name in the database, of a column or of its key; as text, not as SQLAlchemy's ``quoted_name``."""
    known = table.c.get(column) if isinstance(column, str) else column
    return str(getattr(known, "name", column))


def assigned_by(statement: Any) -> Iterable[tuple[Any, Any]]:
    """(column or its key, value) of what ``values()`` of a statement says."""
    values = getattr(statement, "_values", None)
    if values:
        return list(values.items())
    return list(getattr(statement, "_ordered_values", None) or ())


def source_of(value: Any, names: Names) -> Source:
    """Where a value comes from that a statement has: a bound parameter, an expression, or a plain value."""
    if getattr(value, "__visit_name__", "") == "bindparam":
        name = names.of(value)
        return () if name is None else name
    clause = value.__clause_element__() if hasattr(value, "__clause_element__") else value
    return names.inside(clause) if hasattr(clause, "__visit_name__") else names.holding(value) or ()


def multi_sources_of(table: Any, names: Names, row: Any, at: int) -> dict[str, Source]:
    """As ``sources_of``, of row ``at`` of an INSERT with several rows of VALUES."""
    pairs = row.items() if isinstance(row, dict) else zip(table.c, row, strict=False)
    sources: dict[str, Source] = {}
    for column, value in pairs:
        column = table.c.get(column) if isinstance(column, str) else column
        if column is None:
            continue
        name = f"{column.key}_m{at}"
        sources[str(column.name)] = name if name in names.assigned else source_of(value, names)
    for column in table.c:  # defaults, which the compiler adds to each row
        name = f"{column.key}_m{at}" if at else column.key
        if column.name not in sources and name in names.assigned:
            sources[str(column.name)] = name
    return sources


def selected_values(statement: Any, table: Any, names: Names) -> dict[str, Source]:
    """The columns of an INSERT … SELECT whose values have bound parameters in them, and these."""
    # the values come from other rows: what the statement itself brings in are the literals it selects
    wanted = [table.c.get(n) if isinstance(n, str) else n for n in statement._select_names or ()]
    chosen = list(getattr(statement.select, "selected_columns", ()) or ())
    return {
        str(getattr(column, "name", column)): inside
        for column, value in zip(wanted, chosen, strict=False)
        if column is not None and (inside := names.inside(value))
    }


def row_of(sources: Sequence[Source]) -> Callable[[Parameters], Sequence[Any]]:
    """A function from a statement's parameters to the values of ``sources``."""
    if all(isinstance(source, str) for source in sources):
        if len(sources) > 1:
            return itemgetter(*sources)
        if not sources:
            return lambda parameters: ()
        (only,) = sources
        return lambda parameters: (parameters[only],)  # type: ignore[index]
    return lambda parameters: tuple([_value(source, parameters) for source in sources])


def _value(source: Source, parameters: Parameters) -> Any:
    if source is None:
        return None
    if isinstance(source, str):
        return parameters.get(source)
    if isinstance(source, Either):
        return the_same_or_both(parameters.get(source.inserted), parameters.get(source.updated))
    return Expression(tuple([parameters.get(name) for name in source]))
