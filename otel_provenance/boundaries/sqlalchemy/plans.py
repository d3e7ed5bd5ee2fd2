"""A compiled statement's plan: which tables and columns it writes, from which bound parameters.

A plan is made once for each compiled statement and kept on it: SQLAlchemy caches compiled statements, so a
row of a flush costs one look-up for each column. Bound values are those that the application gave, before
a ``TypeDecorator`` or a driver's processor changed them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from otel_provenance.boundaries.sqlalchemy.models import Models, models_of
from otel_provenance.events import Expression

Parameters = dict[str, Any]


class Plan(NamedTuple):
    """What one statement (or one part of it, such as a CTE) writes to one table."""

    operation: str
    table: Any
    """A ``Table`` or ``TableClause``."""
    columns: tuple[str, ...]
    groups: tuple[Callable[[Parameters], Sequence[Any]], ...]
    """For each row of a VALUES clause: from parameters to its values, in the order of ``columns``."""
    key_columns: tuple[str, ...]
    keys: tuple[Callable[[Parameters], Sequence[Any]] | None, ...]
    """For each of ``groups`` (or for the one deleted row): from parameters to its primary key."""
    models: Models
    is_whole: bool = True
    """False for a part of a statement: the cursor's row count is then another part's."""
    rows_known: bool = True
    """Whether the rows written are those of ``groups``; not for INSERT … SELECT or a WHERE without the key."""
    may_skip: bool = False
    """Whether a row may stay unwritten, or be an update: INSERT … ON CONFLICT, INSERT OR IGNORE."""


_MISSING: Any = object()


def plans_of(compiled: Any, context: Any) -> tuple[Plan, ...]:
    """The plans of a compiled statement, kept on it; none for one that writes nothing."""
    plans: tuple[Plan, ...] = compiled.__dict__.get("_provenance_plans", _MISSING)
    if plans is _MISSING:
        # a mapper's own cache of statements is what tells a flush from a statement of Core
        plans = compiled._provenance_plans = tuple(_make(compiled, "compiled_cache" in context.execution_options))
    return plans


def _make(compiled: Any, is_flush: bool) -> Iterator[Plan]:
    names = _Names(compiled, is_flush)
    for cte in getattr(compiled, "ctes", None) or ():
        element = getattr(cte, "element", None)
        if getattr(element, "is_dml", False):
            yield from _plans(element, getattr(element, "table", None), names, is_whole=False)
    if compiled.isinsert or compiled.isupdate or compiled.isdelete:
        state = compiled.compile_state
        statement = getattr(state, "statement", None)
        statement = compiled.statement if statement is None else statement
        table = getattr(state, "dml_table", None)
        yield from _plans(statement, statement.table if table is None else table, names, is_whole=True)


class _Names:
    """The names under which a compiled statement asks for its bound values."""

    def __init__(self, compiled: Any, is_flush: bool) -> None:
        self.is_flush = is_flush
        self.all = frozenset(compiled.binds)
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
        """The names of all bound parameters inside an expression."""
        from sqlalchemy.sql import visitors

        binds = (e for e in visitors.iterate(element) if getattr(e, "__visit_name__", "") == "bindparam")
        return tuple(name for name in map(self.of, binds) if name is not None)


def _plans(statement: Any, table: Any, names: _Names, *, is_whole: bool) -> Iterator[Plan]:
    kind = statement.__visit_name__
    if table is None or not hasattr(table, "c"):
        return
    if kind == "insert":
        yield _insert(statement, table, names, is_whole)
    elif kind == "update":
        yield from _updates(statement, table, names, is_whole)
    elif kind == "delete":
        key = _key_in_where(statement, table, names)
        yield Plan(
            "delete",
            table,
            (),
            (),
            _key_columns(table),
            (key,),
            models_of(statement, table, is_flush=names.is_flush),
            is_whole,
            key is not None,
        )


def _insert(statement: Any, table: Any, names: _Names, is_whole: bool) -> Plan:
    models = models_of(statement, table, is_flush=names.is_flush)
    if getattr(statement, "select", None) is not None:
        columns, getters = _select_values(statement, table, names)
        return Plan("insert", table, columns, (_row(getters),), (), (None,), models, is_whole, rows_known=False)
    sources = _sources(statement, table, names)
    groups = [sources]
    multi = [row for rows in getattr(statement, "_multi_values", ()) for row in rows]
    if multi:
        groups = [_multi_sources(table, names, row, at) for at, row in enumerate(multi)]
    overwrites = _overwritten(statement, table, names)
    columns = tuple(dict.fromkeys(name for group in (*groups, overwrites) for name in group))
    key = _key_columns(table)
    given = [[group.get(name) for name in key] if key else [None] for group in groups]
    return Plan(
        "insert",
        table,
        columns,
        tuple(_row([group.get(c) or overwrites.get(c) for c in columns]) for group in groups),
        key,
        tuple(_row(sources) if all(isinstance(s, str) for s in sources) else None for sources in given),
        models,
        is_whole,
        rows_known=True,
        may_skip=getattr(statement, "_post_values_clause", None) is not None or bool(statement._prefixes),
    )


def _updates(statement: Any, table: Any, names: _Names, is_whole: bool) -> Iterator[Plan]:
    sources = _sources(statement, table, names)
    models = models_of(statement, table, is_flush=names.is_flush)
    key = _key_in_where(statement, table, names)
    others: dict[Any, dict[str, _Source]] = {}
    for column, value in _assigned(statement):
        other = getattr(column, "table", None)
        if other is not None and getattr(other, "fullname", None) != getattr(table, "fullname", None):
            name = f"{other.name}_{column.key}"
            source = name if name in names.all else _source(value, names)
            others.setdefault(other, {})[str(column.name)] = source
            sources.pop(column.name, None)
    if sources or not others:
        yield _update(table, sources, key, models, is_whole and not others)
    for other, values in others.items():
        yield _update(other, values, None, Models(), False)


def _update(table: Any, sources: dict[str, _Source], key: Any, models: Models, is_whole: bool) -> Plan:
    columns = tuple(sources)
    values = _row(list(sources.values()))
    return Plan("update", table, columns, (values,), _key_columns(table), (key,), models, is_whole, key is not None)


# --- where a column's value comes from -----------------------------------------------------------------

_Source = str | tuple[str, ...] | None
"""A parameter's name; the names inside an expression; None where the column is not written in this row."""


