"""A statement of any shape, parsed by sqlglot → what it writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from otel_provenance.boundaries.sqlplaceholders import marked
from otel_provenance.boundaries.sqlplan import Bound, Computed, Literal, Source, TextPlan
from otel_provenance.boundaries.sqlstored import leaves_of
from otel_provenance.boundaries.sqlupserts import RowToInsert, upserting

_DIALECTS = {"postgresql": "postgres", "mariadb": "mysql", "microsoft.sql_server": "tsql", "oracle.db": "oracle"}
_REPLACE = re.compile(r"\A((?:\s+|--[^\n]*\n|/\*.*?\*/)*)replace\b(?=\s+(?:\w+\s+)?into\b)", re.IGNORECASE | re.DOTALL)


class Reader:
    """Reads a statement's syntax tree."""

    def __init__(self, statement: str, db_system: str) -> None:
        self._folds = db_system == "postgresql"
        statement = _REPLACE.sub(r"\1insert", statement, count=1)  # sqlglot knows no REPLACE INTO
        text, self._bound = marked(statement, db_system)
        self._trees = _parse(text, _DIALECTS.get(db_system, db_system))

    def plans(self) -> Iterator[TextPlan]:
        """What each part of the statement writes."""
        for tree in self._trees:
            if tree is None:
                continue
            kind = type(tree).__name__
            for cte in getattr(tree.args.get("with_") or tree.args.get("with"), "expressions", None) or ():
                if type(cte.this).__name__ in ("Insert", "Update", "Delete"):
                    yield from self._plan(cte.this, is_whole=False)
            if kind in ("Insert", "Update", "Delete", "Merge"):
                yield from self._plan(tree, is_whole=len(self._trees) == 1)

    def _plan(self, tree: Any, *, is_whole: bool) -> Iterator[TextPlan]:
        kind = type(tree).__name__
        if kind == "Insert":
            yield self._insert(tree, is_whole)
        elif kind == "Update":
            yield from self._updates(tree, is_whole)
        elif kind == "Delete":
            where = self._where(tree)
            tables = tree.args.get("tables") or ()
            yield TextPlan("delete", self._table(tables[0] if tables else tree.this), where=where, is_whole=is_whole)
        else:
            yield TextPlan("update", self._table(tree.this), is_whole=is_whole, is_readable=False)

    def _insert(self, tree: Any, is_whole: bool) -> TextPlan:
        target = tree.this
        named = [self._name(column) for column in target.expressions] if type(target).__name__ == "Schema" else []
        values = tree.expression
        rows: list[tuple[Source, ...]] = []
        rows_known = type(values).__name__ == "Values"
        if rows_known:
            rows = [tuple(self._source(v) for v in getattr(row, "expressions", [row])) for row in values.expressions]
        elif values is not None:  # INSERT … SELECT: what the statement itself brings in are the literals it selects
            chosen = [self._source(v.unalias()) for v in getattr(values, "selects", ())]
            rows = [tuple(Computed((s,)) if isinstance(s, (Bound, Literal)) else s for s in chosen)]
        width = max(map(len, rows), default=0)
        columns = named[:width] or [f"#{at + 1}" for at in range(width)]
        conflict = tree.args.get("conflict")
        may_skip = (
            conflict is not None
            or bool(tree.args.get("ignore"))
            or str(tree.args.get("alternative")).upper() == "IGNORE"
        )
        complete = tuple(row for row in rows if len(row) == len(columns))
        plan = TextPlan(
            "insert",
            self._table(target.this if named else target),
            tuple(columns),
            complete,
            None,
            rows_known,
            may_skip,
            is_whole,
            is_readable=rows_known or bool(complete),
        )
        if conflict is None or not conflict.expressions:
            return plan
        aliases = values.args.get("alias") if rows_known else None
        sets = [self._set_to(conflict, RowToInsert.of(columns, row, aliases)) for row in complete]
        return upserting(plan, sets, self._conflict_of(conflict, plan.table))

    def _set_to(self, conflict: Any, row: RowToInsert) -> dict[str, Source]:
        pairs = (pair for assignment in conflict.expressions for pair in _assigned(assignment))
        return {self._name(column): self._source(value, row) for column, value in pairs}

    def _conflict_of(self, conflict: Any, table: str) -> tuple[str, ...] | None:
        """The columns of the key that ON CONFLICT names; None for the primary key, which MySQL does not name."""
        constraint = conflict.args.get("constraint")
        if constraint is not None:
            is_primary = self._name(constraint) == f"{table.rpartition('.')[2]}_pkey"  # PostgreSQL's own name of it
            return None if is_primary else ()
        elements = [getattr(e, "this", None) if type(e).__name__ == "Ordered" else e for e in _keys(conflict)]
        return tuple(self._name(e) for e in elements if type(e).__name__ in ("Column", "Identifier")) or None

    def _updates(self, tree: Any, is_whole: bool) -> Iterator[TextPlan]:
        main = self._table(tree.this)
        aliases = {self._alias(table): self._table(table) for table in tree.find_all(_class("Table"))}
        by_table: dict[str, dict[str, Source]] = {}
        for assignment in tree.expressions:
            for column, value in _assigned(assignment):
                owner = aliases.get(getattr(column, "table", ""), main)
                by_table.setdefault(owner, {})[self._name(column)] = self._source(value)
        where = self._where(tree)
        for table, values in by_table.items():
            single = len(by_table) == 1
            yield TextPlan(
                "update",
                table,
                tuple(values),
                (tuple(values.values()),),
                where if single else None,
                is_whole=is_whole and single,
            )

    def _where(self, tree: Any) -> tuple[tuple[str, Bound | Literal], ...] | None:
        where = tree.args.get("where")
        if where is None or len(list(tree.find_all(_class("Table")))) != 1:
            return None
        pinned: list[tuple[str, Bound | Literal]] = []
        for condition in where.this.flatten() if type(where.this).__name__ == "And" else [where.this]:
            condition = condition.unnest()
            if type(condition).__name__ != "EQ":
                return None
            column, value = condition.this, self._source(condition.expression)
            if type(column).__name__ != "Column":
                column, value = condition.expression, self._source(condition.this)
            if type(column).__name__ != "Column" or not isinstance(value, (Bound, Literal)):
                return None
            pinned.append((self._name(column), value))
        return tuple(pinned)

    def _source(self, value: Any, row: RowToInsert | None = None) -> Source:
        kind = type(value).__name__
        while kind in ("Cast", "Paren", "TryCast", "Introducer"):
            value = value.expression if kind == "Introducer" else value.this
            kind = type(value).__name__
        if kind == "Placeholder":
            return self._placeholder(value)
        literal = _literal(value)
        if literal is not None:
            return literal
        own = None if row is None else row.value_of(value)
        if own is not None:
            return own
        parts: list[Bound | Literal] = []
        for part in leaves_of(value):
            found = self._placeholder(part) if type(part).__name__ == "Placeholder" else _literal(part)
            found = found if row is None else row.value_of(part) or found
            if isinstance(found, (Bound, Literal)):
                parts.append(found)
            elif isinstance(found, Computed):
                parts += found.of
        return Computed(tuple(parts))

    def _placeholder(self, value: Any) -> Source:
        name = str(value.this or "")
        return self._bound[int(name[5:])] if name.startswith("otelp") else Computed(())

    def _table(self, table: Any) -> str:
        table = table.find(_class("Table")) or table
        parts = [part for part in (table.args.get("db"), table.args.get("this")) if part is not None]
        return ".".join(self._name(part) for part in parts)

    def _alias(self, table: Any) -> str:
        return str(table.alias_or_name)

    def _name(self, part: Any) -> str:
        identifier = part if type(part).__name__ == "Identifier" else part.find(_class("Identifier"))
        name = str(part.name if identifier is None else identifier.this)
        is_quoted = identifier is not None and identifier.args.get("quoted")
        return name.lower() if self._folds and not is_quoted else name


