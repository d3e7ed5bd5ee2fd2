"""What happened in one request: what came in, where was it stored, to whom was it sent?"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from otel_provenance.reports.data import DataRow, data
from otel_provenance.reports.filters import Filters
from otel_provenance.reports.requests import RequestRow, requests
from otel_provenance.reports.share import ShareRow, share
from otel_provenance.reports.storage import StorageRow, storage


class Story(NamedTuple):
    """One request, whole."""

    request: RequestRow
    data: tuple[DataRow, ...]
    """What came in, each with where it went, then or later."""
    storage: tuple[StorageRow, ...]
    """What it wrote, in the order of time."""
    share: tuple[ShareRow, ...]
    """What it sent, in the order of time."""


def show(connection: sqlite3.Connection, request_id: str, min_confidence: float) -> Story:
    """The story of a request whose whole id is given."""
    filters = Filters(request_id=request_id, min_confidence=min_confidence)
    (request,) = requests(connection, filters)
    written = sorted(storage(connection, filters), key=lambda row: (row.occurred_at, row.event_id))
    sent = sorted(share(connection, filters), key=lambda row: (row.occurred_at, row.event_id))
    return Story(request, tuple(data(connection, filters)), tuple(written), tuple(sent))
