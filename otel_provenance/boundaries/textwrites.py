"""An executed statement that is known as text only → StorageEvents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from otel_provenance.boundaries.rowcounts import has_updated, rows_written
from otel_provenance.boundaries.sqlplan import Bound, Literal, Source, TextPlan, value_of
from otel_provenance.boundaries.sqltext import plans_of_text
from otel_provenance.events import Expression, StorageEvent


class KnownTable(NamedTuple):
    """What a boundary knows of a table that a text names."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


FindTable = Callable[[str], KnownTable | None]


def events_of_text(
    statement: str,
    executions: Sequence[Any],
    db_system: str,
    db_name: str | None,
    told: int,
    find_table: FindTable = lambda _name: None,
    *,
    times: int | None = None,
    tells_inserted: bool = False,
) -> Iterator[StorageEvent]:
    """What a statement wrote that ran once for each of ``executions`` (its parameters, as PEP 249 has them).

    ``told`` is the cursor's row count, -1 where there is none; ``times`` says how often it ran if ``executions``
    are not all; ``tells_inserted`` is as ``has_updated`` has it.
    """
    executions = executions or [()]
    if db_system == "sqlite" and "returning" in statement.lower():
        told = -1  # SQLite counts when the application has fetched all rows
    for plan in plans_of_text(statement, db_system):
        table = find_table(plan.table) or KnownTable(plan.table, (), ("id",))
        if not plan.is_readable:
            yield StorageEvent(
                plan.operation,
                db_system,
                db_name,
                table.name,
                row_count=told if plan.is_whole else -1,
                inspected="none",
            )
            continue
        key = _key_sources(plan, table)
        plan = plan._replace(rows_known=plan.rows_known or key is not None)
        asked = (times or len(executions)) * max(len(plan.rows), 1)
        count, is_certain = rows_written(plan, told, asked, True)
        if_inserted, if_updated = plan.if_inserted, plan.if_updated
        if if_inserted is not None and if_updated is not None and plan.rows_known and plan.is_whole:
            was_there = has_updated(db_system, told, asked, tells_inserted=tells_inserted)
            if was_there:
                plan = _with_key(if_updated, table, key)
            elif was_there is False:
                plan, key = if_inserted, _key_sources(if_inserted, table)
        nothing = count == 0
        rows = () if nothing else [tuple([value_of(s, p) for s in row]) for p in executions for row in plan.rows]
        yield StorageEvent(
            plan.operation,
            db_system,
            db_name,
            table.name,
            _columns(plan, table),
            rows,
            table.key if key else (),
            () if nothing or not key else [_key(sources, p) for p in executions for sources in key],
            None,
            count,
            is_certain=is_certain,
            unsure=_unsure(plan, table, rows) if plan.if_updated is not None else plan.unsure,
        )


def _unsure(plan: TextPlan, table: KnownTable, rows: Sequence[Sequence[Any]]) -> frozenset[str]:
    """Of an upsert, the columns of which the database does not tell what they have now."""
    columns = _columns(plan, table)
    places = [at for at, name in enumerate(plan.columns) if name in plan.unsure]
    either = [at for at, name in enumerate(plan.columns) if name in plan.either]
    places += [at for at in either if any(type(row[at]) is Expression for row in rows)]
    unsure = frozenset(columns[at] for at in places)
    return unsure.difference(_key_taken(plan, table, columns))


def _key_taken(plan: TextPlan, table: KnownTable, columns: Sequence[str]) -> frozenset[str]:
    """The primary key, where the rows have it and the statement does not say in which key they conflict."""
    spelled = {name.lower(): name for name in columns}
    key = [spelled.get(name.lower()) for name in table.key]
    if not plan.names_no_key or None in key or plan.if_inserted is None:
        return frozenset()
    return frozenset(name for name in key if name is not None)


def _with_key(updated: TextPlan, table: KnownTable, key: list[tuple[Source, ...]] | None) -> TextPlan:
    """An upsert that has updated, with the key that the rows have in common with those that were there."""
    names = {name.lower() for name in updated.columns}
    if not key or not names.isdisjoint(name.lower() for name in table.key):
        return updated
    rows = tuple((*of_key, *row) for of_key, row in zip(key, updated.rows, strict=True))
    return updated._replace(columns=(*table.key, *updated.columns), rows=rows)


def _columns(plan: TextPlan, table: KnownTable) -> tuple[str, ...]:
    spelled = {name.lower(): name for name in table.columns}
    numbered = dict(zip((f"#{at + 1}" for at in range(len(table.columns))), table.columns, strict=True))
    return tuple(numbered.get(name) or spelled.get(name.lower(), name) for name in plan.columns)


def _key_sources(plan: TextPlan, table: KnownTable) -> list[tuple[Source, ...]] | None:
    """For each row where its primary key comes from; without a known table, a column ``id`` is taken for it."""
    if not table.key:
        return None
    if plan.operation == "insert":
        columns = _columns(plan, table)
        at = {name.lower(): at for at, name in enumerate(columns)}
        places = [at.get(name.lower()) for name in table.key]
        if None in places:
            return None
        if plan.unsure and not {columns[place] for place in places if place is not None}.isdisjoint(
            _unsure(plan, table, ())
        ):
            return None  # the row that was there has a key of its own
        found = [tuple([row[place] for place in places if place is not None]) for row in plan.rows]
    else:
        pinned = {name.lower(): source for name, source in plan.where or ()}
        found = [tuple([pinned.get(name.lower()) for name in table.key])]
    plain = all(isinstance(source, (Bound, Literal)) for sources in found for source in sources)
    return found if plain else None


def _key(sources: tuple[Source, ...], parameters: Any) -> Sequence[Any] | None:
    key = tuple([value_of(source, parameters) for source in sources])
    return None if None in key else key