def _assigned(assignment: Any) -> list[tuple[Any, Any]]:
    """(column, value) of an assignment of SET; of ``(a, b) = (…, …)``, each."""
    left, right = assignment.this, assignment.expression
    if type(left).__name__ == "Tuple":
        return list(zip(left.expressions, getattr(right, "expressions", ()), strict=False))
    return [(left, right)]


def _keys(conflict: Any) -> list[Any]:
    keys = conflict.args.get("conflict_keys") or []
    return list(keys) if isinstance(keys, list) else [keys]


def _literal(value: Any) -> Literal | None:
    kind = type(value).__name__
    if kind == "Literal":
        return Literal(value.this) if value.is_string else Literal(_number(value.this))
    if kind == "Neg" and type(value.this).__name__ == "Literal":
        return Literal(_number("-" + value.this.this))
    if kind in ("Null", "Boolean"):
        return Literal(None if kind == "Null" else bool(value.this))
    if kind in ("National", "RawString", "UnicodeString", "ByteString"):
        return Literal(str(value.this))
    if kind == "HexString":
        return Literal(bytes.fromhex(value.this))
    return None


def _number(text: str) -> Any:
    from decimal import Decimal

    return int(text) if text.lstrip("-").isdigit() else Decimal(text)


@lru_cache(maxsize=64)
def _class(name: str) -> Any:
    from sqlglot import exp

    return getattr(exp, name)


@lru_cache(maxsize=32)
def _dialect(name: str) -> tuple[Any, Any]:
    from sqlglot.dialects.dialect import Dialect

    dialect = Dialect.get(name)
    made = (dialect or Dialect)()

    class Quiet(type(made).parser_class):  # type: ignore[misc]
        """Does not log what it cannot read: the statement is personal data."""

        __slots__ = ()

        def _warn_unsupported(self) -> None:
            return None

    return made, Quiet


def _parse(text: str, name: str) -> list[Any]:
    from sqlglot import ErrorLevel

    dialect, parser = _dialect(name)
    trees: list[Any] = parser(dialect=dialect, error_level=ErrorLevel.RAISE).parse(dialect.tokenize(text), text)
    return trees
