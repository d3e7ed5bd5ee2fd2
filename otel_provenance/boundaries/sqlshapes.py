"""The common shapes of writing statements, read without a parser library: it takes 0.3 s to import.

INSERT … VALUES, UPDATE … SET … WHERE and DELETE … WHERE of one table, with placeholders and plain literals.
Anything else is given up at once (None), and is sqlglot's to read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from otel_provenance.boundaries.sqlplan import Bound, Computed, Literal, Source, TextPlan

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^']|'')*')
    |(?P<word>[A-Za-z_][\w$]*)
    |(?P<number>\d+(?:\.\d+)?(?![\w.]))
    |(?P<quoted>"(?:[^"]|"")+"|`[^`]+`)
    |(?P<placeholder>%s|%\([^)]+\)s|\?\d*|\$\d+|(?<![\w:]):\w+)
    |(?P<sign>[(),.=;*-])
    |(?P<end>$)
    |(?P<other>.))""",
    re.VERBOSE | re.DOTALL,
)
_CONSTANTS: dict[str, Literal | Computed] = {
    "null": Literal(None),
    "true": Literal(True),
    "false": Literal(False),
    "default": Computed(()),
}


class _GiveUp(Exception):
    """The statement has another shape."""


def read_common_shape(statement: str, db_system: str) -> TextPlan | None:
    """The plan of a statement of a common shape, as sqlglot would give it; None for any other."""
    if "--" in statement or "/*" in statement or "$$" in statement or "::" in statement:
        return None
    if db_system in ("mysql", "mariadb") and ("\\" in statement or '"' in statement):
        return None  # escapes, and strings in double quotes
    try:
        return _Shape(statement, folds=db_system == "postgresql").plan()
    except _GiveUp:
        return None


class _Shape:
    """A statement while it is read, token by token."""

    def __init__(self, statement: str, *, folds: bool) -> None:
        self._next: Callable[[], re.Match[str] | None] = _TOKEN.scanner(statement).match  # type: ignore[attr-defined]
        self._folds = folds
        self._position = 0
        self._is_format = "%s" in statement or "%(" in statement
        self.kind: str = ""
        self.text: str = ""
        self._advance()

    def plan(self) -> TextPlan:
        verb = self._word()
        if verb == "insert":
            return self._insert()
        if verb == "update":
            return self._update()
        if verb == "delete":
            self._expect("from")
            table = self._table()
            where = self._where()
            return TextPlan("delete", table, where=where)
        raise _GiveUp

    def _insert(self) -> TextPlan:
        may_skip = False
        if self._is("or"):
            self._advance()
            alternative = self._word()
            if alternative not in ("ignore", "replace"):
                raise _GiveUp
            may_skip = alternative == "ignore"
        elif self._is("ignore"):
            self._advance()
            may_skip = True
        self._expect("into")
        table = self._table()
        columns = self._names() if self.text == "(" else None
        self._expect("values")
        rows = [self._row()]
        while self.text == ",":
            self._advance()
            rows.append(self._row())
        if self._is("returning"):
            pass  # what it gives back is not written
        else:
            self._end()
        width = len(rows[0])
        if any(len(row) != width for row in rows) or (columns is not None and len(columns) != width):
            raise _GiveUp
        named = tuple(columns) if columns is not None else tuple(f"#{at + 1}" for at in range(width))
        return TextPlan("insert", table, named, tuple(rows), rows_known=True, may_skip=may_skip)

    def _update(self) -> TextPlan:
        table = self._table()
        self._expect("set")
        values: dict[str, Source] = {}
        while True:
            name = self._name()
            if self.text != "=":
                raise _GiveUp
            self._advance()
            values[name] = self._value()
            if self.text != ",":
                break
            self._advance()
        return TextPlan("update", table, tuple(values), (tuple(values.values()),), self._where())

    def _where(self) -> tuple[tuple[str, Bound | Literal], ...] | None:
        if not self._is("where"):
            self._end()
            return None
        pinned: list[tuple[str, Bound | Literal]] = []
        while True:
            self._advance()
            name = self._name()
            if self.text != "=":
                raise _GiveUp
            self._advance()
            value = self._value()
            if not isinstance(value, (Bound, Literal)):
                raise _GiveUp
            pinned.append((name, value))
            if not self._is("and"):
                break
        self._end()
        return tuple(pinned)

    def _row(self) -> tuple[Source, ...]:
        if self.text != "(":
            raise _GiveUp
        values: list[Source] = []
        while self.text in ("(", ","):
            self._advance()
            values.append(self._value())
        if self.text != ")":
            raise _GiveUp
        self._advance()
        return tuple(values)

    def _value(self) -> Source:
        kind, text = self.kind, self.text
        self._advance()
        value: Source
        if kind == "placeholder":
            value = self._bound(text)
        elif kind == "string":
            plain = text[1:-1].replace("''", "'")
            value = Literal(plain.replace("%%", "%") if self._is_format else plain)
        elif kind == "number":
            value = _number(text)
        elif text == "-" and self.kind == "number":
            value = _number("-" + self.text)
            self._advance()
        elif kind == "word" and text.lower() in _CONSTANTS:
            value = _CONSTANTS[text.lower()]
        else:
            raise _GiveUp
        if self.text not in (",", ")", "", ";") and not (self.kind == "word" and self.text.lower() in ("where", "and")):
            raise _GiveUp  # an operator follows, or a type
        return value

    def _bound(self, text: str) -> Bound:
        if text in ("?", "%s"):
            self._position += 1
            return Bound(self._position - 1)
        name = text[2:-2] if text.startswith("%(") else text[1:]
        return Bound(int(name) - 1 if name.isdigit() and text[0] in "?$:" else name)

    def _names(self) -> list[str]:
        names: list[str] = []
        while self.text in ("(", ","):
            self._advance()
            names.append(self._name())
        if self.text != ")":
            raise _GiveUp
        self._advance()
        return names

    def _table(self) -> str:
        name = self._one_name()
        while self.text == ".":
            self._advance()
            name = f"{name}.{self._one_name()}"
        if name.count(".") > 1:
            raise _GiveUp
        return name

    def _name(self) -> str:
        name = self._one_name()
        while self.text == ".":
            self._advance()
            name = self._one_name()
        return name

    def _one_name(self) -> str:
        kind, text = self.kind, self.text
        self._advance()
        if kind == "word":
            return text.lower() if self._folds else text
        if kind == "quoted":
            return text[1:-1].replace('""', '"')
        raise _GiveUp

    def _word(self) -> str:
        kind, text = self.kind, self.text
        self._advance()
        if kind != "word":
            raise _GiveUp
        return text.lower()

    def _is(self, word: str) -> bool:
        return self.kind == "word" and self.text.lower() == word

    def _expect(self, word: str) -> None:
        if self._word() != word:
            raise _GiveUp

    def _end(self) -> None:
        if self.text == ";":
            self._advance()
        if self.kind != "end":
            raise _GiveUp

    def _advance(self) -> None:
        found = self._next()
        if found is None or found.lastgroup is None or found.lastgroup == "other":
            raise _GiveUp
        self.kind = found.lastgroup
        self.text = found[self.kind]


def _number(text: str) -> Literal:
    return Literal(Decimal(text) if "." in text else int(text))
