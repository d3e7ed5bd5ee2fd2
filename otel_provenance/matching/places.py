"""Where a leaf stands in a payload, and which layers were undone to reach it; spelled out only if asked for.

A place is an Origin or a pair (place around it, key or list index): pairs cost next to nothing to make.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from otel_provenance.fieldnames import LONGEST_NAME
from otel_provenance.matching.names import Names, names_of_keys, names_of_path
from otel_provenance.speedups import compiled


class Origin(NamedTuple):
    """Where a structure begins: path so far, and the layers undone so far."""

    path: str
    layers: tuple[str, ...] = ()


Place = Any  # Origin | tuple[Place, str | int]: recursive


ITSELF: Final = object()
"""Stands for a key where the place is an origin."""


class Places:
    """Places of leaves, in parallel lists: no pair is made before one is asked for."""

    __slots__ = ("arounds", "keys")

    def __init__(self, arounds: list[Place], keys: list[Any]) -> None:
        self.arounds = arounds
        self.keys = keys

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, at: int) -> Place:
        key = self.keys[at]
        return self.arounds[at] if key is ITSELF else (self.arounds[at], key)

    def append(self, place: Place) -> None:
        """One more."""
        around, key = place if type(place) is tuple else (place, ITSELF)
        self.arounds.append(around)
        self.keys.append(key)

    def cut(self, most: int) -> None:
        """The first ones are left."""
        del self.arounds[most:], self.keys[most:]

    def of(self, chosen: list[int]) -> Places:
        """Some of them."""
        arounds, keys = self.arounds, self.keys
        return Places([arounds[at] for at in chosen], [keys[at] for at in chosen])


LONGEST_KEY = 24
"""Characters of a key that is never a value, unless it is an address."""
FEW_DIGITS = 2
_NAME = re.compile(r"[A-Za-z_][\w.$\[\]-]*", re.ASCII)


def is_value(key: str) -> bool:
    """Whether a key may be a value that serves as one: an address, or what is long and no name that a programmer gave,
    as ``failed_deliveries_of_last_month`` is."""
    if "@" in key:
        return True
    if len(key) <= LONGEST_KEY:
        return False
    return _NAME.fullmatch(key) is None or sum(map(str.isdigit, key)) > FEW_DIGITS


def origin_of(place: Place) -> Origin:
    """The origin that a place lies in."""
    while type(place) is not Origin:
        place = place[0]
    origin: Origin = place
    return origin


def path_of(place: Place) -> str:
    """Dotted path: ``user.emails.0``."""
    keys: list[str] = []
    while type(place) is not Origin:
        place, key = place
        keys.append(str(key)[:LONGEST_NAME])
    if place.path:
        keys.append(place.path)
    return ".".join(reversed(keys))[:LONGEST_NAME]


class Paths:
    """Paths of places that come one after the other: those in one object or list share the way to it."""

    __slots__ = ("_around", "_layers", "_outer", "_outer_prefix", "_prefix")

    def __init__(self) -> None:
        self._around: Place = None
        self._prefix = ""
        self._layers: tuple[str, ...] = ()
        self._outer: Place = None
        self._outer_prefix = ""

    def of(self, place: Place) -> tuple[str, tuple[str, ...]]:
        """The dotted path of a place, and the layers undone to reach it."""
        if type(place) is Origin:
            return place
        around, key = place
        return self.at(around, key), self._layers

    def at(self, around: Place, key: Any) -> str:
        """The dotted path of what stands under a key there."""
        if key is ITSELF:
            return path_of(around)
        if around is not self._around:
            self._enter(around)
        path = self._prefix + (key if type(key) is str else str(key))
        return path if len(path) <= LONGEST_NAME else path[:LONGEST_NAME]

    def _enter(self, around: Place) -> None:
        self._around = around
        if type(around) is Origin:
            self._prefix = _prefix(around)
            self._layers = around.layers
            return
        outer, key = around
        if outer is not self._outer:  # objects of a list come one after the other too
            self._outer = outer
            self._outer_prefix = _prefix(outer)
            self._layers = origin_of(outer).layers
        self._prefix = f"{self._outer_prefix}{key}"[:LONGEST_NAME] + "."


def _prefix(place: Place) -> str:
    return path_of(place) + "." if type(place) is not Origin or place.path else ""


def names_of(place: Place) -> Names:
    """The words that a place is named by: its key and the one around it, list indexes aside."""
    if compiled:
        keys = compiled.last_keys(place)
        if keys is not None:
            return names_of_keys(keys)
    last: str | None = None
    while type(place) is not Origin:
        place, key = place
        if type(key) is int:
            continue
        name = (key if type(key) is str else str(key))[:LONGEST_NAME]
        if last is not None:
            return names_of_keys((name, last))
        last = name
    if last is None:
        return names_of_path(place.path)
    return names_of_path(f"{place.path}.{last}") if place.path else names_of_keys((last,))


def name_of(around: Place, key: Any) -> str:
    """The name that a leaf stands under: its key, of an item its list's; the path of an origin."""
    while type(key) is not str:
        if type(around) is Origin:
            return around.path
        around, key = around
    return key


def within(place: Place, *layers: str) -> Origin:
    """The origin of what comes out where a leaf's layer is undone."""
    return Origin(path_of(place), origin_of(place).layers + layers)
