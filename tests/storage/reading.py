"""The application's tables, read back and compared with the committed storage events."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from otel_provenance.values import hash_value


def stored_values(engine: Any) -> dict[tuple[str, str, str], Any]:
    """(table, key as JSON, column) → the value that is in the database now."""
    found = {}
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        for table in metadata.tables.values():
            for row in connection.execute(table.select()):
                values = dict(zip(table.c.keys(), row, strict=True))
                key = json.dumps({c.name: values[c.name] for c in table.primary_key}, ensure_ascii=False)
                for column, value in values.items():
                    found[table.name, key, column] = value
    return found


def assert_record_is_true(recording: Any, engine: Any, tagged: dict[str, Any]) -> None:
    """Every tagged value that is stored has its committed event, and every committed event its value.

    An event is over once a later one is about its row: the same column, or the row as a whole.
    """
    salt = recording.runtime.salt
    hashes = {hash_value(value, salt) for value in tagged.values()}
    told: dict[tuple[str, str, str], str] = {}
    unsure = {(e.table_name, e.primary_key, e.column_name) for e in recording.storage if e.outcome == "unknown"}
    for event in recording.storage:
        if event.outcome != "committed" or event.row_count == 0:
            continue
        assert event.primary_key is not None or event.column_name is None, event
        if event.column_name is not None and event.value_hash is not None:
            told[event.table_name, event.primary_key, event.column_name] = event.value_hash
        elif event.operation == "delete":
            for place in [p for p in told if p[:2] == (event.table_name, event.primary_key)]:
                del told[place]
    there = {
        place: value_hash
        for place, value in stored_values(engine).items()
        if value is not None and (value_hash := hash_value(value, salt)) in hashes
    }
    for place, value_hash in there.items():
        assert told.get(place) == value_hash or place in unsure, f"{place} is stored, and no committed event says so"
    overwritten = {(e.table_name, e.primary_key) for e in recording.storage if e.operation != "insert"}
    for place, value_hash in told.items():
        if place[:2] not in overwritten:
            assert there.get(place) == value_hash, f"a committed event says {place}, which is not stored"
