"""What this process of the agent has hooked, skipped and lost.

The store writes it into the record (tables ``processes`` and ``losses``), where
``otel-provenance doctor`` reads it; standard library only, so that every layer may report here.
"""

from __future__ import annotations

from collections import Counter

ways: list[str] = []
"""By which ways the agent was started, in order: ``pth``, ``sitecustomize``, ``distro``, …"""
hooked: dict[str, str] = {}
"""Boundary name → version of the library that it watches."""
skipped: dict[str, str] = {}
"""Boundary name → why it watches nothing."""
_losses: Counter[tuple[str, str]] = Counter()


def count_loss(reason: str, kind: str, count: int = 1) -> None:
    """The record lacks ``count`` facts of ``kind`` for ``reason`` (``queue_full``, ``error``, …)."""
    _losses[reason, kind] += count


def take_losses() -> dict[tuple[str, str], int]:
    """(reason, kind) → count since the last call; the caller now owns telling of them."""
    global _losses
    if not _losses:
        return {}
    taken, _losses = _losses, Counter()
    return dict(taken)


def pending_losses() -> dict[tuple[str, str], int]:
    """(reason, kind) → count that nobody has taken yet."""
    return dict(_losses)


def forget_losses() -> None:
    """A forked child starts with none: its parent tells of those before the fork."""
    _losses.clear()
