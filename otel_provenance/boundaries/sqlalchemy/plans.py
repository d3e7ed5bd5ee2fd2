"""A compiled statement's plan: which tables and columns it writes, from which bound parameters.

A plan is made once for each compiled statement and kept on it: SQLAlchemy caches compiled statements, so a
row of a flush costs one look-up for each column. Bound values are those that the application gave, before
a ``TypeDecorator`` or a driver's processor changed them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from otel_provenance.boundaries.sqlalchemy.models import Models, models_of
from otel_provenance.boundaries.sqlalchemy.row_keys import key_columns_of, key_in_where, key_list_in_where
from otel_provenance.boundaries.sqlalchemy.sources import (
    Names,
    Parameters,
    Source,
    assigned_by,
    multi_sources_of,
    row_of,
    selected_values,
    source_of,
    sources_of,
)
from otel_provenance.boundaries.sqlalchemy.upserts import Upsert, upsert_of


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
    key_list: str | None = None
    """The parameter that lists the rows' keys: WHERE key IN (…), of a key of one column."""
    names: Mapping[str, str] = {}
    """Column → the parameter that is its value, where there is one row."""
    may_skip: bool = False
    """Whether a row may stay unwritten, or be an update: INSERT … ON CONFLICT, INSERT OR IGNORE."""
    unsure: frozenset[str] = frozenset()
    """Of an upsert, the columns that one of the two does not write."""
    either: tuple[str, ...] = ()
    """Of an upsert, the columns that it inserts and sets from parameters that need not be equal."""
    if_updated: Plan | None = None
    """Of an upsert, what it writes where the rows are known to have been there."""

    @property
    def is_plain(self) -> bool:
        """Whether it inserts one row for each execution, each of one class: as nearly all do."""
        return (
            self.operation == "insert"
            and self.is_whole
            and self.rows_known
            and len(self.groups) == 1
            and self.models.discriminator is None
            and not (self.may_skip or self.unsure or self.either or self.if_updated)
        )


NOTHING_WRITTEN: tuple[Plan, ...] = ()
"""The plans of a statement that only reads: always this very object."""
_MISSING: Any = object()


def plans_of(compiled: Any, context: Any) -> tuple[Plan, ...]:
    """The plans of a compiled statement, kept on it; none for one that writes nothing."""
    plans: tuple[Plan, ...] = compiled.__dict__.get("_provenance_plans", _MISSING)
    if plans is _MISSING:
        # a mapper's own cache of statements is what tells a flush from a statement of Core
        plans = tuple(_make(compiled, "compiled_cache" in context.execution_options)) or NOTHING_WRITTEN
        compiled._provenance_plans = plans
    return plans


def _make(compiled: Any, is_flush: bool) -> Iterator[Plan]:
    parts = [e for cte in getattr(compiled, "ctes", None) or () if getattr(e := cte.element, "is_dml", False)]
    if not (parts or compiled.isinsert or compiled.isupdate or compiled.isdelete):
        return  # it reads
    names = Names(compiled, is_flush)
    for element in parts:
        yield from _plans(element, getattr(element, "table", None), names, is_whole=False)
    if compiled.isinsert or compiled.isupdate or compiled.isdelete:
        state = compiled.compile_state
        statement = getattr(state, "statement", None)
        statement = compiled.statement if statement is None else statement
        table = getattr(state, "dml_table", None)
        yield from _plans(statement, statement.table if table is None else table, names, is_whole=True)


def _plans(statement: Any, table: Any, names: Names, *, is_whole: bool) -> Iterator[Plan]:
    kind = statement.__visit_name__
    if table is None or not hasattr(table, "c"):
        return
    if kind == "insert":
        yield _insert(statement, table, names, is_whole)
    elif kind == "update":
        yield from _updates(statement, table, names, is_whole)
    elif kind == "delete":
        key = key_in_where(statement, table, names)
        yield Plan(
            "delete",
            table,
            (),
            (),
            key_columns_of(table),
            (key,),
            models_of(statement, table, is_flush=names.is_flush),
            is_whole,
            key is not None,
            None if key is not None else key_list_in_where(statement, table, names),
        )


