"""Leaves gathered for one search: their texts as they are, their places, and the joined normal form."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from otel_provenance.matching.budget import Budget
from otel_provenance.matching.bulk import END, Bulk, join, normal_bulk, project
from otel_provenance.matching.places import Place
from otel_provenance.values import normal_form

_SCALARS = frozenset({str, int, float, bool, bytes, type(None)})


class Batch:
    """Texts and places in parallel; ``binaries`` are bytes values, which hold layers rather than text."""

    __slots__ = ("_bulk", "_projections", "_raw", "binaries", "booleans", "places", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.places: list[Place] = []
        self.booleans: list[int] = []
        """Which texts were truth values."""
        self.binaries: list[tuple[bytes, Place]] = []
        self._bulk: Bulk | None = None
        self._raw: str | None = None
        self._projections: dict[bytes, Bulk] = {}

    def add(self, text: str, place: Place) -> None:
        """One more leaf."""
        self.texts.append(text)
        self.places.append(place)

    def forget(self) -> None:
        """Texts were changed: what was made of them is made anew."""
        self._bulk = self._raw = None
        self._projections.clear()

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
            self._bulk = Bulk(normal_bulk(self.raw))
        return self._bulk

    def without(self, characters: bytes) -> Bulk:
        """The joined text without some ASCII characters: leaf numbers stay, places in the text do not."""
        found = self._projections.get(characters)
        if found is None:
            found = self._projections[characters] = Bulk(project(self.bulk.text, characters))
        return found

    def walk(self, value: Any, place: Place, budget: Budget) -> None:
        """Add every leaf of a structure of mappings, sequences and scalars."""
        texts, places = self.texts, self.places
        stack = [(place, value)]
        while stack:
            where, node = stack.pop()
            shape = type(node)
            if shape is dict or (shape not in _SCALARS and isinstance(node, Mapping)):
                items: Any = node.items()
            elif shape is list or isinstance(node, (list, tuple, set, frozenset)):
                items = enumerate(node)
            else:
                self._scalar(node, where)
                continue
            for key, child in items:
                kind = type(child)
                if kind is str:
                    texts.append(child)
                    places.append((where, key))
                elif kind is int:
                    texts.append(int.__repr__(child))
                    places.append((where, key))
                elif child is not None:
                    stack.append(((where, key), child))
                if type(key) is str and (len(key) > 24 or "@" in key):  # a value that serves as a key
                    texts.append(key)
                    places.append((where, key))
            if len(texts) > budget.leaves:
                del texts[budget.leaves :], places[budget.leaves :]
                budget.cut("too_many_leaves")
                return

    def _scalar(self, value: Any, place: Place) -> None:
        if value is None:
            return
        if isinstance(value, (bytes, bytearray, memoryview)):
            self.binaries.append((bytes(value), place))
            return
        if type(value) is str:
            self.add(value, place)
            return
        if type(value) is float and -1e15 < value < 1e15:
            text = float.__repr__(value)
            if "e" not in text:  # as normal_form, at a tenth of its cost
                self.add(text[:-2] if text.endswith(".0") else text, place)
                return
        if isinstance(value, bool):
            self.booleans.append(len(self.texts))
        if isinstance(value, datetime.datetime) and value.tzinfo is None:
            self.add(value.isoformat(), place)
        else:
            self.add(normal_form(value), place)


__all__ = ["END", "Batch"]