def _sources(statement: Any, table: Any, names: _Names) -> dict[str, _Source]:
    # SQLAlchemy reserves a column's key as the name of the parameter that is its value
    sources: dict[str, _Source] = {str(c.name): c.key for c in table.c if c.key in names.all}
    for column, value in _assigned(statement):
        name = _column_name(column, table)
        if name not in sources:
            sources[name] = _source(value, names)
    return sources


def _column_name(column: Any, table: Any) -> str:
    """A column's name in the database, of a column or of its key; as text, not as SQLAlchemy's ``quoted_name``."""
    known = table.c.get(column) if isinstance(column, str) else column
    return str(getattr(known, "name", column))


def _assigned(statement: Any) -> Iterable[tuple[Any, Any]]:
    values = getattr(statement, "_values", None)
    if values:
        return list(values.items())
    return list(getattr(statement, "_ordered_values", None) or ())


def _source(value: Any, names: _Names) -> _Source:
    if getattr(value, "__visit_name__", "") == "bindparam":
        name = names.of(value)
        return () if name is None else name
    clause = value.__clause_element__() if hasattr(value, "__clause_element__") else value
    return names.inside(clause) if hasattr(clause, "__visit_name__") else names.holding(value) or ()


def _multi_sources(table: Any, names: _Names, row: Any, at: int) -> dict[str, _Source]:
    pairs = row.items() if isinstance(row, dict) else zip(table.c, row, strict=False)
    sources: dict[str, _Source] = {}
    for column, value in pairs:
        column = table.c.get(column) if isinstance(column, str) else column
        if column is None:
            continue
        name = f"{column.key}_m{at}"
        sources[str(column.name)] = name if name in names.all else _source(value, names)
    for column in table.c:  # defaults, which the compiler adds to each row
        name = f"{column.key}_m{at}" if at else column.key
        if column.name not in sources and name in names.all:
            sources[str(column.name)] = name
    return sources


