"""An executed statement that is known as text only → StorageEvents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from otel_provenance.boundaries.rowcounts import rows_written
from otel_provenance.boundaries.sqlplan import Bound, Literal, Source, TextPlan, value_of
from otel_provenance.boundaries.sqltext import plans_of_text
from otel_provenance.events import StorageEvent


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
) -> Iterator[StorageEvent]:
    """What a statement wrote that ran once for each of ``executions`` (its parameters, as PEP 249 has them).

    ``told`` is the cursor's row count, -1 where there is none.
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
        count, is_certain = rows_written(plan, told, len(executions) * max(len(plan.rows), 1), True)
        nothing = count == 0
        yield StorageEvent(
            plan.operation,
            db_system,
            db_name,
            table.name,
            _columns(plan, table),
            () if nothing else [tuple([value_of(s, p) for s in row]) for p in executions for row in plan.rows],
            table.key if key else (),
            () if nothing or not key else [_key(sources, p) for p in executions for sources in key],
            None,
            count,
            is_certain=is_certain,
        )


def _columns(plan: TextPlan, table: KnownTable) -> tuple[str, ...]:
    if plan.columns[:1] == ("#1",) and len(table.columns) >= len(plan.columns):
        return table.columns[: len(plan.columns)]
    spelled = {name.lower(): name for name in table.columns}
    return tuple(spelled.get(name.lower(), name) for name in plan.columns)


def _key_sources(plan: TextPlan, table: KnownTable) -> list[tuple[Source, ...]] | None:
    """For each row where its primary key comes from; without a known table, a column ``id`` is taken for it."""
    if not table.key:
        return None
    if plan.operation == "insert":
        at = {name.lower(): at for at, name in enumerate(_columns(plan, table))}
        places = [at.get(name.lower()) for name in table.key]
        if None in places:
            return None
        found = [tuple([row[place] for place in places if place is not None]) for row in plan.rows]
    else:
        pinned = {name.lower(): source for name, source in plan.where or ()}
        found = [tuple([pinned.get(name.lower()) for name in table.key])]
    plain = all(isinstance(source, (Bound, Literal)) for sources in found for source in sources)
    return found if plain else None


def _key(sources: tuple[Source, ...], parameters: Any) -> Sequence[Any] | None:
    key = tuple([value_of(source, parameters) for source in sources])
    return None if None in key else key
