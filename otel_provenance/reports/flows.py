"""Which data goes where? Source field → table.column → recipient, summed over all requests."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from otel_provenance.reports import moments
from otel_provenance.reports.edges import column_of, recipient
from otel_provenance.reports.filters import Filters, Where

_INDEX: Final = re.compile(r"(?<![^.])\d+(?![^.])")
"""A list's index in a dotted path: ``items.0.name`` and ``items.1.name`` are one field."""
_INDEX_INSIDE: Final = re.compile(r"(?<=\.)\d+(?![^.])")
"""Of a value that is JSON or a table itself, after the name of the field that it came in."""

_WRITES: Final = (
    "SELECT {route}, d.source, d.field, d.category, v.table_name, v.column_name, 'store', s.table_name, s.column_name,"
    " NULL, NULL, m.kind, m.transform, count(*), min(s.occurred_at), max(s.occurred_at), min(m.confidence),"
    " max(m.confidence) FROM storage_events s JOIN tag_matches m ON m.event_id = s.event_id"
)
_CALLS: Final = (
    "SELECT {route}, d.source, d.field, d.category, v.table_name, v.column_name, 'share', NULL, h.channel, h.host,"
    " h.port, m.kind, m.transform, count(*), min(h.occurred_at), max(h.occurred_at), min(m.confidence),"
    " max(m.confidence) FROM share_events h JOIN tag_matches m ON m.event_id = h.event_id"
)
_JOINS: Final = (
    " LEFT JOIN data_events d ON d.tag_id = m.tag_id LEFT JOIN storage_events v ON v.event_id = m.via_event_id"
    " LEFT JOIN requests r ON r.request_id = d.request_id"
)
_NOWHERE: Final = (
    "SELECT {route}, d.source, d.field, d.category, NULL, NULL, 'none', NULL, NULL, NULL, NULL, '', '', count(*),"
    " min(d.occurred_at), max(d.occurred_at), NULL, NULL FROM data_events d"
    " LEFT JOIN requests r ON r.request_id = d.request_id"
)
_GROUP: Final = " GROUP BY 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13"


class Flow(NamedTuple):
    """Data of one field that goes to one place."""

    route: str | None
    """``POST /signup``, where it was asked for."""
    source: str | None
    """None: a value of another service's record."""
    field: str | None
    category: str | None
    via: str | None
    """The column that carried it from one request to another."""
    goes: str
    """``store``, ``share``, or ``none``: it came in, and went nowhere."""
    place: str | None
    """``users.email``, or the recipient."""
    changes: tuple[str, ...]
    """How it was changed on the way: kinds (but ``exact``) and transforms."""
    times: int
    first_at: str
    last_at: str
    least_confidence: float | None
    most_confidence: float | None


Key = tuple[str | None, str | None, str | None, str | None, str, str | None]


def flows(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    by_route: bool = False,
    category: str | None = None,
    nowhere: bool = False,
    version: str | None = None,
) -> list[Flow]:
    """All flows, by source and place; of events of the period that the filters say.

    ``category`` is a pattern; ``nowhere`` adds the fields that went to no place; ``version`` keeps what came in
    with requests of this ``service.version``. What was rolled back or blocked did not flow.
    """
    merged: dict[Key, Flow] = {}
    for flow in _read(connection, filters, by_route, category, nowhere, version):
        key = key_of(flow)
        known = merged.get(key)
        merged[key] = flow if known is None else _together(known, flow)
    found = list(merged.values())
    if nowhere:
        gone = {(f.route, f.source, f.field) for f in found if f.goes != "none"}
        found = [f for f in found if f.goes != "none" or (f.route, f.source, f.field) not in gone]
    return sorted(found, key=lambda flow: tuple(part or "" for part in key_of(flow)))


def has_release(connection: sqlite3.Connection, version: str) -> bool:
    """Whether a request to this ``service.version`` is recorded."""
    return (
        connection.execute("SELECT 1 FROM requests WHERE service_version = ? LIMIT 1", (version,)).fetchone()
        is not None
    )


