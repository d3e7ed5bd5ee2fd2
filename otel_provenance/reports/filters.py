"""What a list is narrowed to, and the SQL that does it.

Method, path and user are those of the request that was served; a table, a host and a field are those that
the data went through. Texts are patterns (SQLite GLOB: ``*``, ``?``, ``[…]``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

from otel_provenance.reports import moments

Subject = Literal["requests", "data", "storage", "share"]


class Filters(NamedTuple):
    """None means: not narrowed by that."""

    since: datetime | None = None
    until: datetime | None = None
    request_id: str | None = None
    """A whole id; see ``ids.whole_request_id``."""
    method: str | None = None
    path: str | None = None
    """Of the path or the route."""
    user: str | None = None
    table: str | None = None
    """``users``, or ``users.email``."""
    host: str | None = None
    """A host, ``host:port``, or a channel for what has no host."""
    field: str | None = None
    """Of a tag, with or without its source: ``email``, ``form.email``; or the column, or place in a call."""
    limit: int | None = None
    min_confidence: float = 0.5


class Where:
    """A growing SQL condition and its parameters."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.parameters: list[object] = []

    def add(self, condition: str, *parameters: object) -> None:
        """One more condition that must hold."""
        self.conditions.append(condition)
        self.parameters += parameters

    @property
    def sql(self) -> str:
        """``WHERE …``, or nothing."""
        return " WHERE " + " AND ".join(self.conditions) if self.conditions else ""


# how the rows of each list reach the request, the tags and the events that they belong to
_ID: Final = {"requests": "r.request_id", "data": "d.tag_id", "storage": "s.event_id", "share": "h.event_id"}
_TIME: Final = {"requests": "r.started_at", "data": "d.occurred_at", "storage": "s.occurred_at"}
_ORIGIN: Final = {"requests": "r.request_id", "data": "d.request_id", "storage": "s.request_id"}
_TABLE: Final = "({0}.table_name GLOB ? OR {0}.table_name || '.' || {0}.column_name GLOB ?)"
_HOST: Final = "(coalesce({0}.host, {0}.channel) GLOB ? OR {0}.host || ':' || {0}.port GLOB ?)"
_TAG_FIELD: Final = "({0}.field GLOB ? OR {0}.source || '.' || {0}.field GLOB ?)"
_REACHED: Final = {
    "requests": "EXISTS (SELECT 1 FROM {table} e WHERE e.request_id = r.request_id AND {condition})",
    "data": "EXISTS (SELECT 1 FROM tag_matches m JOIN {table} e ON e.event_id = m.event_id"
    " WHERE m.tag_id = d.tag_id AND m.confidence >= ? AND {condition})",
}
_CARRIES: Final = (
    "(EXISTS (SELECT 1 FROM tag_matches m LEFT JOIN data_events t ON t.tag_id = m.tag_id"
    " WHERE m.event_id = {event} AND m.confidence >= ? AND ({tag} OR m.field GLOB ?)){or_own})"
)


def where(subject: Subject, filters: Filters) -> Where:
    """The condition for a list, over aliases r (requests), d (data_events), s (storage_events), h (share_events)."""
    found = Where()
    origin = _ORIGIN.get(subject, "h.request_id")
    if filters.request_id is not None:
        found.add(f"{origin} = ?", filters.request_id)
    _narrow_time(found, subject, filters)
    _narrow_request(found, subject, origin, filters)
    if filters.table is not None:
        _narrow_event(found, subject, "storage_events", _TABLE, [filters.table] * 2, filters)
    if filters.host is not None:
        _narrow_event(found, subject, "share_events", _HOST, [filters.host.lower()] * 2, filters)
    if filters.field is not None:
        _narrow_field(found, subject, filters.field, filters)
    return found


def newest_first(subject: Subject, filters: Filters) -> str:
    """Order by id, which is by time; not the index but the primary key, unless the request is known."""
    identifier = _ID[subject]
    return f" ORDER BY {identifier if filters.request_id is None else '+' + identifier} DESC"


def _narrow_time(found: Where, subject: Subject, filters: Filters) -> None:
    identifier, time = _ID[subject], _TIME.get(subject, "h.occurred_at")
    since, until = (
        (moments.request_id_since, moments.request_id_until)
        if subject == "requests"
        else (moments.event_id_since, moments.event_id_until)
    )
    bound = identifier if filters.request_id is None else f"+{identifier}"
    if filters.since is not None:
        found.add(f"{bound} >= ? AND {time} >= ?", since(filters.since), moments.as_recorded(filters.since))
    if filters.until is not None:
        found.add(f"{bound} < ? AND {time} < ?", until(filters.until), moments.as_recorded(filters.until))


def _narrow_request(found: Where, subject: Subject, origin: str, filters: Filters) -> None:
    asked = Where()
    if filters.method is not None:
        asked.add("r.method GLOB ?", filters.method.upper())
    if filters.path is not None:
        asked.add("(r.path GLOB ? OR r.route GLOB ?)", filters.path, filters.path)
    if filters.user is not None:
        asked.add("r.user_id GLOB ?", filters.user)
    if not asked.conditions:
        return
    if subject == "requests":
        found.add(" AND ".join(asked.conditions), *asked.parameters)
    else:
        asked.add(f"r.request_id = {origin}")
        found.add(f"EXISTS (SELECT 1 FROM requests r{asked.sql})", *asked.parameters)


def _narrow_event(
    found: Where, subject: Subject, table: str, condition: str, texts: Sequence[str], filters: Filters
) -> None:
    own = {"storage": ("storage_events", "s"), "share": ("share_events", "h")}.get(subject)
    if own is not None:
        if own[0] == table:
            found.add(condition.format(own[1]), *texts)
            return
        # a row of the other kind is reached through the request that both belong to
        origin = f"{own[1]}.request_id"
        reach = f"EXISTS (SELECT 1 FROM {table} e WHERE e.request_id = {origin} AND {condition.format('e')})"
        found.add(reach, *texts)
        return
    reach = _REACHED[subject].format(table=table, condition=condition.format("e"))
    found.add(reach, *([filters.min_confidence] if subject == "data" else []), *texts)


def _narrow_field(found: Where, subject: Subject, field: str, filters: Filters) -> None:
    if subject == "data":
        found.add(_TAG_FIELD.format("d"), field, field)
    elif subject == "requests":
        condition = _TAG_FIELD.format("t")
        found.add(
            f"EXISTS (SELECT 1 FROM data_events t WHERE t.request_id = r.request_id AND {condition})", field, field
        )
    else:
        or_own = " OR s.column_name GLOB ?" if subject == "storage" else ""
        condition = _CARRIES.format(event=_ID[subject], tag=_TAG_FIELD.format("t"), or_own=or_own)
        texts = [field] * (4 if or_own else 3)
        found.add(condition, filters.min_confidence, *texts)
