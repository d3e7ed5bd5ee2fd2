"""Leaves gathered for one search: their texts as they are, their places, and the joined normal form."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import repeat
from typing import Any

from otel_provenance.matching.budget import Budget
from otel_provenance.matching.bulk import END, Bulk, join, normal_bulk, project
from otel_provenance.matching.places import Place, Places, is_value, name_of
from otel_provenance.speedups import compiled
from otel_provenance.values import normal_form

Groups = dict[tuple[str, str], list[int]]
Settled = tuple[Groups, tuple[list[str], list[Place], list[Any]], "str | None"]
"""Leaves that tell; texts and places of those that are left; their normal form, or None where all are."""


class Telling:
    """Leaves that are looked at as a whole, and those of them that hold nothing but themselves."""

    __slots__ = ("leaves", "settled", "table")

    def __init__(self, leaves: frozenset[str], settled: dict[str, Any]) -> None:
        self.leaves = leaves
        self.settled = settled
        self.table: bytes | None = None
        if compiled:
            try:
                self.table = compiled.leaf_table([*leaves])
            except UnicodeEncodeError:  # lone surrogates
                pass


class Batch:
    """Texts and places in parallel; ``binaries`` are bytes values, which hold layers rather than text."""

    __slots__ = ("_bulk", "_names_known", "_raw", "binaries", "places", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.places = Places([], [])
        self.binaries: list[tuple[bytes, Place]] = []
        self._names_known: set[Any] = set()
        self._bulk: Bulk | None = None
        self._raw: str | None = None

    def add(self, text: str, place: Place) -> None:
        """One more leaf."""
        self.texts.append(text)
        self.places.append(place)

    def forget(self) -> None:
        """Texts were changed: what was made of them is made anew."""
        self._bulk = self._raw = None

    def clear(self) -> None:
        """Begin anew once it has been searched: who fills it goes on."""
        self.texts, self.places, self.binaries = [], Places([], []), []
        self._names_known = {name for name in self._names_known if type(name) is str and is_value(name)}
        self.forget()

    def normalise(self, budget: Budget) -> None:
        """Bring the texts into normal form, as far as a budget goes: what is beyond ASCII may take long."""
        if self._bulk is None:
            self._bulk = Bulk(normal_bulk(self.raw, budget), len(self.texts))

    @property
    def raw(self) -> str:
        """All texts as they are, joined."""
        if self._raw is None:
            self._raw = join(self.texts)
        return self._raw

    @property
    def bulk(self) -> Bulk:
        """All texts in normal form, joined."""
        if self._bulk is None:
            self._bulk = Bulk(normal_bulk(self.raw), len(self.texts))
        return self._bulk

    def settle(self, telling: Telling) -> tuple[Groups, Batch]:
        """(leaf, name that it stands under) → where, of the leaves that tell; and the leaves that may hold more than
        their own value: each once, those settled and tiny ones left out."""
        groups, left, text = self._settled(telling)
        rest = Batch()
        rest.texts, arounds, keys = left
        rest.places = Places(arounds, keys)
        rest.binaries = self.binaries
        if text is None:
            rest._bulk, rest._raw = self._bulk, self._raw
        else:
            rest._bulk = Bulk(text, len(rest.texts))
        return groups, rest

    def _settled(self, telling: Telling) -> Settled:
        texts, arounds, keys = self.texts, self.places.arounds, self.places.keys
        text = self._encodable() if telling.table is not None and texts else None
        if text is not None:
            found: Settled
            found = compiled.settle(text, texts, arounds, keys, telling.table, telling.leaves, telling.settled)
            return found
        groups: Groups = {}
        first: dict[str, int] = {}
        for at, leaf in enumerate(self.bulk.leaves):
            if leaf in telling.leaves:
                groups.setdefault((leaf, name_of(arounds[at], keys[at])), []).append(at)
            if (len(leaf) > 2 or len(texts) == 1) and leaf not in telling.settled:
                first.setdefault(leaf, at)
        left = [texts[at] for at in first.values()]
        places = self.places.of(list(first.values()))
        return groups, (left, places.arounds, places.keys), None if len(first) == len(texts) else END.join(first)

    def _encodable(self) -> str | bytes | None:
        text = self.bulk.text
        try:
            return text if text.isascii() else text.encode()
        except UnicodeEncodeError:  # lone surrogates
            return None

    def without(self, characters: bytes) -> Bulk:
        """The joined text without some ASCII characters: leaf numbers stay, places in the text do not."""
        return Bulk(project(self.bulk.text, characters), len(self.texts))

    def walk_json(self, value: Any, place: Place, budget: Budget) -> None:
        """``walk``, for what json.loads made."""
        if compiled and type(value) in _CONTAINERS:
            most = budget.leaves
            places = self.places
            seen = compiled.walk(
                value, place, self.texts, places.arounds, places.keys, self._names_known, most, _float_text
            )
            budget.look_at(4 * seen)
            if len(self.texts) > most:
                self._cut(budget)
        else:
            self.walk(value, place, budget)

    def _cut(self, budget: Budget) -> None:
        del self.texts[budget.leaves :]
        self.places.cut(budget.leaves)
        budget.cut("too_many_leaves")

    def walk(self, value: Any, place: Place, budget: Budget) -> None:
        """Add every leaf of a structure of mappings, sequences and scalars."""
        if type(value) is str:
            self.add(value, place)
            return
        texts, places = self.texts, self.places
        names = self._names_known
        stack = [(place, value)]
        seen = 0
        while stack:
            where, node = stack.pop()
            keys: Iterable[Any]
            children: Collection[Any]
            if type(node) is dict or isinstance(node, Mapping):
                if type(node) is not dict:  # the values() of a MultiDict have no length
                    node = dict(node.items())
                keys, children = node, node.values()
                if not names.issuperset(node):
                    self._names(node, where)
            elif isinstance(node, (list, tuple, set, frozenset)):
                keys, children = range(len(node)), node
            else:
                self._scalar(node, where)
                continue
            kinds = set(map(type, children))
            if kinds <= _PLAIN:
                texts += (
                    children if kinds == _STRINGS else [c if type(c) is str else PLAIN[type(c)](c) for c in children]
                )
                places.arounds += repeat(where, len(children))
                places.keys += keys
            else:
                for key, child in zip(keys, children, strict=True):
                    if type(child) is str:
                        texts.append(child)
                        places.append((where, key))
                    elif type(child) in _PLAIN:
                        self._scalar(child, (where, key))
                    else:
                        stack.append(((where, key), child))
            seen += 4 * len(children)
            if seen > 4_096 or not stack:
                budget.look_at(seen)
                seen = 0
            if len(texts) > budget.leaves:
                self._cut(budget)
                return

    def _names(self, node: Mapping[Any, Any], where: Place) -> None:
        known = self._names_known
        for key in node:
            if key not in known:
                known.add(key)
                if type(key) is str and is_value(key):
                    self.add(key, (where, key))

    def _scalar(self, value: Any, place: Place) -> None:
        if isinstance(value, (bytes, bytearray, memoryview)):
            self.binaries.append((bytes(value), place))
        elif isinstance(value, datetime.datetime) and value.tzinfo is None:
            self.add(value.isoformat(), place)
        else:
            spell = PLAIN.get(type(value), normal_form)
            self.add(spell(value), place)


def _float_text(value: float) -> str:
    text = float.__repr__(value)
    if "e" in text or "n" in text:  # an exponent, nan or inf
        return normal_form(value)
    return text[:-2] if text.endswith(".0") else text


PLAIN: dict[type, Callable[[Any], str]] = {
    str: str,
    int: int.__repr__,
    float: _float_text,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): lambda _: "",
}
"""The text of a plain value, as ``values.normal_form`` has it, or nearly (text is not normal yet)."""
_PLAIN = frozenset(PLAIN)
_STRINGS = frozenset({str})
_CONTAINERS = frozenset({dict, list})


__all__ = ["END", "Batch"]