def key_of(flow: Flow) -> Key:
    """What makes it the same flow."""
    return flow.route, flow.source, flow.field, flow.via, flow.goes, flow.place


def _read(
    connection: sqlite3.Connection,
    filters: Filters,
    by_route: bool,
    category: str | None,
    nowhere: bool,
    version: str | None,
) -> Iterator[Flow]:
    route = "r.method || ' ' || coalesce(r.route, r.path)" if by_route else "NULL"
    anywhere = filters.table is None and filters.host is None
    parts: list[tuple[str, str, str | None]] = []
    if anywhere or filters.table is not None:
        parts.append((_WRITES + _JOINS, "s", "s.outcome <> 'rolled_back'"))
    if anywhere or filters.host is not None:
        parts.append((_CALLS + _JOINS, "h", "h.outcome <> 'blocked'"))
    if anywhere and nowhere:
        parts.append((_NOWHERE, "d", None))
    for query, event, condition in parts:
        asked = _where(filters, event, category, version)
        if condition is not None:
            asked.add(condition)
            asked.add("m.confidence >= ?", filters.min_confidence)
        for row in connection.execute(query.format(route=route) + asked.sql + _GROUP, asked.parameters):
            yield _flow(row)


def _where(filters: Filters, event: str, category: str | None, version: str | None) -> Where:
    found = Where()
    identifier = f"{event}.tag_id" if event == "d" else f"{event}.event_id"
    if filters.since is not None:
        found.add(f"{identifier} >= ?", moments.event_id_since(filters.since))
        found.add(f"{event}.occurred_at >= ?", moments.as_recorded(filters.since))
    if filters.until is not None:
        found.add(f"{identifier} < ?", moments.event_id_until(filters.until))
        found.add(f"{event}.occurred_at < ?", moments.as_recorded(filters.until))
    if category is not None:
        found.add("d.category GLOB ?", category)
    if version is not None:
        found.add("r.service_version = ?", version)
    if filters.field is not None:
        found.add("(d.field GLOB ? OR d.source || '.' || d.field GLOB ?)", filters.field, filters.field)
    if filters.path is not None:
        found.add("(r.path GLOB ? OR r.route GLOB ?)", filters.path, filters.path)
    if filters.table is not None and event == "s":
        found.add("(s.table_name GLOB ? OR s.table_name || '.' || s.column_name GLOB ?)", *[filters.table] * 2)
    if filters.host is not None and event == "h":
        found.add("(coalesce(h.host, h.channel) GLOB ? OR h.host || ':' || h.port GLOB ?)", *[filters.host.lower()] * 2)
    return found


def _flow(row: tuple[Any, ...]) -> Flow:
    route, source, field, category, via_table, via_column, goes, table, column, host, port, kind, transform, *rest = row
    place = None
    if goes == "store":
        place = column_of(table, column)
    elif goes == "share":
        place = recipient(column, host, port)
    said = [] if kind in ("", "exact") or (kind == "digest" and transform) else [kind]
    change = " ".join([*said, transform] if transform else said)
    return Flow(
        route,
        source,
        _without_indexes(source, field),
        category,
        column_of(via_table, via_column) if via_table else None,
        goes,
        place,
        (change,) if change else (),
        *rest,
    )


def _together(one: Flow, other: Flow) -> Flow:
    sure = [c for c in (one.least_confidence, other.least_confidence) if c is not None]
    most = [c for c in (one.most_confidence, other.most_confidence) if c is not None]
    return one._replace(
        category=one.category or other.category,
        changes=tuple(sorted({*one.changes, *other.changes})),
        times=one.times + other.times,
        first_at=min(one.first_at, other.first_at),
        last_at=max(one.last_at, other.last_at),
        least_confidence=min(sure, default=None),
        most_confidence=max(most, default=None),
    )


def _without_indexes(source: str, field: str | None) -> str | None:
    if not field or source not in ("json", "form", "query", "file"):
        return field
    return (_INDEX if source == "json" else _INDEX_INSIDE).sub("*", field)
