"""What this process of the agent has hooked, skipped and lost.

The store writes it into the record (tables ``processes`` and ``losses``), where
``otel-provenance doctor`` reads it. Every interpreter imports this file at its start, so it imports nothing.
"""

from __future__ import annotations

ways: list[str] = []
"""By which ways the agent was started, in order: ``pth``, ``sitecustomize``, ``distro``, …"""
active = False
"""True once Flask was imported (or the distro asked): hooks are in, the record is made."""
hooked: dict[str, str] = {}
"""Boundary name → version of the library that it watches."""
skipped: dict[str, str] = {}
"""Boundary name → why it watches nothing."""
_losses: dict[tuple[str, str], int] = {}


def count_loss(reason: str, kind: str, count: int = 1) -> None:
    """The record lacks ``count`` facts of ``kind`` for ``reason`` (``queue_full``, ``error``, …)."""
    _losses[reason, kind] = _losses.get((reason, kind), 0) + count


def take_losses() -> dict[tuple[str, str], int]:
    """(reason, kind) → count since the last call; the caller now owns telling of them."""
    global _losses
    if not _losses:
        return {}
    taken, _losses = _losses, {}
    return taken


def pending_losses() -> dict[tuple[str, str], int]:
    """(reason, kind) → count that nobody has taken yet."""
    return dict(_losses)


def forget_losses() -> None:
    """A forked child starts with none: its parent tells of those before the fork."""
    _losses.clear()
