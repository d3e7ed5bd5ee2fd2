"""Records ↔ span attributes. The only file that holds ``provenance.*`` names.

Lists of records travel as parallel arrays of primitives, one array for each column, for every
OpenTelemetry back end takes those. Arrays cannot hold None everywhere, so a missing text is ``""`` where the
column is nullable. What was ended by ``.preview`` stays on the machine
unless PROVENANCE_OTLP_PREVIEWS allows it out. The names are documented in docs/reference/attributes.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from otel_provenance.records import LeafRecord, MatchRecord, RequestRecord, ShareRecord, StorageRecord, TagRecord

OURS = "provenance."
"""How every name of ours begins, of attributes and of baggage entries."""
REQUEST_ID = "provenance.request_id"
"""On every span of ours that belongs to a request, and the name of the baggage entry."""
BAGGAGE_TAGS = "provenance.tags"
"""Baggage entry: the ids of the tags known at that time; on the wire, with their hashes."""
BAGGAGE_SIGNATURE = "provenance.signature"
"""Baggage entry on the wire only: when it was issued, and the proof that it was issued with the same salt."""
RECORDS_PER_SPAN = 1000
"""Longer lists are split over several spans: no fact is dropped for a limit."""

# column → attribute; the semantic conventions' own name where there is one
_REQUEST = {
    "request_id": REQUEST_ID,
    "parent_request_id": "provenance.request.parent_id",
    "method": "http.request.method",
    "path": "url.path",
    "route": "http.route",
    "user_id": "user.id",
    "client_address": "client.address",
    "status_code": "http.response.status_code",
    "response_type": "provenance.response.type",
    "response_bytes": "http.response.body.size",
    "response_preview": "provenance.response.preview",
    "error": "provenance.request.error",
    "inspected": "provenance.request.inspected",
    "inspected_reason": "provenance.request.inspected_reason",
}
_SHARE = {
    "event_id": "provenance.share.event_id",
    "occurred_at": "provenance.share.occurred_at",
    "channel": "provenance.share.channel",
    "library": "provenance.share.library",
    "method": "http.request.method",
    "host": "server.address",
    "port": "server.port",
    "url": "url.full",
    "payload_type": "provenance.share.payload.type",
    "payload_bytes": "provenance.share.payload.bytes",
    "payload_hash": "provenance.share.payload.hash",
    "payload_preview": "provenance.share.payload.preview",
    "status_code": "http.response.status_code",
    "outcome": "provenance.share.outcome",
    "inspected": "provenance.share.inspected",
    "inspected_reason": "provenance.share.inspected_reason",
    "gen_ai_provider": "gen_ai.provider.name",
    "gen_ai_model": "gen_ai.request.model",
}
IS_REQUEST = _REQUEST["inspected"]
IS_SHARE = _SHARE["event_id"]

R = TypeVar("R", bound=tuple[Any, ...])


class _Arrays:
    """How a list of one kind of record is laid out in parallel arrays."""

    def __init__(self, prefix: str, kind: Any, nullable: Iterable[str] = ()) -> None:
        self.kind = kind
        self.names = tuple(f"{prefix}.{column}" for column in kind._fields)
        self.nullable = tuple(kind._fields.index(column) for column in nullable)
        """Columns of texts, of which a missing one is ``""``."""

    def encode(self, records: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
        if not records:
            return {}
        columns: list[Any] = list(zip(*records, strict=True))
        for at in self.nullable:
            column = columns[at]
            if None in column:
                columns[at] = tuple([value or "" for value in column])
        return dict(zip(self.names, columns, strict=True))

    def columns(self, attributes: Mapping[str, Any]) -> list[Sequence[Any]]:
        """One sequence for each column, as they travel; none where there are no records."""
        first = attributes.get(self.names[0])
        if not first:
            return []
        # a column that was taken out on the way (a preview) reads as missing
        columns: list[Any] = list(map(attributes.get, self.names))
        if None in columns:
            columns = [("",) * len(first) if column is None else column for column in columns]
        return columns

    def decode(self, attributes: Mapping[str, Any]) -> list[Any]:
        columns = self.columns(attributes)
        for at in self.nullable if columns else ():
            columns[at] = [value or None for value in columns[at]]
        return [self.kind(*row) for row in zip(*columns, strict=True)]


_TAGS = _Arrays("provenance.tag", TagRecord, ("preview", "category"))
_STORAGE = _Arrays(
    "provenance.storage", StorageRecord, ("db_name", "column_name", "primary_key", "model", "value_hash")
)
_MATCHES = _Arrays("provenance.match", MatchRecord)
_LEAVES = _Arrays("provenance.leaf", LeafRecord)


class Facts(NamedTuple):
    """All that one span says."""

    request_id: str | None = None
    request: RequestRecord | None = None
    tags: Sequence[TagRecord] = ()
    storage: Sequence[StorageRecord] = ()
    share: ShareRecord | None = None
    matches: Sequence[MatchRecord] = ()
    leaves: Sequence[LeafRecord] = ()


def request_attributes(request: RequestRecord) -> dict[str, Any]:
    """Of the server span, about the request itself."""
    return {name: value for name, value in zip(_REQUEST.values(), request, strict=True) if value is not None}


def tag_attributes(request_id: str, tags: Sequence[TagRecord]) -> dict[str, Any]:
    """Of the server span, or of a continuation of it: the tags."""
    return {REQUEST_ID: request_id, **_TAGS.encode(tags)}


def storage_attributes(
    request_id: str | None,
    storage: Sequence[StorageRecord],
    matches: Sequence[MatchRecord],
    leaves: Sequence[LeafRecord] = (),
) -> dict[str, Any]:
    """Of a span about writes that had one outcome."""
    origin = {} if request_id is None else {REQUEST_ID: request_id}
    return {**origin, **_STORAGE.encode(storage), **_MATCHES.encode(matches), **_LEAVES.encode(leaves)}


def share_attributes(
    request_id: str | None,
    share: ShareRecord,
    matches: Sequence[MatchRecord],
    leaves: Sequence[LeafRecord] = (),
) -> dict[str, Any]:
    """Of a client span: one outgoing call."""
    attributes = {name: value for name, value in zip(_SHARE.values(), share, strict=True) if value is not None}
    if request_id is not None:
        attributes[REQUEST_ID] = request_id
    return {**attributes, **_MATCHES.encode(matches), **_LEAVES.encode(leaves)}


class Columns(NamedTuple):
    """As Facts, but a list of records is a list of columns, each as long: an exporter's rows are made of them.

    A text that is missing is ``""`` in them.
    """

    request_id: str | None
    request: RequestRecord | None
    tags: Sequence[Sequence[Any]]
    storage: Sequence[Sequence[Any]]
    share: ShareRecord | None
    matches: Sequence[Sequence[Any]]
    leaves: Sequence[Sequence[Any]]


def read_columns(attributes: Mapping[str, Any]) -> Columns:
    """The facts that a span's attributes carry, by column."""
    return Columns(
        attributes.get(REQUEST_ID),
        _request(attributes),
        _TAGS.columns(attributes),
        _STORAGE.columns(attributes),
        _share(attributes),
        _MATCHES.columns(attributes),
        _LEAVES.columns(attributes),
    )


def read_facts(attributes: Mapping[str, Any]) -> Facts:
    """The facts that a span's attributes carry; the inverse of the functions above."""
    return Facts(
        attributes.get(REQUEST_ID),
        _request(attributes),
        _TAGS.decode(attributes),
        _STORAGE.decode(attributes),
        _share(attributes),
        _MATCHES.decode(attributes),
        _LEAVES.decode(attributes),
    )


def _request(attributes: Mapping[str, Any]) -> RequestRecord | None:
    return RequestRecord._make(map(attributes.get, _REQUEST.values())) if IS_REQUEST in attributes else None


def _share(attributes: Mapping[str, Any]) -> ShareRecord | None:
    return ShareRecord._make(map(attributes.get, _SHARE.values())) if IS_SHARE in attributes else None


def carries_facts(attributes: Mapping[str, Any]) -> bool:
    """Whether a span is of interest to the record at all."""
    return (
        IS_REQUEST in attributes
        or IS_SHARE in attributes
        or _STORAGE.names[0] in attributes
        or _TAGS.names[0] in attributes
    )


def without_previews(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What may leave the machine: everything but previews."""
    return {name: value for name, value in attributes.items() if not name.endswith(".preview")}
