"""An executed statement → StorageEvents, one for each table (and class) that it wrote."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

from otel_provenance.boundaries.rowcounts import has_updated, needs_count, rows_written
from otel_provenance.boundaries.sqlalchemy.models import table_of
from otel_provenance.boundaries.sqlalchemy.plans import Plan, plans_of
from otel_provenance.boundaries.sqltext import is_write
from otel_provenance.boundaries.textwrites import events_of_text
from otel_provenance.events import Expression, StorageEvent
from otel_provenance.spans.scope import is_suppressed
from otel_provenance.spans.writes import record_write
from otel_provenance.spans.written_rows import PendingWrite

_KEPT_COUNT = "_provenance_row_count"


def see_statement(context: Any, *, has_failed: bool = False) -> list[PendingWrite | None] | None:
    """What an execution context has just written, matched; None where it wrote nothing.

    ``has_failed`` says that one of its executions failed: it is then not known which rows were written.
    """
    compiled = context.compiled
    if compiled is None or context.is_text:
        if not is_write(context.statement) or is_suppressed():
            return None
        events = _text_events(context)
    else:
        plans = plans_of(compiled, context) if hasattr(compiled, "isinsert") else ()
        if not plans:
            return None
        if len(plans) == 1 and plans[0].is_plain and not has_failed:
            return [record_write(_plain_event(plans[0], context))]
        if is_suppressed():
            return None
        events = (event for plan in plans for event in _events(plan, context, has_failed=has_failed))
    return [record_write(event._replace(is_certain=False) if has_failed else event) for event in events]


def _plain_event(plan: Plan, context: Any) -> StorageEvent:
    """As ``_events``, of a plain plan."""
    parameters = _parameters(context)
    row_of, key_of = plan.groups[0], plan.keys[0]
    keys: list[Any] = []
    if key_of is not None:
        keys = [key_of(given) for given in parameters]
    elif plan.key_columns:
        keys = _generated_keys(context, len(parameters))
    dialect = context.dialect
    event: tuple[Any, ...] = (
        "insert",
        db_system_of(dialect),
        _database_name(dialect.name, context.root_connection.engine.url.database),
        _table_name(plan.table, context),
        plan.columns,
        [row_of(given) for given in parameters],
        plan.key_columns,
        [key if key is not None and None not in key else None for key in keys],
        plan.models.name,
        None,
        "full",
        True,
        None if context.compiled.post_compile_params else partial(_sent, plan, context),
        frozenset(),
    )
    made: StorageEvent = _new(StorageEvent, event)
    return made


_new: Any = tuple.__new__
"""Of a named tuple without the Python function that its class has for it."""


def _text_events(context: Any) -> Iterator[StorageEvent]:
    parameters = _text_parameters(context)
    is_sane = len(parameters) == 1 or context.dialect.supports_sane_multi_rowcount
    return events_of_text(
        context.statement,
        parameters,
        db_system_of(context.dialect),
        db_name_of(context.root_connection.engine),
        _told_count(context) if is_sane else -1,
        table_of,
    )


def _text_parameters(context: Any) -> Sequence[Any]:
    """The parameters of each execution: as the application gave them, not as a type of SQLAlchemy's made them."""
    compiled = context.compiled
    names = getattr(compiled, "positiontup", None)
    if names and not compiled.post_compile_params:
        return [[given.get(name) for name in names] for given in context.compiled_parameters]
    parameters: Sequence[Any] = context.parameters
    return parameters


def _events(plan: Plan, context: Any, *, has_failed: bool) -> Iterator[StorageEvent]:
    parameters = _parameters(context)
    told = _told_count(context) if needs_count(plan) and not has_failed else -1
    asked = len(parameters) * max(len(plan.groups), 1)
    count, is_certain = rows_written(plan, told, asked, _counts_each(context))
    if plan.if_updated is not None and plan.is_whole and has_updated(context.dialect.name, told, asked):
        plan = plan.if_updated
    keys = _keys(plan, context, parameters, has_failed)
    listed = _listed_keys(plan, context, parameters)
    if listed and count == len(listed):  # each of them was there
        keys, count, parameters = listed, None, [parameters[0]] * len(listed)
    for model, chosen in _by_model(plan, parameters).items():
        here = parameters if chosen is None else [parameters[at] for at in chosen]
        nothing = count == 0
        rows = () if nothing else [values(p) for p in here for values in plan.groups]
        yield StorageEvent(
            plan.operation,
            db_system_of(context.dialect),
            db_name_of(context.root_connection.engine),
            _table_name(plan.table, context),
            plan.columns,
            rows,
            plan.key_columns,
            () if nothing else keys if chosen is None or not keys else [keys[at] for at in chosen],
            model,
            count if chosen is None else None,
            _inspected(plan),
            is_certain=is_certain,
            unsure=_unsure(plan, rows) if plan.unsure or plan.either else plan.unsure,
            as_sent=_as_sent(plan, context) if chosen is None else None,
        )


