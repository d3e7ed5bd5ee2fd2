"""The rows of the record, as frozen tuples: one class for each table of the contract.

They are what the layers in the process make, what span attributes carry, and what the exporters write.
Times are Unix nanoseconds here; the tables hold them as ISO-8601 UTC text with microseconds.
"""

from __future__ import annotations

from typing import NamedTuple


class RequestRecord(NamedTuple):
    """One served HTTP request; times, service and trace ids are the span's own."""

    request_id: str
    parent_request_id: str | None = None
    method: str = ""
    path: str = ""
    route: str | None = None
    user_id: str | None = None
    client_address: str | None = None
    status_code: int | None = None
    response_type: str | None = None
    response_bytes: int | None = None
    response_preview: str | None = None
    error: str | None = None
    inspected: str = "full"
    """How much of what the request brought in was looked into: ``full``, ``partial``, ``none``."""
    inspected_reason: str | None = None


class TagRecord(NamedTuple):
    """One ingress tag (table ``data_events``)."""

    tag_id: str
    occurred_at: int
    source: str
    field: str
    value_hash: str
    value_bytes: int
    value_type: str
    preview: str | None
    category: str | None


class StorageRecord(NamedTuple):
    """One column of a written row that carries a tag, one deleted row, or one other writing statement."""

    event_id: str
    occurred_at: int
    operation: str
    db_system: str
    db_name: str | None
    table_name: str
    column_name: str | None
    primary_key: str | None
    model: str | None
    value_hash: str | None
    row_count: int
    outcome: str
    inspected: str


class ShareRecord(NamedTuple):
    """One outgoing call, with or without a match."""

    event_id: str
    occurred_at: int
    channel: str
    library: str
    method: str | None
    host: str | None
    port: int | None
    url: str | None
    payload_type: str | None
    payload_bytes: int | None
    payload_hash: str | None
    payload_preview: str | None
    status_code: int | None
    outcome: str
    inspected: str
    inspected_reason: str | None
    gen_ai_provider: str | None = None
    """Of a language model's API (OpenTelemetry's ``gen_ai.provider.name``), and the model asked for."""
    gen_ai_model: str | None = None


class MatchRecord(NamedTuple):
    """An edge (table ``tag_matches``): this event carries data of this tag."""

    event_id: str
    tag_id: str
    location: str
    field: str
    kind: str
    transform: str
    confidence: float


class LeafRecord(NamedTuple):
    """A specific value that an event carried: what links requests, processes and services (table ``leaves``)."""

    event_id: str
    location: str
    field: str
    value_hash: str
