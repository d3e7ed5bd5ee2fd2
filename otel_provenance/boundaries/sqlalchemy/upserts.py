"""What an upsert writes: the row that it inserts, or what it sets where the row is there already.

Which of the two happened, few databases tell. What is stored in either case is certain: the columns of the key
that the rows conflict in, and what is set to the value that would have been inserted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from otel_provenance.boundaries.sqlalchemy.sources import Either, Names, Source, column_name, source_of
from otel_provenance.boundaries.sqlalchemy.stored import leaves_of

_ROW_TO_INSERT = ("excluded", "inserted")
"""How SQLAlchemy calls the row that was to be inserted: of PostgreSQL's and SQLite's upserts, and of MySQL's."""


class Upsert(NamedTuple):
    """What an upsert writes, for each row of its VALUES."""

    merged: Sequence[Mapping[str, Source]]
    """What is stored if either may have happened."""
    updated: Sequence[Mapping[str, Source]]
    """What is stored if the row was there."""
    unsure: frozenset[str]
    """Columns that may not have the value of ``merged``."""
    either: tuple[str, ...]
    """Columns that have one parameter's value or another's: certain where these are equal."""

    def knows(self, key: Iterable[str]) -> bool:
        """Whether these columns are stored as they were to be inserted, whatever happened."""
        return not any(name in self.unsure or name in self.either for name in key)


def upsert_of(statement: Any, table: Any, names: Names, groups: Sequence[Mapping[str, Source]]) -> Upsert | None:
    """ON CONFLICT DO UPDATE, ON DUPLICATE KEY UPDATE; ``groups`` is where each row's values come from."""
    clause = getattr(statement, "_post_values_clause", None)
    pairs = getattr(clause, "update_values_to_set", None) or getattr(clause, "update", None)
    if not pairs:
        return None
    pairs = pairs.items() if hasattr(pairs, "items") else pairs
    assigned = {column_name(column, table): value for column, value in pairs}
    conflict = _conflict_of(clause, table, groups)
    merged, updated = [], []
    unsure: set[str] = set()
    either: dict[str, None] = {}
    for group in groups:
        sets = {name: _set_to(value, names, group) for name, value in assigned.items()}
        updated.append({**{name: group[name] for name in conflict if name in group}, **sets})
        merged.append({**group, **sets})
        for name in merged[-1]:
            given, to = group.get(name), sets.get(name)
            if name not in sets:
                if name not in conflict:
                    unsure.add(name)
            elif isinstance(given, str) and isinstance(to, str) and given != to:
                either[name] = None
                merged[-1][name] = Either(given, to)
            elif given != to:
                unsure.add(name)
                merged[-1][name] = to if given is None else (*_names(given), *_names(to))
    return Upsert(merged, updated, frozenset(unsure), tuple(either))


def _set_to(value: Any, names: Names, group: Mapping[str, Source]) -> Source:
    """Where a value that is set comes from, of the row to be inserted too."""
    clause = value.__clause_element__() if hasattr(value, "__clause_element__") else value
    if not hasattr(clause, "__visit_name__"):
        return source_of(value, names)
    if _is_of_the_row(clause):
        return group.get(str(clause.name))
    if clause.__visit_name__ == "bindparam":
        return source_of(clause, names)
    found: list[str] = []
    for leaf in leaves_of(clause):
        if _is_of_the_row(leaf):
            found += _names(group.get(str(leaf.name)))
        elif leaf.__visit_name__ == "bindparam":
            found += _names(names.of(leaf))
    return tuple(dict.fromkeys(found))


def _is_of_the_row(element: Any) -> bool:
    owner = getattr(element, "table", None)
    return getattr(owner, "__visit_name__", "") == "alias" and str(owner.name) in _ROW_TO_INSERT  # type: ignore[union-attr]


def _names(source: Source) -> tuple[str, ...]:
    if isinstance(source, str):
        return (source,)
    return source if isinstance(source, tuple) else ()


def _conflict_of(clause: Any, table: Any, groups: Sequence[Mapping[str, Source]]) -> frozenset[str]:
    """The columns in which the row that is there is like the one to be inserted; none where that is not known."""
    elements = getattr(clause, "inferred_target_elements", None)
    if elements:
        return frozenset(
            str(getattr(e, "name", e)) for e in elements if getattr(e, "__visit_name__", "column") == "column"
        )
    unique = _unique_keys(table)
    constraint = getattr(clause, "constraint_target", None)
    if constraint is not None:
        return unique.get(str(constraint), frozenset())
    # MySQL, which says no key: the primary key where the rows have it, else the one other key that they have
    given = [key for key in unique.values() if key and all(name in group for group in groups for name in key)]
    primary = frozenset(str(column.name) for column in getattr(table, "primary_key", ()))
    return primary if primary in given else given[0] if len(given) == 1 else frozenset()


def _unique_keys(table: Any) -> dict[str, frozenset[str]]:
    """Name (PostgreSQL's own where there is none) → columns, of the keys that a table is known to have."""
    found = {}
    for constraint in (*getattr(table, "constraints", ()), *getattr(table, "indexes", ())):
        kind = getattr(constraint, "__visit_name__", "")
        if kind in ("primary_key_constraint", "unique_constraint") or getattr(constraint, "unique", False):
            columns = [str(column.name) for column in constraint.columns]
            default = "pkey" if kind == "primary_key_constraint" else "_".join((*columns, "key"))
            found[str(constraint.name or f"{table.name}_{default}")] = frozenset(columns)
    return found
