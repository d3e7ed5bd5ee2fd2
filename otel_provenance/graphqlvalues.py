"""The values that a GraphQL document itself spells out, by dotted name: ``createUser.input.email``.

What variables bring in is JSON, and not here. Only what is a whole executable document is read
(GraphQL specification, October 2021, section 2): no text that merely has braces.
"""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

_TOKEN = re.compile(
    r"""[\s,\ufeff]*(?:\#[^\n\r]*(?:[\n\r][\s,\ufeff]*|\Z))*
    (?:(?P<block>\"{3}(?:\\\"{3}|(?!\"{3})[\s\S])*\"{3})|(?P<string>"(?:[^"\\\n\r]|\\.)*")
    |(?P<number>-?\d[\d.]*(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<sign>\.\.\.|[!$&():=@\[\]{|}])|(?P<end>\Z))""",
    re.VERBOSE,
)
_OPERATIONS = ("query", "mutation", "subscription")
_DEEPEST = 64


class NotGraphql(ValueError):
    """Not a document of operations and fragments, or not to be read: too deep, or too much."""


def graphql_values(text: str, most: int) -> dict[str, Any]:
    """Dotted name of field, argument and what is inside it → its value; a list where several have the name."""
    reader = _Reader(text, most)
    reader.document()
    return {name: found[0] if len(found) == 1 else found for name, found in reader.values.items()}


class _Reader:
    """One pass over the tokens, one look ahead."""

    def __init__(self, text: str, most: int) -> None:
        self.values: dict[str, list[Any]] = {}
        self._text = text
        self._room = most
        self._at = 0
        self._kind = self._token = ""
        self._next()

    def _next(self) -> str:
        """Step over a token, and tell what it was."""
        token = self._token
        found = _TOKEN.match(self._text, self._at)
        if found is None or found.lastgroup is None:
            raise NotGraphql
        self._at = found.end()
        self._kind = found.lastgroup
        self._token = found[self._kind]
        return token

    def _takes(self, sign: str) -> bool:
        is_it = self._token == sign and self._kind in ("sign", "name")
        if is_it:
            self._next()
        return is_it

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise NotGraphql

    def _name(self) -> str:
        if self._kind != "name":
            raise NotGraphql
        return self._next()

    def document(self) -> None:
        while self._kind != "end":
            if self._token == "{":
                self._selections("", 0)
                continue
            kind = self._name()
            if kind == "fragment":
                self._name()
                self._expect("on")
                self._name()
            elif kind in _OPERATIONS:
                if self._kind == "name":
                    self._next()
                self._variables()
            else:
                raise NotGraphql
            self._directives()
            self._selections("", 0)

    def _variables(self) -> None:
        if not self._takes("("):
            return
        while not self._takes(")"):
            self._expect("$")
            name = self._name()
            self._expect(":")
            while self._takes("["):
                pass
            self._name()
            while self._takes("]") or self._takes("!"):
                pass
            if self._takes("="):
                self._value(name, 0)
            self._directives()

    def _selections(self, path: str, depth: int) -> None:
        self._expect("{")
        if depth > _DEEPEST:
            raise NotGraphql
        while not self._takes("}"):
            if self._takes("..."):
                self._takes("on")
                if self._kind == "name":
                    self._next()
                self._directives()
                if self._token == "{":
                    self._selections(path, depth + 1)
                continue
            name = self._name()
            if self._takes(":"):  # an alias stood before it
                name = self._name()
            below = f"{path}.{name}" if path else name
            self._arguments(below, depth)
            self._directives()
            if self._token == "{" and self._kind == "sign":
                self._selections(below, depth + 1)

    def _arguments(self, path: str, depth: int) -> None:
        if self._takes("("):
            while not self._takes(")"):
                self._pair(path, depth)

    def _directives(self) -> None:
        while self._takes("@"):
            self._arguments(self._name(), 0)

    def _pair(self, path: str, depth: int) -> None:
        name = self._name()
        self._expect(":")
        self._value(f"{path}.{name}", depth)

    def _value(self, path: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise NotGraphql
        if self._takes("$"):
            self._name()
        elif self._takes("["):
            while not self._takes("]"):
                self._value(path, depth + 1)
        elif self._takes("{"):
            while not self._takes("}"):
                self._pair(path, depth + 1)
        elif self._kind in ("sign", "end"):
            raise NotGraphql
        else:
            self._put(path, _spelled(self._kind, self._token))
            self._next()

    def _put(self, path: str, value: Any) -> None:
        self._room -= 1
        if self._room < 0:
            raise NotGraphql
        if value is not None:
            self.values.setdefault(path, []).append(value)


def _spelled(kind: str, token: str) -> Any:
    if kind == "block":
        return inspect.cleandoc(token[3:-3].replace('\\"""', '"""'))
    if kind == "name" and token not in ("true", "false", "null"):
        return token  # one of an enumeration
    try:
        return json.loads(token)
    except ValueError:
        if kind == "number":
            raise NotGraphql from None
        return token[1:-1]
