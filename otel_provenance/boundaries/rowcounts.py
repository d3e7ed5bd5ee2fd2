"""How many rows a statement wrote, and whether it is known which, from what its driver tells."""

from __future__ import annotations

from typing import Protocol


class Writing(Protocol):
    """What is known of a statement before it runs."""

    @property
    def operation(self) -> str:
        """``insert``, ``update``, ``delete``."""

    @property
    def is_whole(self) -> bool:
        """False for a part of a statement: the driver's row count is then another part's."""

    @property
    def rows_known(self) -> bool:
        """Whether the rows written are those that the parameters name, one by one."""

    @property
    def may_skip(self) -> bool:
        """Whether a named row may stay unwritten without an error, as with ON CONFLICT DO NOTHING."""


def needs_count(plan: Writing) -> bool:
    """Whether the driver's row count says more than the parameters: to ask for it can cost a round trip."""
    return plan.operation != "insert" or plan.may_skip or not plan.rows_known


def rows_written(plan: Writing, told: int, asked: int, is_sane: bool) -> tuple[int | None, bool]:
    """(number of rows, whether it is certain which); None where each of the ``asked`` rows was written.

    ``told`` is the driver's row count, -1 where it has none (PEP 249); ``is_sane`` says whether it can be
    trusted for several executions at once.
    """
    if not plan.is_whole or not is_sane:
        told = -1
    if not plan.rows_known:
        return told, True
    if not needs_count(plan):
        return None, True
    if told == 0:
        return 0, True
    if told < 0:
        return None, not plan.may_skip
    return None, told >= asked


def has_updated(db_system: str, told: int, asked: int, *, tells_inserted: bool = False) -> bool | None:
    """Whether the rows that an upsert was asked for were there: none, or all of them; None where it is not known.

    MySQL counts an updated row twice. One that was there with these very values it does not count, but
    ``tells_inserted`` has to say so: to most clients it counts as one, as an inserted row does.
    """
    if db_system not in ("mysql", "mariadb"):
        return None
    if told == 2 * asked:
        return True
    return False if tells_inserted and told == asked == 1 else None
