"""What the value of a parsed SQL expression is made of: not what it only compares with, orders by or looks up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_TRUE_OR_FALSE = (
    *("Not", "RegexpLike", "RegexpILike", "SimilarTo", "Glob", "Escape", "MatchAgainst"),
    *("ArrayContains", "ArrayContainsAll", "ArrayContainedBy", "ArrayOverlaps", "JSONBContains", "JSONArrayContains"),
)
"""Those that not every version of sqlglot counts among its predicates."""
_WITHIN_ITS_FIRST = (
    *("Cast", "TryCast", "Join", "Nullif", "Window", "Filter", "Order", "Ordered", "Limit"),
    *("Bracket", "JSONExtract", "JSONExtractScalar", "JSONBExtract", "JSONBExtractScalar"),
)
_MADE_OF: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_TRUE_OR_FALSE, ()),
    **dict.fromkeys(("Where", "Having", "Group"), ()),
    **dict.fromkeys(_WITHIN_ITS_FIRST, ("this",)),
    **dict.fromkeys(("Union", "Except", "Intersect"), ("this", "expression", "with_", "with")),
    "Subquery": ("this", "with_", "with"),
    "Select": ("expressions", "from_", "from", "joins", "laterals", "with_", "with"),
    "Case": ("ifs", "default"),
    "If": ("true", "false"),
}
"""Kind of node → those of its parts that its value is made of; all of them where it is not named."""


def leaves_of(tree: Any) -> Iterator[Any]:
    """The placeholders, literals and columns that an expression's value is made of, from left to right.

    Among the columns is MySQL's ``VALUES(column)``.
    """
    from sqlglot import exp

    stack = [tree]
    while stack:
        node = stack.pop()
        is_own = isinstance(node, exp.Anonymous) and str(node.this).upper() == "VALUES"
        if is_own or isinstance(node, (exp.Placeholder, exp.Literal, exp.Column)):
            yield node
        elif not isinstance(node, (exp.Predicate, exp.Connector)):
            parts = _MADE_OF.get(type(node).__name__)
            children = list(node.args.values()) if parts is None else [node.args.get(name) for name in parts]
            for child in reversed(children):
                several = child if isinstance(child, list) else [child]
                stack += [each for each in reversed(several) if hasattr(each, "args")]
