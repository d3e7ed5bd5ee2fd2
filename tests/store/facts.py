"""Facts for tests and processes of tests."""

from __future__ import annotations

import time
from typing import Any

from otel_provenance.attributes import request_attributes, share_attributes, storage_attributes, tag_attributes
from otel_provenance.identifiers import IdSequence, new_request_id
from otel_provenance.records import LeafRecord, MatchRecord, RequestRecord, ShareRecord, StorageRecord
from otel_provenance.tags import make_tag
from otel_provenance.values import hash_value

SALT = b"a salt for tests"


def hashed(value: Any) -> str:
    return hash_value(value, SALT)


def request_attributes_of(
    fields: dict[str, Any], request_id: str | None = None, occurred_at: int | None = None, **about: Any
) -> tuple[str, dict[str, Any]]:
    """(request id, what the server span of a request with these form fields says)."""
    request_id = request_id or new_request_id()
    ids = IdSequence(request_id)
    tags = [
        make_tag("form", name, value, SALT, ids.new("t"), occurred_at).to_record(2048) for name, value in fields.items()
    ]
    request = RequestRecord(request_id, method="POST", path="/", route="/", status_code=200)._replace(**about)
    return request_id, request_attributes(request) | tag_attributes(request_id, tags)


def write_of(event_id: str, column: str | None, value: Any = None, **about: Any) -> StorageRecord:
    record = StorageRecord(
        event_id,
        time.time_ns(),
        "insert",
        "sqlite",
        "main",
        "users",
        column,
        '{"id": 7}',
        None,
        None if value is None else hashed(value),
        1,
        "committed",
        "full",
    )
    return record._replace(**about)


def share_of(event_id: str, **about: Any) -> ShareRecord:
    record = ShareRecord(
        event_id,
        time.time_ns(),
        "http",
        "requests",
        "POST",
        "crm.example",
        443,
        "https://crm.example/",
        "application/json",
        10,
        None,
        None,
        200,
        "sent",
        "full",
        None,
    )
    return record._replace(**about)


def storage_span(request_id: str | None, *writes: StorageRecord, matches: Any = (), leaves: Any = ()) -> dict[str, Any]:
    return storage_attributes(request_id, writes, matches, leaves)


def share_span(request_id: str | None, share: ShareRecord, matches: Any = (), leaves: Any = ()) -> dict[str, Any]:
    return share_attributes(request_id, share, matches, leaves)


def match_of(event_id: str, tag_id: str, **about: Any) -> MatchRecord:
    return MatchRecord(event_id, tag_id, "column", "email", "exact", "", 0.95)._replace(**about)


def leaf_of(event_id: str, value: Any, location: str = "body", field: str = "email") -> LeafRecord:
    return LeafRecord(event_id, location, field, hashed(value))
