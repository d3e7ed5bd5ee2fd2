"""Which row a compiled statement writes: the primary key in its values, or in its WHERE."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from otel_provenance.boundaries.sqlalchemy.models import table_of
from otel_provenance.boundaries.sqlalchemy.sources import Names, Parameters, row_of


def key_columns_of(table: Any) -> tuple[str, ...]:
    """A table's primary key; of a light-weight ``table()``, that of the mapped table of its name."""
    key = tuple(str(column.name) for column in getattr(table, "primary_key", ()))
    if not key and not hasattr(table, "metadata"):
        known = table_of(str(getattr(table, "fullname", "")))
        return () if known is None else known.key
    return key


def key_in_where(statement: Any, table: Any, names: Names) -> Callable[[Parameters], Sequence[Any]] | None:
    """The row's key, where WHERE says ``key = parameter`` for each column of it."""
    key = key_columns_of(table)
    pinned: dict[str, str] = {}
    for clause in _conjunction(getattr(statement, "_where_criteria", ())):
        operator = getattr(clause, "operator", None)
        if getattr(operator, "__name__", "") != "eq":
            continue
        column, bind = clause.left, clause.right
        if getattr(bind, "__visit_name__", "") != "bindparam":
            column, bind = bind, column
        if getattr(bind, "__visit_name__", "") != "bindparam" or not _is_of(column, table):
            continue
        name = names.of(bind)
        if name is not None:
            pinned[column.name] = name
    if not key or not all(name in pinned for name in key):
        return None
    return row_of([pinned[name] for name in key])


def _is_of(column: Any, table: Any) -> bool:
    owner = getattr(column, "table", None)
    return owner is not None and getattr(owner, "fullname", "") == getattr(table, "fullname", None)


def _conjunction(clauses: Iterable[Any]) -> Iterator[Any]:
    for clause in clauses:
        operator = getattr(getattr(clause, "operator", None), "__name__", "")
        if operator == "and_" and hasattr(clause, "clauses"):
            yield from _conjunction(clause.clauses)
        else:
            yield clause


def key_list_in_where(statement: Any, table: Any, names: Names) -> str | None:
    """The parameter that lists the rows' keys, where all that WHERE says is ``key IN (…)``."""
    key = key_columns_of(table)
    clauses = list(_conjunction(getattr(statement, "_where_criteria", ())))
    if len(key) != 1 or len(clauses) != 1:
        return None
    (clause,) = clauses
    if getattr(getattr(clause, "operator", None), "__name__", "") != "in_op" or not _is_of(clause.left, table):
        return None
    if clause.left.name != key[0] or getattr(clause.right, "__visit_name__", "") != "bindparam":
        return None
    return names.of(clause.right)
