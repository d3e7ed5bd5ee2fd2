"""Is the record whole? What SQLite says of the file, what hangs together, and what is known to be missing."""

from __future__ import annotations

import sqlite3
from typing import Final, Literal, NamedTuple

from otel_provenance.tables.opening import is_corruption

Severity = Literal["damage", "gap", "note"]


class Finding(NamedTuple):
    """Something that ``verify`` found."""

    severity: Severity
    """``damage``: the file is not sound; ``gap``: facts are missing; ``note``: worth knowing, and right."""
    check: str
    """A short name that stays: ``integrity``, ``edges_without_event``, …"""
    number: int
    """How many there are."""
    text: str
    """For people: what it means."""


_CHECKS: Final[tuple[tuple[Severity, str, str, str], ...]] = (
    (
        "gap",
        "edges_without_event",
        "SELECT count(*) FROM tag_matches m WHERE NOT EXISTS (SELECT 1 FROM storage_events s WHERE s.event_id ="
        " m.event_id) AND NOT EXISTS (SELECT 1 FROM share_events s WHERE s.event_id = m.event_id)",
        "edges whose event is not in the record",
    ),
    (
        "note",
        "edges_of_other_records",
        "SELECT count(DISTINCT tag_id) FROM tag_matches m WHERE NOT EXISTS"
        " (SELECT 1 FROM data_events d WHERE d.tag_id = m.tag_id)",
        "tags with edges that are not in this record: another service's, or of a request that has not ended",
    ),
    (
        "gap",
        "tags_without_request",
        "SELECT count(DISTINCT request_id) FROM data_events d WHERE NOT EXISTS"
        " (SELECT 1 FROM requests r WHERE r.request_id = d.request_id)",
        "requests whose tags are here, but whose end is not",
    ),
    (
        "gap",
        "events_without_request",
        "SELECT count(DISTINCT request_id) FROM (SELECT request_id FROM storage_events UNION ALL SELECT request_id"
        " FROM share_events) e WHERE request_id IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM requests r WHERE r.request_id = e.request_id)",
        "requests that wrote or sent something, but whose end is not here: under way, or killed",
    ),
    (
        "note",
        "unknown_outcomes",
        "SELECT count(*) FROM storage_events WHERE outcome = 'unknown'",
        "writes of which it is not known whether they were committed",
    ),
    (
        "note",
        "not_inspected",
        "SELECT (SELECT count(*) FROM storage_events WHERE inspected <> 'full')"
        " + (SELECT count(*) FROM share_events WHERE inspected <> 'full')"
        " + (SELECT count(*) FROM requests WHERE inspected <> 'full')",
        "requests, writes and calls that were not looked into in full",
    ),
    (
        "note",
        "other_keys",
        "SELECT max(0, count(*) - 1) FROM meta WHERE name LIKE 'key:%'",
        "further salts that values here were hashed with: the same value is not recognised across them",
    ),
    ("note", "erased", "SELECT count(DISTINCT erasure_id) FROM erasures", "erasures that were asked for"),
)


def verify(connection: sqlite3.Connection) -> list[Finding]:
    """All findings, worst first; an empty list means that nothing is damaged, missing or worth a note.

    Reads the whole file: seconds for each gigabyte. Raises sqlite3.Error where it cannot be read at all.
    """
    found: list[Finding] = []
    try:
        found += [
            Finding("damage", "integrity", 1, text[:500])
            for (text,) in connection.execute("PRAGMA integrity_check(20)")
            if text != "ok"
        ]
    except sqlite3.DatabaseError as error:
        found.append(Finding("damage", "integrity", 1, _damage(error)))
    for severity, check, query, text in _CHECKS:
        try:
            number = connection.execute(query).fetchone()[0]
        except sqlite3.DatabaseError as error:
            found.append(Finding("damage", check, 1, f"cannot be counted: {_damage(error)}"))
            continue
        if number:
            found.append(Finding(severity, check, number, text))
    for reason, kind, lost in connection.execute(
        "SELECT reason, kind, sum(count) FROM losses GROUP BY 1, 2 ORDER BY 3 DESC"
    ):
        found.append(Finding("gap", f"lost_{reason}", lost, f"{kind}: lost, for {reason.replace('_', ' ')}"))
    return sorted(found, key=lambda f: ("damage", "gap", "note").index(f.severity))


def _damage(error: sqlite3.DatabaseError) -> str:
    """What SQLite says of damage; raises the error where it is of another kind."""
    if not is_corruption(error):
        raise error
    return str(error)