def _overwritten(statement: Any, table: Any, names: _Names) -> dict[str, _Source]:
    """What an upsert sets where the row is there already: ON CONFLICT DO UPDATE, ON DUPLICATE KEY UPDATE."""
    clause = getattr(statement, "_post_values_clause", None)
    if clause is None:
        return {}
    pairs = getattr(clause, "update_values_to_set", None) or getattr(clause, "update", None) or ()
    overwrites: dict[str, _Source] = {}
    for column, value in pairs.items() if hasattr(pairs, "items") else pairs:
        inside = _source(value, names)
        if inside:
            overwrites[_column_name(column, table)] = inside
    return overwrites


def _select_values(statement: Any, table: Any, names: _Names) -> tuple[tuple[str, ...], list[_Source]]:
    # the values come from other rows: what the statement itself brings in are the literals it selects
    wanted = [table.c.get(n) if isinstance(n, str) else n for n in statement._select_names or ()]
    chosen = list(getattr(statement.select, "selected_columns", ()) or ())
    found = {
        str(getattr(column, "name", column)): inside
        for column, value in zip(wanted, chosen, strict=False)
        if column is not None and (inside := names.inside(value))
    }
    return tuple(found), list(found.values())


def _row(sources: Sequence[_Source]) -> Callable[[Parameters], Sequence[Any]]:
    """A function from a statement's parameters to the values of ``sources``."""
    if all(isinstance(source, str) for source in sources):
        if len(sources) > 1:
            return itemgetter(*sources)
        if not sources:
            return lambda parameters: ()
        (only,) = sources
        return lambda parameters: (parameters[only],)  # type: ignore[index]
    return lambda parameters: tuple([_value(source, parameters) for source in sources])


def _value(source: _Source, parameters: Parameters) -> Any:
    if source is None:
        return None
    if isinstance(source, str):
        return parameters.get(source)
    return Expression(tuple([parameters.get(name) for name in source]))


# --- which row ------------------------------------------------------------------------------------------


def _key_columns(table: Any) -> tuple[str, ...]:
    return tuple(str(column.name) for column in getattr(table, "primary_key", ()))


def _key_in_where(statement: Any, table: Any, names: _Names) -> Callable[[Parameters], Sequence[Any]] | None:
    """The row's key, where WHERE says ``key = parameter`` for each column of it."""
    key = _key_columns(table)
    pinned: dict[str, str] = {}
    for clause in _conjunction(getattr(statement, "_where_criteria", ())):
        operator = getattr(clause, "operator", None)
        if getattr(operator, "__name__", "") != "eq":
            continue
        column, bind = clause.left, clause.right
        if getattr(bind, "__visit_name__", "") != "bindparam":
            column, bind = bind, column
        if getattr(bind, "__visit_name__", "") != "bindparam" or not _belongs(column, table):
            continue
        name = names.of(bind)
        if name is not None:
            pinned[column.name] = name
    if not key or not all(name in pinned for name in key):
        return None
    return _row([pinned[name] for name in key])


def _belongs(column: Any, table: Any) -> bool:
    owner = getattr(column, "table", None)
    return owner is not None and getattr(owner, "fullname", "") == getattr(table, "fullname", None)


def _conjunction(clauses: Iterable[Any]) -> Iterator[Any]:
    for clause in clauses:
        operator = getattr(getattr(clause, "operator", None), "__name__", "")
        if operator == "and_" and hasattr(clause, "clauses"):
            yield from _conjunction(clause.clauses)
        else:
            yield clause
