"""What was sent to others, and which values were in it?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from otel_provenance.reports.edges import Carried, chunked, recipient, with_carried
from otel_provenance.reports.filters import Filters, newest_first, where

_COLUMNS = (
    "h.event_id, h.request_id, h.occurred_at, h.channel, h.library, h.method, h.host, h.port, h.url, "
    "h.payload_type, h.payload_bytes, h.payload_preview, h.status_code, h.outcome, h.inspected, "
    "h.inspected_reason, h.payload_hash, h.gen_ai_provider, h.gen_ai_model"
)


class ShareRow(NamedTuple):
    """One outgoing call."""

    event_id: str
    request_id: str | None
    occurred_at: str
    channel: str
    library: str | None
    method: str | None
    host: str | None
    port: int | None
    url: str | None
    payload_type: str | None
    payload_bytes: int | None
    payload_preview: str | None
    status_code: int | None
    outcome: str
    inspected: str
    inspected_reason: str | None
    payload_hash: str | None
    gen_ai_provider: str | None
    gen_ai_model: str | None
    """The language model that was asked, where it was one."""
    carries: tuple[Carried, ...] = ()

    @property
    def recipient(self) -> str:
        """Who received it."""
        return recipient(self.channel, self.host, self.port)


def share(connection: sqlite3.Connection, filters: Filters) -> Iterator[ShareRow]:
    """Outgoing calls, the newest first."""
    asked = where("share", filters)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM share_events h{asked.sql}{newest_first('share', filters)} LIMIT ?",
        (*asked.parameters, -1 if filters.limit is None else filters.limit),
    )
    for chunk in chunked(ShareRow(*row) for row in rows):
        chunk.sort(key=lambda row: row.occurred_at, reverse=True)
        yield from with_carried(connection, chunk, filters.min_confidence)


def share_of(connection: sqlite3.Connection, event_ids: Iterable[str], min_confidence: float) -> Iterator[ShareRow]:
    """The calls with these ids."""
    for some in chunked(event_ids):
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM share_events h WHERE h.event_id IN ({','.join('?' * len(some))})", some
        )
        yield from with_carried(connection, [ShareRow(*row) for row in rows], min_confidence)
