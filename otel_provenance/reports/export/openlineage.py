"""OpenLineage (https://openlineage.io/spec): a run event for each request, with column lineage.

A route is a job, a request a run of it. What came in with the request is an input dataset, named by the
route; the tables that it wrote to and the endpoints that it called are output datasets, whose column lineage
says from which field each column was made. What came from an earlier request by way of the database has the
column as its input.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final, NamedTuple
from uuid import NAMESPACE_OID, uuid5

from otel_provenance.reports.edges import chunked, recipient
from otel_provenance.reports.export.period import Period, rows_of
from otel_provenance.version import __version__

_PRODUCER: Final = f"urn:otel-provenance:{__version__}"
_SPEC: Final = "https://openlineage.io/spec"
_EVENT: Final = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
_COLUMN_LINEAGE: Final = f"{_SPEC}/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"
_ERROR_MESSAGE: Final = f"{_SPEC}/facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet"
_OUTSIDE: Final = "outside-requests"


class _Field(NamedTuple):
    namespace: str
    dataset: str
    field: str


class _Edge(NamedTuple):
    start: _Field
    end: _Field
    kind: str
    transform: str


def openlineage(connection: sqlite3.Connection, period: Period) -> Iterator[str]:
    """One JSON object a line."""
    for some in chunked(rows_of(connection, "requests", period)):
        edges = _edges(connection, "e.request_id", [row["request_id"] for row in some], period)
        for row in some:
            yield _line(_run_of(row, edges.get(row["request_id"], [])))
    for table in ("storage_events", "share_events"):
        outside = (row for row in rows_of(connection, table, period) if row["request_id"] is None)
        for origin, group in groupby(outside, key=lambda row: row["event_id"].partition(".")[0]):
            rows = list(group)
            edges = _edges(connection, "e.event_id", [row["event_id"] for row in rows], period)
            together = [edge for found in edges.values() for edge in found]
            run_id = str(uuid5(NAMESPACE_OID, f"{_PRODUCER}:{table}:{origin}"))
            at = max(row["occurred_at"] for row in rows)
            yield _line(_event(run_id, "COMPLETE", at, _OUTSIDE, table.replace("_events", ""), together))


def _run_of(row: sqlite3.Row, edges: Iterable[_Edge]) -> dict[str, Any]:
    failed = row["error"] is not None or (row["status_code"] or 0) >= 500
    at = row["started_at"]
    if row["duration_ms"] is not None:
        ended = datetime.fromisoformat(at.removesuffix("Z")) + timedelta(milliseconds=row["duration_ms"])
        at = ended.isoformat(timespec="microseconds") + "Z"
    job = f"{row['method']} {row['route'] or row['path']}"
    event = _event(row["request_id"], "FAIL" if failed else "COMPLETE", at, row["service"] or "unknown", job, edges)
    if row["error"] is not None:
        event["run"]["facets"] = {
            "errorMessage": _facet(_ERROR_MESSAGE, message=row["error"], programmingLanguage="PYTHON")
        }
    return event


def _event(run_id: str, kind: str, at: str, namespace: str, job: str, edges: Iterable[_Edge]) -> dict[str, Any]:
    inputs: dict[tuple[str, str], None] = {}
    outputs: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {}
    for edge in edges:
        inputs[edge.start.namespace, edge.start.dataset] = None
        fields = outputs.setdefault((edge.end.namespace, edge.end.dataset), {})
        fields.setdefault(edge.end.field, []).append(_input_field(edge))
    return {
        "eventTime": at,
        "eventType": kind,
        "inputs": [{"namespace": ns, "name": name, "facets": {}} for ns, name in inputs],
        "job": {"namespace": namespace, "name": job, "facets": {}},
        "outputs": [
            {
                "namespace": ns,
                "name": name,
                "facets": {
                    "columnLineage": _facet(
                        _COLUMN_LINEAGE, fields={field: {"inputFields": made_of} for field, made_of in fields.items()}
                    )
                },
            }
            for (ns, name), fields in outputs.items()
        ],
        "producer": _PRODUCER,
        "run": {"runId": run_id, "facets": {}},
        "schemaURL": _EVENT,
    }


def _input_field(edge: _Edge) -> dict[str, Any]:
    changed = edge.kind != "exact" or bool(edge.transform)
    transformation: dict[str, Any] = {
        "type": "DIRECT",
        "subtype": "TRANSFORMATION" if changed else "IDENTITY",
        "description": " ".join(filter(None, [edge.kind, edge.transform])),
        "masking": edge.kind == "digest",
    }
    start = edge.start
    return {
        "namespace": start.namespace,
        "name": start.dataset,
        "field": start.field,
        "transformations": [transformation],
    }


def _facet(schema: str, **content: Any) -> dict[str, Any]:
    return {"_producer": _PRODUCER, "_schemaURL": schema, **content}


def _edges(connection: sqlite3.Connection, column: str, ids: list[str], period: Period) -> dict[str, list[_Edge]]:
    """Request (or event) → the edges of its events."""
    found: dict[str, list[_Edge]] = {}
    start = (
        "d.source, d.field, r.service, r.method, coalesce(r.route, r.path), v.db_system, v.db_name, v.table_name,"
        " v.column_name"
    )
    joins = (
        "JOIN tag_matches m ON m.event_id = e.event_id LEFT JOIN data_events d ON d.tag_id = m.tag_id"
        " LEFT JOIN requests r ON r.request_id = d.request_id LEFT JOIN storage_events v ON v.event_id = m.via_event_id"
    )
    for some in chunked(ids):
        where = f"WHERE {column} IN ({','.join('?' * len(some))}) AND m.confidence >= ?"
        for key, system, name, table, field, outcome, kind, transform, *began in connection.execute(
            f"SELECT {column}, e.db_system, e.db_name, e.table_name, e.column_name, e.outcome, m.kind, m.transform,"
            f" {start} FROM storage_events e {joins} {where}",
            (*some, period.min_confidence),
        ):
            if outcome != "rolled_back":
                end = _Field(_database(system, name), table or "unknown", field or "unknown")
                found.setdefault(key, []).append(_Edge(_start(*began), end, kind, transform))
        for key, channel, host, port, method, outcome, location, field, kind, transform, *began in connection.execute(
            f"SELECT {column}, e.channel, e.host, e.port, e.method, e.outcome, m.location, m.field, m.kind,"
            f" m.transform, {start} FROM share_events e {joins} {where}",
            (*some, period.min_confidence),
        ):
            if outcome != "blocked":
                namespace = f"{channel}://{recipient(channel, host, port)}"
                end = _Field(namespace, method or channel, f"{location}.{field}" if field else location)
                found.setdefault(key, []).append(_Edge(_start(*began), end, kind, transform))
    return found


def _start(
    source: str | None,
    field: str | None,
    service: str | None,
    method: str | None,
    route: str | None,
    via_system: str | None,
    via_name: str | None,
    via_table: str | None,
    via_column: str | None,
) -> _Field:
    if via_table is not None:
        return _Field(_database(via_system, via_name), via_table, via_column or "unknown")
    if source is None:
        return _Field("requests://unknown", "another service", "unknown")
    return _Field(f"requests://{service or 'unknown'}", f"{method} {route}", f"{source}.{field}" if field else source)


def _database(system: str | None, name: str | None) -> str:
    return f"{system or 'database'}://{name or 'unknown'}"


def _line(event: dict[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False) + "\n"