def _insert(statement: Any, table: Any, names: Names, is_whole: bool) -> Plan:
    models = models_of(statement, table, is_flush=names.is_flush)
    if getattr(statement, "select", None) is not None:
        groups: Sequence[Mapping[str, Source]] = [selected_values(statement, table, names)]
        columns = _columns_of(groups)
        plan = Plan(
            "insert", table, columns, _rows_of(groups, columns), (), (None,), models, is_whole, rows_known=False
        )
        upsert = upsert_of(statement, table, names, groups)
        return plan if upsert is None else _upserting(plan, upsert)._replace(if_updated=None)
    sources = sources_of(statement, table, names)
    groups = [sources]
    multi = [row for rows in getattr(statement, "_multi_values", ()) for row in rows]
    if multi:
        groups = [multi_sources_of(table, names, row, at) for at, row in enumerate(multi)]
    columns = _columns_of(groups)
    key = key_columns_of(table)
    given = [[group.get(name) for name in key] if key else [None] for group in groups]
    plan = Plan(
        "insert",
        table,
        columns,
        _rows_of(groups, columns),
        key,
        tuple(row_of(sources) if all(isinstance(s, str) for s in sources) else None for sources in given),
        models,
        is_whole,
        rows_known=True,
        names=_plain_names(groups[0]) if len(groups) == 1 else {},
        may_skip=getattr(statement, "_post_values_clause", None) is not None or bool(statement._prefixes),
    )
    upsert = upsert_of(statement, table, names, groups)
    return plan if upsert is None else _upserting(plan, upsert)


def _upserting(plan: Plan, upsert: Upsert) -> Plan:
    if not upsert.knows(plan.key_columns):  # the row that was there has a key of its own
        plan = plan._replace(keys=(None,) * len(plan.keys))
    written = _columns_of(upsert.updated)
    columns = _columns_of(upsert.merged)
    return plan._replace(
        columns=columns,
        groups=_rows_of(upsert.merged, columns),
        unsure=upsert.unsure,
        either=upsert.either,
        if_updated=plan._replace(columns=written, groups=_rows_of(upsert.updated, written), names={}),
    )


def _columns_of(groups: Sequence[Mapping[str, Source]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))


def _rows_of(
    groups: Sequence[Mapping[str, Source]], columns: Sequence[str]
) -> tuple[Callable[[Parameters], Sequence[Any]], ...]:
    return tuple(row_of([group.get(name) for name in columns]) for group in groups)


def _updates(statement: Any, table: Any, names: Names, is_whole: bool) -> Iterator[Plan]:
    sources = sources_of(statement, table, names)
    models = models_of(statement, table, is_flush=names.is_flush)
    key = key_in_where(statement, table, names)
    others: dict[Any, dict[str, Source]] = {}
    for column, value in assigned_by(statement):
        other = getattr(column, "table", None)
        if other is not None and getattr(other, "fullname", None) != getattr(table, "fullname", None):
            name = f"{other.name}_{column.key}"
            source = name if name in names.assigned else source_of(value, names)
            others.setdefault(other, {})[str(column.name)] = source
            sources.pop(column.name, None)
    if sources or not others:
        whole = is_whole and not others
        key_list = key_list_in_where(statement, table, names) if key is None and whole else None
        yield _update(table, sources, key, models, whole)._replace(key_list=key_list)
    for other, values in others.items():
        yield _update(other, values, None, Models(), False)


def _update(table: Any, sources: dict[str, Source], key: Any, models: Models, is_whole: bool) -> Plan:
    columns = tuple(sources)
    values = row_of(list(sources.values()))
    key_columns = key_columns_of(table)
    plan = Plan("update", table, columns, (values,), key_columns, (key,), models, is_whole, key is not None)
    return plan._replace(names=_plain_names(sources))


def _plain_names(sources: Mapping[str, Source]) -> dict[str, str]:
    return {column: source for column, source in sources.items() if isinstance(source, str)}
