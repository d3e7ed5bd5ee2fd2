"""Take one person's values out of the record, and leave a proof that it was done.

The rows stay, so that the record still says that something came in, was stored and was sent, and so that
what a process still holds cannot bring them back; but no value, hash, preview or identity is left in them.
The proof holds no hash either: a digest of the hash, of another kind, which only who has the value and the
salt can make again.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

from otel_provenance.identifiers import new_request_id
from otel_provenance.tables.rows import DIGEST, time_text

ERASED: Final = "erased"
"""Stands in ``data_events.value_hash`` for the hash of a value that was taken out."""
_AT_ONCE: Final = 400


class Erasure(NamedTuple):
    """That a value was taken out."""

    occurred_at: str
    changed: dict[str, int]
    """Table → rows from which something was taken."""


def erase(connection: sqlite3.Connection, hashes: Iterable[str], tag_ids: Iterable[str] = ()) -> Counter[str]:
    """Take values out of the record: those with these keyed hashes, and those of these tags; table → rows changed.

    By hash goes a value wherever it is; by tag goes one that others have too (a first name, a town), as this
    one brought it in. Goes with them: the previews, payload hashes and row keys of the events that carried
    them, and of the requests that brought them in: user, client address, path and error. One transaction;
    raises sqlite3.Error as it comes, with nothing changed. What is erased is overwritten in the file and in
    the WAL.
    """
    wanted = sorted(set(hashes) - {ERASED, ""})
    changed: Counter[str] = Counter()
    secure: int = connection.execute("PRAGMA secure_delete").fetchone()[0]
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("BEGIN IMMEDIATE")
    try:
        for some in _chunks(wanted):
            _erase_hashes(connection, some, changed)
        for some in _chunks(sorted(set(tag_ids))):
            _erase_tags(connection, some, changed)
        _forget_digests(connection, changed)
        _prove(connection, wanted, changed)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute(f"PRAGMA secure_delete = {secure}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # the old pages are in the WAL, too
    return +changed


def erasures_of(connection: sqlite3.Connection, hashes: Iterable[str]) -> list[Erasure]:
    """The proofs that values with these hashes were taken out, oldest first."""
    found = []
    for value_hash in set(hashes):
        found += connection.execute(
            "SELECT occurred_at, changed FROM erasures WHERE subject_digest = ?", (_digest(value_hash),)
        ).fetchall()
    return [Erasure(at, json.loads(changed)) for at, changed in sorted(set(found))]


def _erase_hashes(connection: sqlite3.Connection, hashes: Sequence[str], changed: Counter[str]) -> None:
    marks = ", ".join("?" * len(hashes))
    tags = connection.execute(f"SELECT tag_id FROM data_events WHERE value_hash IN ({marks})", hashes)
    for some in _chunks(sorted(tag_id for (tag_id,) in tags)):
        _erase_tags(connection, some, changed)
    leaves = connection.execute(f"SELECT DISTINCT event_id FROM leaves WHERE value_hash IN ({marks})", hashes)
    for some in _chunks(sorted(event_id for (event_id,) in leaves)):
        _blank_events(connection, some, changed)
    changed["storage_events"] += connection.execute(
        f"UPDATE storage_events SET value_hash = NULL, primary_key = NULL WHERE value_hash IN ({marks})", hashes
    ).rowcount
    changed["leaves"] += connection.execute(f"DELETE FROM leaves WHERE value_hash IN ({marks})", hashes).rowcount


def _erase_tags(connection: sqlite3.Connection, tag_ids: Sequence[str], changed: Counter[str]) -> None:
    marks = ", ".join("?" * len(tag_ids))
    requests = connection.execute(f"SELECT DISTINCT request_id FROM data_events WHERE tag_id IN ({marks})", tag_ids)
    request_ids = sorted(request_id for (request_id,) in requests)
    carried = connection.execute(
        "SELECT d.value_hash, m.event_id FROM data_events d JOIN tag_matches m ON m.tag_id = d.tag_id"
        f" WHERE d.tag_id IN ({marks})",
        tag_ids,
    ).fetchall()
    if carried:
        changed["leaves"] += connection.executemany(
            "DELETE FROM leaves WHERE value_hash = ? AND event_id = ?", carried
        ).rowcount
    events = connection.execute(f"SELECT DISTINCT event_id FROM tag_matches WHERE tag_id IN ({marks})", tag_ids)
    for some in _chunks(sorted(event_id for (event_id,) in events)):
        _blank_events(connection, some, changed)
    changed["data_events"] += connection.execute(
        f"UPDATE data_events SET value_hash = '{ERASED}', value_bytes = NULL, preview = NULL WHERE tag_id IN ({marks})",
        tag_ids,
    ).rowcount
    for some in _chunks(request_ids):
        changed["requests"] += connection.execute(
            "UPDATE requests SET user_id = NULL, client_address = NULL, path = route, response_preview = NULL,"
            f" error = NULL WHERE request_id IN ({', '.join('?' * len(some))}) AND NOT (user_id IS NULL AND"
            " client_address IS NULL AND path IS route AND response_preview IS NULL AND error IS NULL)",
            some,
        ).rowcount


def _blank_events(connection: sqlite3.Connection, event_ids: Sequence[str], changed: Counter[str]) -> None:
    marks = ", ".join("?" * len(event_ids))
    changed["storage_events"] += connection.execute(
        f"UPDATE storage_events SET value_hash = NULL, primary_key = NULL WHERE event_id IN ({marks})"
        " AND NOT (value_hash IS NULL AND primary_key IS NULL)",
        event_ids,
    ).rowcount
    changed["share_events"] += connection.execute(
        f"UPDATE share_events SET payload_hash = NULL, payload_preview = NULL, url = NULL WHERE event_id IN ({marks})"
        " AND NOT (payload_hash IS NULL AND payload_preview IS NULL AND url IS NULL)",
        event_ids,
    ).rowcount


def _forget_digests(connection: sqlite3.Connection, changed: Counter[str]) -> None:
    """Digests of what an event stored go with its value. They lie by their own hash, so all leaves are read."""
    changed["leaves"] += connection.execute(
        f"DELETE FROM leaves WHERE location LIKE '{DIGEST}%' AND EXISTS (SELECT 1 FROM storage_events s"
        " WHERE s.event_id = leaves.event_id AND s.column_name IS NOT NULL AND s.value_hash IS NULL)"
    ).rowcount


def _prove(connection: sqlite3.Connection, hashes: Iterable[str], changed: Counter[str]) -> None:
    now = time_text(time.time_ns())
    told = json.dumps(dict(sorted((+changed).items())))
    erasure_id = new_request_id()
    connection.executemany(
        "INSERT INTO erasures (erasure_id, occurred_at, subject_digest, changed) VALUES (?, ?, ?, ?)",
        [(erasure_id, now, _digest(value_hash), told) for value_hash in hashes],
    )


def _digest(value_hash: str) -> str:
    return blake2b(value_hash.encode(), digest_size=16, person=b"otel-prov-erased").hexdigest()


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE))
