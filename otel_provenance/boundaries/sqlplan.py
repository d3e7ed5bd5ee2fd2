"""What a statement of SQL text writes: its plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from otel_provenance.events import Expression, the_same_or_both


class Bound(NamedTuple):
    """A bound parameter: its position, or its name."""

    at: int | str


class Literal(NamedTuple):
    """A value that is written in the statement."""

    value: Any


class Computed(NamedTuple):
    """An expression: the database computes the value."""

    of: tuple[Bound | Literal, ...]


class Either(NamedTuple):
    """One value or another: an upsert's, which inserts or updates."""

    inserted: Bound | Literal
    updated: Bound | Literal


Source = Bound | Literal | Computed | Either | None


class TextPlan(NamedTuple):
    """What a statement's text, or one part of it, writes to one table."""

    operation: str
    table: str
    columns: tuple[str, ...] = ()
    """In their order; ``#1``, ``#2``, … where the statement names none."""
    rows: tuple[tuple[Source, ...], ...] = ()
    where: tuple[tuple[str, Bound | Literal], ...] | None = None
    """The conditions ``column = value`` that WHERE is a conjunction of; None where it says more, or nothing."""
    rows_known: bool = False
    """Whether the rows written are those of ``rows``: of an INSERT with VALUES."""
    may_skip: bool = False
    """Whether a row may stay unwritten: INSERT … ON CONFLICT, INSERT OR IGNORE."""
    is_whole: bool = True
    """False for a part of a statement: the cursor's row count is then another part's."""
    is_readable: bool = True
    unsure: frozenset[str] = frozenset()
    """Of an upsert, the columns that one of the two does not write."""
    either: tuple[str, ...] = ()
    """Of an upsert, the columns that it inserts and sets from values that need not be equal."""
    names_no_key: bool = False
    """Whether an upsert does not say in which key the rows conflict."""
    if_inserted: TextPlan | None = None
    """Of an upsert, what it writes where the rows are known not to have been there."""
    if_updated: TextPlan | None = None
    """… and where they are known to have been there."""


def value_of(source: Source, parameters: Any) -> Any:
    """The value that a source has in one execution; None where it has none."""
    if isinstance(source, Literal):
        return source.value
    if isinstance(source, Bound):
        return _bound_value(source.at, parameters)
    if isinstance(source, Either):
        return the_same_or_both(value_of(source.inserted, parameters), value_of(source.updated, parameters))
    if isinstance(source, Computed):
        return Expression(tuple([value_of(part, parameters) for part in source.of]))
    return None


def _bound_value(at: int | str, parameters: Any) -> Any:
    if isinstance(parameters, Mapping):
        return parameters.get(at)
    if isinstance(parameters, Sequence) and isinstance(at, int) and 0 <= at < len(parameters):
        return parameters[at]
    return None
