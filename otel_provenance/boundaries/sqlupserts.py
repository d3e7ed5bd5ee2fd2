"""What an upsert's text writes: the row that it inserts, or what it sets where the row is there already.

Which of the two happened, few databases tell. What is stored in either case is certain: the columns of the key
that the rows conflict in, and what is set to the value that would have been inserted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from otel_provenance.boundaries.sqlplan import Bound, Computed, Either, Literal, Source, TextPlan


class RowToInsert(NamedTuple):
    """The row that was to be inserted, as an assignment names it."""

    values: Mapping[str, Source]
    """By their columns in lower case."""
    names: frozenset[str]
    """Of the row: ``excluded``, or what MySQL's VALUES … AS says."""
    columns: Mapping[str, str]
    """What MySQL's VALUES … AS row(…) calls its columns."""

    @classmethod
    def of(cls, columns: Sequence[str], row: Sequence[Source], alias: Any) -> RowToInsert:
        """A row of VALUES; ``alias`` is sqlglot's node for what it is called."""
        plain = [name.lower() for name in columns]
        called = [str(node.name).lower() for node in getattr(alias, "columns", None) or ()]
        names = frozenset({"excluded"} if alias is None else {"excluded", str(alias.name).lower()})
        return cls(dict(zip(plain, row, strict=True)), names, dict(zip(called, plain, strict=False)))

    def value_of(self, node: Any) -> Source:
        """What a node stands for, if it is a column of this row."""
        name = str(getattr(node, "name", "")).lower()
        kind = type(node).__name__
        if kind == "Anonymous" and name == "values" and len(node.expressions) == 1:  # MySQL's VALUES(column)
            return self.values.get(str(node.expressions[0].name).lower(), Computed(()))
        if kind != "Column":
            return None
        owner = str(node.table).lower()
        if owner in self.names or (not owner and name in self.columns):
            return self.values.get(self.columns.get(name, name), Computed(()))
        return None


def upserting(plan: TextPlan, sets: Sequence[Mapping[str, Source]], conflict: tuple[str, ...] | None) -> TextPlan:
    """The plan of an upsert: ``plan`` of what it inserts, ``sets`` of what it sets for each of the rows.

    ``conflict`` are the columns of the key in which the rows conflict; None where the statement does not say.
    """
    given = {name.lower(): at for at, name in enumerate(plan.columns)}
    set_names = {name.lower(): name for row in sets for name in row}
    # what is computed of nothing known, and is not inserted either, tells nothing
    added = [
        name
        for key, name in set_names.items()
        if key not in given and any(_value(row, key) not in (None, Computed(())) for row in sets)
    ]
    in_conflict = [name.lower() for name in conflict or ()]
    unsure = {plan.columns[at] for key, at in given.items() if key not in in_conflict and key not in set_names}
    either: dict[str, None] = {}
    merged: list[tuple[Source, ...]] = []
    updated: list[tuple[Source, ...]] = []
    kept = [at for key, at in given.items() if key in in_conflict and key not in set_names]
    for row, assigned in zip(plan.rows, sets, strict=True):
        values: list[Source] = []
        for name, inserted in zip(plan.columns, row, strict=True):
            to = _value(assigned, name.lower()) if name.lower() in set_names else inserted
            values.append(inserted if to == inserted else _of_both(inserted, to))
            if isinstance(values[-1], Either):
                either[name] = None
            elif to != inserted:
                unsure.add(name)
        merged.append((*values, *(_value(assigned, name.lower()) for name in added)))
        updated.append((*(row[at] for at in kept), *(_value(assigned, key) for key in set_names)))
    return plan._replace(
        columns=(*plan.columns, *added),
        rows=tuple(merged),
        unsure=frozenset({*unsure, *added}),
        either=tuple(either),
        names_no_key=conflict is None,
        if_inserted=plan,
        if_updated=plan._replace(
            columns=(*(plan.columns[at] for at in kept), *set_names.values()), rows=tuple(updated)
        ),
    )


def _value(assigned: Mapping[str, Source], key: str) -> Source:
    return next((source for name, source in assigned.items() if name.lower() == key), None)


def _of_both(inserted: Source, updated: Source) -> Source:
    plain = (Bound, Literal)
    if isinstance(inserted, plain) and isinstance(updated, plain):
        return Either(inserted, updated)
    return Computed((*_parts(inserted), *_parts(updated)))


def _parts(source: Source) -> tuple[Bound | Literal, ...]:
    if isinstance(source, (Bound, Literal)):
        return (source,)
    return source.of if isinstance(source, Computed) else ()
