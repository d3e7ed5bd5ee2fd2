"""W3C PROV, as PROV-JSON (https://www.w3.org/submissions/prov-json/).

A value that came in, a written copy of it and what was sent are entities; a request is the activity that used
the one and generated the others; the user, the service and who received something are agents. Each edge is a
derivation.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import quote

from otel_provenance.reports.edges import column_of, recipient
from otel_provenance.reports.export.period import Period, rows_of

_NAMESPACE: Final = "urn:otel-provenance:"
_OUTSIDE: Final = "outside-requests"
Item = tuple[str, dict[str, Any]]


def prov_json(connection: sqlite3.Connection, period: Period) -> Iterator[str]:
    """The document, section by section; each identifier once."""
    yield '{\n"prefix": ' + json.dumps({"op": _NAMESPACE, "xsd": "http://www.w3.org/2001/XMLSchema#"})
    for section, items in _SECTIONS:
        opened = False
        seen: set[str] = set()
        for identifier, attributes in items(connection, period):
            if section == "agent" or identifier == _name("request", _OUTSIDE):  # met in many rows
                if identifier in seen:
                    continue
                seen.add(identifier)
            start = "," if opened else f',\n"{section}": {{'
            opened = True
            text = json.dumps({k: v for k, v in attributes.items() if v is not None}, ensure_ascii=False)
            yield f"{start}\n  {json.dumps(identifier)}: {text}"
        if opened:
            yield "\n}"
    yield "\n}\n"


def _name(kind: str, identifier: str) -> str:
    return f"op:{kind}/{quote(identifier, safe='')}"


def _typed(value: str, kind: str) -> dict[str, str]:
    return {"$": value, "type": kind}


def _entities(connection: sqlite3.Connection, period: Period) -> Iterator[Item]:
    for row in rows_of(connection, "data_events", period):
        yield (
            _name("tag", row["tag_id"]),
            {
                "prov:type": _typed("op:value", "prov:QUALIFIED_NAME"),
                "prov:label": f"{row['source']} {row['field']}",
                "op:entered_at": _typed(row["occurred_at"], "xsd:dateTime"),
                "op:category": row["category"],
                "op:value_hash": row["value_hash"],
            },
        )
    for row in rows_of(connection, "storage_events", period):
        yield (
            _name("event", row["event_id"]),
            {
                "prov:type": _typed("op:stored", "prov:QUALIFIED_NAME"),
                "prov:label": column_of(row["table_name"], row["column_name"]),
                "op:operation": row["operation"],
                "op:database": row["db_name"],
                "op:primary_key": row["primary_key"],
                "op:outcome": row["outcome"],
            },
        )
    for row in rows_of(connection, "share_events", period):
        yield (
            _name("event", row["event_id"]),
            {
                "prov:type": _typed("op:sent", "prov:QUALIFIED_NAME"),
                "prov:label": f"{row['method'] or row['channel']} {_recipient(row)}",
                "op:channel": row["channel"],
                "op:outcome": row["outcome"],
            },
        )


def _activities(connection: sqlite3.Connection, period: Period) -> Iterator[Item]:
    for row in rows_of(connection, "requests", period):
        yield (
            _name("request", row["request_id"]),
            {
                "prov:type": _typed("op:request", "prov:QUALIFIED_NAME"),
                "prov:label": f"{row['method']} {row['route'] or row['path']}",
                "prov:startTime": row["started_at"],
                "op:status_code": row["status_code"],
            },
        )
    for table in ("storage_events", "share_events"):
        for row in rows_of(connection, table, period):
            if row["request_id"] is None:
                yield (
                    _name("request", _OUTSIDE),
                    {"prov:type": _typed("op:work", "prov:QUALIFIED_NAME"), "prov:label": "work outside requests"},
                )


def _agents(connection: sqlite3.Connection, period: Period) -> Iterator[Item]:
    for row in rows_of(connection, "requests", period):
        if row["user_id"]:
            yield (
                _name("user", row["user_id"]),
                {"prov:type": _typed("prov:Person", "prov:QUALIFIED_NAME"), "prov:label": row["user_id"]},
            )
        if row["service"]:
            yield (
                _name("service", row["service"]),
                {"prov:type": _typed("prov:SoftwareAgent", "prov:QUALIFIED_NAME"), "prov:label": row["service"]},
            )
    for row in rows_of(connection, "share_events", period):
        to = _recipient(row)
        yield _name("recipient", to), {"prov:type": _typed("op:recipient", "prov:QUALIFIED_NAME"), "prov:label": to}


def _used(connection: sqlite3.Connection, period: Period) -> Iterator[Item]:
    for row in rows_of(connection, "data_events", period):
        ends = {"prov:activity": _name("request", row["request_id"]), "prov:entity": _name("tag", row["tag_id"])}
        yield _name("used", row["tag_id"]), {**ends, "prov:time": row["occurred_at"]}


def _generated(connection: sqlite3.Connection, period: Period) -> Iterator[Item]:
    for table in ("storage_events", "share_events"):
        for row in rows_of(connection, table, period):
            activity = _name("request", row["request_id"] or _OUTSIDE)
            ends = {"prov:entity": _name("event", row["event_id"]), "prov:activity": activity}
            yield _name("generation", row["event_id"]), {**ends, "prov:time": row["occurred_at"]}


def _derived(connection: sqlite3.Connection, period: Period) -> Iterator[Item]:
    for number, row in enumerate(rows_of(connection, "tag_matches", period)):
        yield (
            _name("derivation", str(number)),
            {
                "prov:generatedEntity": _name("event", row["event_id"]),
                "prov:usedEntity": _name("tag", row["tag_id"]),
                "op:location": row["location"],
                "op:field": row["field"] or None,
                "op:kind": row["kind"],
                "op:transform": row["transform"] or None,
                "op:confidence": _typed(repr(row["confidence"]), "xsd:double"),
                "op:via": None if row["via_event_id"] is None else _name("event", row["via_event_id"]),
            },
        )


def _associated(connection: sqlite3.Connection, period: Period) -> Iterator[Item]:
    for row in rows_of(connection, "requests", period):
        for role, identifier in (("user", row["user_id"]), ("service", row["service"])):
            if identifier:
                ends = {"prov:activity": _name("request", row["request_id"]), "prov:agent": _name(role, identifier)}
                yield _name(f"association-{role}", row["request_id"]), {**ends, "prov:role": role}


def _attributed(connection: sqlite3.Connection, period: Period) -> Iterator[Item]:
    for row in rows_of(connection, "share_events", period):
        ends = {"prov:entity": _name("event", row["event_id"]), "prov:agent": _name("recipient", _recipient(row))}
        yield _name("received", row["event_id"]), {**ends, "prov:type": _typed("op:received-by", "prov:QUALIFIED_NAME")}


def _recipient(row: sqlite3.Row) -> str:
    return recipient(row["channel"], row["host"], row["port"])


_Section = Callable[[sqlite3.Connection, Period], Iterator[Item]]
_SECTIONS: Final[tuple[tuple[str, _Section], ...]] = (
    ("entity", _entities),
    ("activity", _activities),
    ("agent", _agents),
    ("used", _used),
    ("wasGeneratedBy", _generated),
    ("wasDerivedFrom", _derived),
    ("wasAssociatedWith", _associated),
    ("wasAttributedTo", _attributed),
)
