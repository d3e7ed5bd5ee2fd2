"""What does the record know that it lacks?"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple


class Loss(NamedTuple):
    """How many facts of a kind are missing for a reason."""

    reason: str
    kind: str
    facts: int
    first_at: str
    last_at: str


def losses(connection: sqlite3.Connection) -> list[Loss]:
    """All losses that were counted, the largest first."""
    rows = connection.execute(
        "SELECT reason, kind, sum(count), min(occurred_at), max(occurred_at) FROM losses"
        " GROUP BY reason, kind ORDER BY 3 DESC, 1, 2"
    )
    return [Loss(*row) for row in rows]
