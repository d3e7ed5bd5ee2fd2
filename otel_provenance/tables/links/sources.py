"""What the record knows of a value: the tags that it came in with, and the writes that carried them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

MOST_TAGS: Final = 32
"""A value with more tags is a hub."""

_TAG = "d.request_id, d.occurred_at, d.category, r.user_id"
_TAGS: Final = f"""
SELECT d.tag_id, {_TAG} FROM data_events d LEFT JOIN requests r ON r.request_id = d.request_id
 WHERE d.value_hash = ? ORDER BY d.tag_id DESC LIMIT ?"""
_TAGS_OF_REQUESTS: Final = f"""
SELECT d.tag_id, {_TAG} FROM json_each(?) j JOIN data_events d ON d.request_id = j.value
 LEFT JOIN requests r ON r.request_id = d.request_id WHERE d.value_hash = ? LIMIT ?"""
_WRITE = "m.confidence, s.event_id, s.occurred_at, s.table_name, s.column_name, s.primary_key"
_CARRIED = "s.outcome <> 'rolled_back' AND s.operation <> 'delete'"
_WRITES_OF_TAGS: Final = f"""
SELECT m.tag_id, 'exact', '', {_WRITE} FROM json_each(?) j CROSS JOIN tag_matches m ON m.tag_id = j.value
 JOIN storage_events s ON s.event_id = m.event_id WHERE m.kind IN ('exact', 'contains') AND {_CARRIED} LIMIT ?"""
# what a part of the value is, the value as a whole contains
_WRITES_OF_VALUE: Final = f"""
SELECT m.tag_id, CASE WHEN m.kind = 'exact' AND m.field <> l.field THEN 'contains' ELSE m.kind END, m.transform,
 {_WRITE}, l.location, {_TAG}
 FROM (SELECT event_id, location, field FROM leaves WHERE value_hash = ? ORDER BY event_id DESC LIMIT ?) l
 JOIN storage_events s ON s.event_id = l.event_id AND s.column_name = l.field
 JOIN tag_matches m ON m.event_id = l.event_id
 LEFT JOIN data_events d ON d.tag_id = m.tag_id LEFT JOIN requests r ON r.request_id = d.request_id
 WHERE {_CARRIED} LIMIT ?"""
_QUEUED: Final = """
SELECT DISTINCT m.tag_id FROM json_each(?) j CROSS JOIN tag_matches m ON m.tag_id = j.value
 JOIN share_events q ON q.event_id = m.event_id WHERE q.channel = 'queue'"""
_ROLLED_BACK: Final = """
SELECT DISTINCT m.tag_id FROM json_each(?) j CROSS JOIN tag_matches m ON m.tag_id = j.value
 JOIN storage_events s ON s.event_id = m.event_id WHERE s.outcome = 'rolled_back'"""


class SourceTag(NamedTuple):
    """A tag that has the value, or of whose data it was made."""

    tag_id: str
    request_id: str | None
    occurred_at: str | None
    category: str | None
    user_id: str | None


class CarryingWrite(NamedTuple):
    """A write that carried a tag's data, and how the value relates to the tag's."""

    tag_id: str
    kind: str
    transform: str
    confidence: float
    event_id: str
    occurred_at: str
    table: str | None
    column: str | None
    key: str | None


class Sources(NamedTuple):
    """All that a value may have come from, up to a bound."""

    tags: Sequence[SourceTag]
    writes: Sequence[CarryingWrite]


def tags_of(connection: sqlite3.Connection, value_hash: str) -> list[SourceTag]:
    """The newest tags with a value; one more than MOST_TAGS if there are more."""
    return [SourceTag(*row) for row in connection.execute(_TAGS, (value_hash, MOST_TAGS + 1))]


def sources_of(connection: sqlite3.Connection, value_hash: str, tags: Sequence[SourceTag]) -> Sources:
    """The tags with a value, those of whose data it was made, and the writes that carried them."""
    writes = _writes_of(connection, tags)
    found = dict.fromkeys(tags)
    for row in connection.execute(_WRITES_OF_VALUE, (value_hash, MOST_TAGS, MOST_TAGS * 2)):
        write, location = CarryingWrite(*row[:9]), row[9]
        if location != "column":  # a digest of what was stored
            write = write._replace(kind="digest", transform=location)
        writes.append(write)
        found[SourceTag(row[0], *row[10:])] = None
    return Sources(list(found), writes)


def sources_within(connection: sqlite3.Connection, value_hash: str, request_ids: Iterable[str | None]) -> Sources:
    """As ``sources_of``, of a hub: only what these requests brought in."""
    wanted = json.dumps(list(request_ids))
    tags = [SourceTag(*row) for row in connection.execute(_TAGS_OF_REQUESTS, (wanted, value_hash, MOST_TAGS))]
    return Sources(tags, _writes_of(connection, tags))


def queued_of(connection: sqlite3.Connection, tags: Iterable[SourceTag]) -> set[str]:
    """Those of the tags whose data went into a queue."""
    return {tag_id for (tag_id,) in connection.execute(_QUEUED, (_ids(tags),))}


def rolled_back_of(connection: sqlite3.Connection, tags: Iterable[SourceTag]) -> set[str]:
    """Those of the tags of which a write was rolled back."""
    return {tag_id for (tag_id,) in connection.execute(_ROLLED_BACK, (_ids(tags),))}


def _writes_of(connection: sqlite3.Connection, tags: Sequence[SourceTag]) -> list[CarryingWrite]:
    return [CarryingWrite(*row) for row in connection.execute(_WRITES_OF_TAGS, (_ids(tags), MOST_TAGS * 2))]


def _ids(tags: Iterable[SourceTag]) -> str:
    return json.dumps([tag.tag_id for tag in tags])
