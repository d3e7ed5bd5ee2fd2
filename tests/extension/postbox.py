"""A library that nobody watches: letters are dropped into boxes, and picked up from them."""

from __future__ import annotations

from typing import Any

_boxes: dict[str, list[dict[str, Any]]] = {}


class BoxIsFull(Exception):
    """No letter more goes in."""


class Postbox:
    """A box of letters."""

    def __init__(self, name: str, room: int = 10) -> None:
        self.name = name
        self._letters = _boxes.setdefault(name, [])
        self._room = room

    def drop(self, letter: dict[str, Any], *, express: bool = False) -> int:
        """Put a letter in; how many there are now. Raises BoxIsFull."""
        if len(self._letters) >= self._room:
            raise BoxIsFull(self.name)
        self._letters.append(letter)
        return len(self._letters)

    def pick_up(self) -> dict[str, Any]:
        """Take the oldest letter out; IndexError where there is none."""
        return self._letters.pop(0)
