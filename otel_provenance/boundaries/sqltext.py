"""SQL text → which tables and columns it writes, from which parameters and literals.

Read once for each statement text: the common shapes by ourselves (sqlshapes.py), all others by sqlglot. A
text that cannot be read is still known as a write, by its first word and its table.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from otel_provenance.boundaries.sqlplan import TextPlan
from otel_provenance.boundaries.sqlshapes import read_common_shape
from otel_provenance.guard import fault

LONGEST = 32_768
"""Characters of a statement that sqlglot parses; a longer one is known by its first word and its table only."""


class Control(NamedTuple):
    """A statement that controls the transaction."""

    verb: str
    """``begin``, ``commit``, ``rollback``, ``savepoint``, ``release``, ``rollback_to``."""
    savepoint: str = ""


_KEPT = 4096
"""Characters of a statement whose plan is kept; a longer one has its values in it, and does not come again."""
_LEAD = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*([A-Za-z]+)", re.DOTALL)
_WRITING = re.compile(r"\b(?:insert|update|delete|merge|replace)\b", re.IGNORECASE)
_NAME = r"[\w.\"`\[\]$]+"
_TABLE = re.compile(
    r"\b(?:(?:insert|replace)\b[^(]*?\binto|merge\s+into|update(?:\s+only)?|delete\s+from(?:\s+only)?|delete"
    rf"|truncate(?:\s+table)?(?:\s+only)?|copy|\binto\s+table)\s+({_NAME})",
    re.IGNORECASE,
)
_CONTROL = re.compile(
    r"""\s*(?:(?P<begin>begin|start\s+transaction)
    |(?P<rollback_to>rollback\s+(?:work\s+|transaction\s+)?to)(?:\s+savepoint)?\s+(?P<to>[\w"`]+)
    |(?P<commit>commit|end)(?!\s+prepared)
    |(?P<rollback>rollback|abort)(?!\s+prepared)
    |(?P<savepoint>savepoint)\s+(?P<set>[\w"`]+)
    |(?P<release>release)(?:\s+savepoint)?\s+(?P<off>[\w"`]+))(?:\s|;|$)""",
    re.IGNORECASE | re.VERBOSE,
)
_OPERATIONS = {
    "insert": "insert",
    "replace": "insert",
    "merge": "update",
    "copy": "insert",
    "load": "insert",
    "update": "update",
    "delete": "delete",
    "truncate": "delete",
}
_CONTROLS = frozenset({"begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"})


def first_word(statement: str) -> str:
    """The statement's first word in lower case, comments and parentheses passed over."""
    return _first_word(statement) if len(statement) <= _KEPT else _first_word.__wrapped__(statement)


@lru_cache(maxsize=512)
def _first_word(statement: str) -> str:
    found = _LEAD.match(statement)
    return found[1].lower() if found else ""


def control_of(statement: str) -> Control | None:
    """What the statement does to the transaction, if that is what it is for."""
    if first_word(statement) not in _CONTROLS:
        return None
    found = _CONTROL.match(statement)
    if found is None or found.lastgroup is None:
        return None
    verb = next(name for name in ("begin", "rollback_to", "commit", "rollback", "savepoint", "release") if found[name])
    name = found["to"] or found["set"] or found["off"] or ""
    return Control(verb, name.strip('"`'))


def is_write(statement: str) -> bool:
    """Whether a statement writes rows, by its first word; a quick look."""
    word = first_word(statement)
    return word in _OPERATIONS or (word == "with" and _WRITING.search(statement) is not None)


def plans_of_text(statement: str, db_system: str) -> tuple[TextPlan, ...]:
    """What a statement writes; empty for one that writes no rows.

    ``db_system`` is OpenTelemetry's ``db.system.name``. Placeholders of every paramstyle of PEP 249 are
    understood, and PostgreSQL's ``$1``.
    """
    read = _plans_of_text if len(statement) <= _KEPT else _plans_of_text.__wrapped__
    return read(statement, db_system)


@lru_cache(maxsize=512)
def _plans_of_text(statement: str, db_system: str) -> tuple[TextPlan, ...]:
    if not is_write(statement):
        return ()
    word = first_word(statement)
    common = read_common_shape(statement, db_system)
    if common is not None:
        return (common,)
    if len(statement) <= LONGEST and word not in ("copy", "load", "truncate"):
        plans = _read_any_shape(statement, db_system)
        if plans or word == "with":
            return plans
    found = _TABLE.search(statement)
    name = found[1] if found else ""
    return (TextPlan(_OPERATIONS.get(word, "update"), re.sub(r'["`\[\]]', "", name), is_readable=False),)


def _read_any_shape(statement: str, db_system: str) -> tuple[TextPlan, ...]:
    from otel_provenance.boundaries.sqltree import Reader

    try:
        return tuple(Reader(statement, db_system).plans())
    except Exception as error:  # noqa: BLE001  (sqlglot raises many kinds; its texts hold the statement)
        if type(error).__name__ not in ("ParseError", "TokenError", "UnsupportedError", "RecursionError"):
            fault("sqltext.parse", error)
        return ()
