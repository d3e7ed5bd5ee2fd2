"""What the value of a SQLAlchemy expression is made of: not what it only compares with, orders by or looks up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

_LOGIC = frozenset({"and_", "or_", "inv", "exists", "xor_", "istrue", "isfalse", "any_op", "all_op"})
_LOOKUPS = frozenset({"getitem", "json_getitem_op", "json_path_getitem_op"})
_COMPARING = frozenset({"=", "==", "<>", "!=", "<", "<=", ">", ">=", "<=>", "~", "~*", "@>", "<@", "&&", "?", "REGEXP"})
"""What an application may have spelled out: ``column.op("@>")(…)``."""
_LOOKING_UP = frozenset({"->", "->>", "#>", "#>>"})
_OPERATIONS = frozenset({"binary", "unary", "clauselist", "expression_clauselist"})


def leaves_of(element: Any) -> Iterator[Any]:
    """The bound parameters, and columns of tables, that an expression's value is made of."""
    seen: set[int] = set()
    stack = [element]
    while stack:
        part = stack.pop()
        kind = getattr(part, "__visit_name__", "")
        if kind == "bindparam":
            yield part
        elif kind == "column":
            made_of = _derived_from(part)
            if not made_of:
                yield part
            elif id(part) not in seen:  # a recursive CTE is made of itself
                seen.add(id(part))
                stack += made_of
        else:
            stack += reversed([each for each in _parts(part, kind) if each is not None])


def _parts(element: Any, kind: str) -> Iterable[Any]:
    if kind in _OPERATIONS:
        return _operands(element, kind)
    if kind == "case":
        return [*(result for _, result in element.whens), element.else_]
    if kind == "compound_select":
        return list(element.selects)
    if hasattr(element, "selected_columns"):
        return list(element.selected_columns)
    if kind in ("over", "funcfilter"):  # not PARTITION BY, ORDER BY, FILTER
        return [element.element if kind == "over" else element.func]
    if kind == "aggregate_order_by":
        return [element.target]
    if kind == "function":
        return _arguments(element)
    return list(element.get_children()) if hasattr(element, "get_children") else ()


def _operands(element: Any, kind: str) -> Iterable[Any]:
    from sqlalchemy import Boolean
    from sqlalchemy.sql import operators

    operator = getattr(element, "operator", None)
    spelled = getattr(operator, "opstring", "")
    name = getattr(operator, "__name__", "")
    if name in _LOOKUPS or spelled in _LOOKING_UP:
        return [element.left]
    is_true_or_false = isinstance(getattr(element, "type", None), Boolean)
    if is_true_or_false or name in _LOGIC or spelled.upper() in _COMPARING:
        return ()
    if operator is not None and operators.is_comparison(operator):
        return ()
    return [element.left, element.right] if kind == "binary" else list(element.get_children())


def _arguments(function: Any) -> Iterable[Any]:
    """All that a function is given, but for the conditions of those that choose."""
    name = str(getattr(function, "name", "")).lower()
    if name == "nullif":
        return list(function.clauses)[:1]
    if name in ("if", "iif"):
        return list(function.clauses)[1:]
    return list(function.get_children())


def _derived_from(column: Any) -> list[Any]:
    """What a column of a subquery, or of a function's rows, stands for; nothing for a table's."""
    owner: Any = getattr(column, "table", None)
    kind = getattr(owner, "__visit_name__", "")
    if kind in ("subquery", "cte", "lateral"):
        return list(getattr(column, "_proxies", ()))
    if kind == "table_valued_alias":
        return [owner.element]
    return []
