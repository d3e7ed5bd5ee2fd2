"""Request ids as people give them: a unique beginning is enough."""

from __future__ import annotations

import sqlite3
from typing import Final

from otel_provenance.tables import RecordError

_SHORTEST: Final = 13  # "0193a0b2-1234": the milliseconds; unique unless two requests began in the same one


def whole_request_id(connection: sqlite3.Connection, beginning: str) -> str:
    """The only request id that begins so; RecordError where there is none, or several."""
    wanted = beginning.strip().lower()
    found = [
        row[0]
        for row in connection.execute(
            "SELECT request_id FROM requests WHERE request_id >= ? AND request_id < ? ORDER BY request_id LIMIT 2",
            (wanted, wanted + "\U0010ffff"),
        )
    ]
    if not found or not wanted:
        raise RecordError(f"no request {beginning!r} in this record: 'otel-provenance requests' lists them")
    if len(found) > 1 and found[0] != wanted:
        raise RecordError(f"{beginning!r} is the beginning of several request ids: give more of it")
    return str(found[0])


def newest_request_id(connection: sqlite3.Connection) -> str:
    """The request that began last; RecordError where there is none."""
    row = connection.execute("SELECT request_id FROM requests ORDER BY request_id DESC LIMIT 1").fetchone()
    if row is None:
        raise RecordError("no request is recorded yet: serve one, or see 'otel-provenance doctor'")
    return str(row[0])


def short_request_id(connection: sqlite3.Connection, request_id: str) -> str:
    """The shortest beginning, not below 13 characters, that no other request has."""
    length = _SHORTEST
    for query in (
        "SELECT max(request_id) FROM requests WHERE request_id < ?",
        "SELECT min(request_id) FROM requests WHERE request_id > ?",
    ):
        neighbour = connection.execute(query, (request_id,)).fetchone()[0]
        if neighbour is not None:
            while length < len(request_id) and neighbour[:length] == request_id[:length]:
                length += 1
    return request_id[:length].rstrip("-")
