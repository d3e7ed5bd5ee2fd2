"""Rows into the record, and the links that they make."""

from __future__ import annotations

import sqlite3
from collections import Counter

from otel_provenance.guard import guarded
from otel_provenance.tables.inserting import Pace, insert_links, insert_rows
from otel_provenance.tables.links import find_links
from otel_provenance.tables.rows import Rows


def record_rows(connection: sqlite3.Connection, rows: Rows, pace: Pace = iter) -> Counter[str]:
    """Insert within the caller's transaction, and link; table → how many rows were refused, each for good.

    Raises sqlite3.Error where the database, not a row, is at fault: the caller rolls back, and tries again.
    """
    refused = insert_rows(connection, rows, pace)
    links = _links(connection, rows)
    if links is not None:
        insert_links(connection, links)
    return refused


@guarded("tables.links")
def _links(connection: sqlite3.Connection, rows: Rows) -> Rows:
    return find_links(connection, rows)
