"""What matching answers with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, overload


class Match(NamedTuple):
    """Data of one tag was found at one place of a payload."""

    tag_id: str
    field: str
    """Path inside the payload: dotted JSON path, form field; empty for the whole."""
    kind: str
    """``exact``, ``contains``, ``part``, ``digest``; see the contract of ``tag_matches``."""
    transform: str
    """What was undone or applied to see it, outermost first, joined by ``>``; empty if nothing."""
    confidence: float
    """0 to 1."""


class Leaf(NamedTuple):
    """A specific value of the payload by itself, whether or not a tag has it: for links across requests."""

    field: str
    normal: str


class MatchResult(Sequence[Match]):
    """The matches in a payload, and how much of the payload was searched."""

    __slots__ = ("inspected", "leaves", "matches", "reason")

    def __init__(
        self,
        matches: tuple[Match, ...] = (),
        inspected: str = "full",
        reason: str | None = None,
        leaves: tuple[Leaf, ...] = (),
    ) -> None:
        self.matches = matches
        self.inspected = inspected
        """``full``, ``partial`` or ``none``."""
        self.reason = reason
        """Why not ``full``: ``too_large``, ``too_deep``, ``too_many_leaves``, ``unknown_encoding``, ``timeout``."""
        self.leaves = leaves
        """Specific leaves, in order; only where they were asked for."""

    def __len__(self) -> int:
        return len(self.matches)

    def __iter__(self) -> Iterator[Match]:
        return iter(self.matches)

    @overload
    def __getitem__(self, index: int) -> Match: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Match, ...]: ...
    def __getitem__(self, index: int | slice) -> Match | tuple[Match, ...]:
        return self.matches[index]

    def __repr__(self) -> str:
        return f"MatchResult({len(self.matches)} matches, inspected={self.inspected!r}, reason={self.reason!r})"
