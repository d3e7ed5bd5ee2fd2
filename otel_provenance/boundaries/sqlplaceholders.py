"""The placeholders of a statement, marked before it is parsed.

Those of every paramstyle of PEP 249, and PostgreSQL's ``$1``.
"""

from __future__ import annotations

import re

from otel_provenance.boundaries.sqlplan import Bound

_PLACEHOLDER = re.compile(
    r"""(?P<skip>'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|/\*.*?\*/|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|::|:=|%%)
    |%\((?P<pyformat>[^)]+)\)s|(?P<format>%s)
    |\$(?P<dollar>\d+)|\$(?P<dollarname>[A-Za-z_]\w*)|@(?P<at>[A-Za-z_]\w*)
    |\?(?P<qmark>\d*)
    |(?<![\w:]):(?P<named>[A-Za-z_]\w*|\d+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)


def marked(statement: str, db_system: str) -> tuple[str, list[Bound]]:
    """The statement with its placeholders as ``:otelp0``, ``:otelp1``, …, and what each of them binds."""
    bound: list[Bound] = []
    position = 0
    is_format = "%s" in statement or "%(" in statement

    def replace(found: re.Match[str]) -> str:
        nonlocal position
        kind = found.lastgroup
        if found["skip"] is not None:
            return found[0].replace("%%", "%") if is_format else found[0]
        at: int | str
        if kind == "format" or (kind == "qmark" and not found["qmark"]):
            at, position = position, position + 1
        elif kind in ("qmark", "dollar") or (kind == "named" and found["named"].isdigit()):
            at = int(found[kind]) - 1
        elif kind == "at" and db_system != "sqlite":
            return found[0]  # a variable of the session
        elif kind == "dollarname" and db_system != "sqlite":
            return found[0]
        else:
            at = found[str(kind)]
        bound.append(Bound(at))
        return f":otelp{len(bound) - 1}"

    if db_system in ("mysql", "mariadb") and "\\" in statement:
        statement = _ESCAPED.sub(lambda found: _without_backslashes(found[0]), statement)
    return _PLACEHOLDER.sub(replace, statement), bound


def _without_backslashes(quoted: str) -> str:
    plain = re.sub(r"\\(.)", lambda e: {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}.get(e[1], e[1]), quoted[1:-1])
    return "'" + plain.replace("''", "'").replace("'", "''") + "'"