def _unsure(plan: Plan, rows: Sequence[Sequence[Any]]) -> frozenset[str]:
    """Of an upsert, the columns of which the database does not tell what they have now."""
    places = [(name, plan.columns.index(name)) for name in plan.either]
    return plan.unsure.union(name for name, at in places if any(type(row[at]) is Expression for row in rows))


def _inspected(plan: Plan) -> str:
    """INSERT … SELECT copies values that are not seen; what the statement itself brings in is."""
    if plan.operation != "insert" or plan.rows_known:
        return "full"
    return "partial" if plan.columns else "none"


def _as_sent(plan: Plan, context: Any) -> Callable[[int, str], Any] | None:
    """What a type of SQLAlchemy's (a ``TypeDecorator``) made of a value for the driver."""
    return None if len(plan.groups) != 1 or context.compiled.post_compile_params else partial(_sent, plan, context)


def _sent(plan: Plan, context: Any, at: int, column: str) -> Any:
    name = plan.names.get(column)
    given = context.parameters[at] if name is not None and at < len(context.parameters) else ()
    if isinstance(given, dict):
        return given.get(name)
    places = context.compiled.positiontup or ()
    return given[places.index(name)] if name in places and len(given) == len(places) else None


def _by_model(plan: Plan, parameters: Sequence[Any]) -> dict[str | None, list[int] | None]:
    """Class → which rows are of it; None for all."""
    if plan.models.discriminator is None or len(plan.groups) != 1:
        return {plan.models.name: None}
    found: dict[str | None, list[int] | None] = {}
    for at, row in enumerate(parameters):
        found.setdefault(plan.models.of(row), []).append(at)  # type: ignore[union-attr]
    return found if len(found) > 1 else dict.fromkeys(found)


def _parameters(context: Any) -> Sequence[Any]:
    """The bound values of each execution, as the application gave them."""
    parameters: Sequence[Any] = context.compiled_parameters
    compiled = context.compiled
    if compiled.literal_execute_params:  # SQLAlchemy has written them into the statement, and taken them out here
        everything = compiled.construct_params(_check=False, extracted_parameters=context.extracted_parameters)
        parameters = [{**everything, **given} for given in parameters]
    return parameters


def _keys(plan: Plan, context: Any, parameters: Sequence[Any], has_failed: bool) -> list[Sequence[Any] | None]:
    if all(key is not None for key in plan.keys):
        keys = [key(p) for p in parameters for key in plan.keys if key is not None]
    elif plan.operation == "insert" and plan.is_whole and plan.key_columns and not (plan.may_skip or has_failed):
        keys = _generated_keys(context, len(parameters)) if len(plan.groups) == 1 else []
    else:
        return []
    return [key if key is not None and None not in key else None for key in keys]


def _listed_keys(plan: Plan, context: Any, parameters: Sequence[Any]) -> list[Sequence[Any] | None]:
    """Of WHERE key IN (…), the keys."""
    if plan.key_list is None or not plan.is_whole or len(parameters) != 1:
        return []
    names = (getattr(context, "_expanded_parameters", None) or {}).get(plan.key_list, ())
    return [(parameters[0].get(name),) for name in names]


def _generated_keys(context: Any, rows: int) -> list[Any]:
    statement = context.compiled.compile_state.statement
    if rows > 1 and not getattr(statement, "_sort_by_parameter_order", True):
        return []  # the database's rows come back in an order of its own
    keys = list(context.inserted_primary_key_rows or ())
    return keys if len(keys) == rows else []


def _counts_each(context: Any) -> bool:
    """Whether the driver's row count is right for what was just executed."""
    return bool(len(context.compiled_parameters) == 1 or context.dialect.supports_sane_multi_rowcount)


def keep_count(context: Any) -> None:
    """Keep what the driver says for when its cursor is closed."""
    context.__dict__[_KEPT_COUNT] = context.cursor.rowcount


def _told_count(context: Any) -> int:
    """What the driver says; -1 where it does not, as PEP 249 has it."""
    if getattr(context, "_is_explicit_returning", False) and context.dialect.name == "sqlite":
        return -1  # known only when the application has fetched all rows
    count = context.__dict__.get(_KEPT_COUNT)
    count = context.rowcount if count is None else count
    return count if isinstance(count, int) and count >= 0 else -1


_SYSTEMS = {"mssql": "microsoft.sql_server", "oracle": "oracle.db"}


def db_system_of(dialect: Any) -> str:
    """OpenTelemetry's ``db.system.name`` of a dialect."""
    name: str = dialect.name
    return _SYSTEMS.get(name, name)


def db_name_of(engine: Any) -> str | None:
    """The database's name; of a SQLite file, the file's name without its folder."""
    return _database_name(engine.dialect.name, engine.url.database)


@lru_cache(maxsize=256)
def _database_name(dialect: str, name: Any) -> str | None:
    if not name or name == ":memory:":
        return None
    return os.path.basename(name) if dialect == "sqlite" else str(name)


def _table_name(table: Any, context: Any) -> str:
    schema = getattr(table, "schema", None)
    translated = context.execution_options.get("schema_translate_map")
    if translated:
        schema = translated.get(schema, schema)
    name = str(table.name)  # not SQLAlchemy's quoted_name
    return f"{schema}.{name}" if schema else name
