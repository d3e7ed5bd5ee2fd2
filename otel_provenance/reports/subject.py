"""What does the record tie to a person: requests, values, rows, recipients; and what can it not know?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from otel_provenance.reports.edges import Destination, chunked
from otel_provenance.reports.identity import Identity, Known, identity_of
from otel_provenance.reports.losses import losses
from otel_provenance.reports.rows import RowKey, row_events, table_of, unknown_deletes
from otel_provenance.tables import erasures_of

_BEYOND: Final = (
    "values that were encrypted, keyed with a secret or told in other words are not recognised",
    "what others did with what they received, and what was done without this instrumentation, is not here",
)


class Value(NamedTuple):
    """A kind of value of the person that came in."""

    source: str
    field: str
    category: str | None
    found: str
    """``identifier``, ``in the same row of users``, ``in the same request``."""
    times: int
    first_at: str
    last_at: str


class RequestOf(NamedTuple):
    """A request that brought in data of the person."""

    request_id: str
    started_at: str
    method: str | None
    path: str | None
    user_id: str | None
    service: str | None


class StoredRow(NamedTuple):
    """A row that holds, or held, data of the person."""

    table: str
    primary_key: str | None
    """None: rows whose keys are not known."""
    columns: tuple[str, ...]
    state: str
    """``stored``, ``overwritten`` (all of it), ``overwritten in part``, ``deleted``, ``perhaps deleted``."""
    first_at: str
    last_at: str
    """Of the last write, overwriting or deletion."""


class Recipient(NamedTuple):
    """Someone who received data of the person."""

    recipient: str
    channel: str
    fields: tuple[str, ...]
    """The values that were in it, as they came in."""
    calls: int
    first_at: str
    last_at: str
    state: str
    """``sent``, or ``failed`` if no call is known to have arrived."""


class Subject(NamedTuple):
    """Everything tied to a person."""

    values: tuple[Value, ...]
    requests: tuple[RequestOf, ...]
    rows: tuple[StoredRow, ...]
    recipients: tuple[Recipient, ...]
    limits: tuple[str, ...]
    """What the record cannot know, or was not followed."""


def subject(connection: sqlite3.Connection, value_hash: str, min_confidence: float) -> Subject:
    """Everything tied to the person whom the value with this keyed hash identifies."""
    return describe(connection, identity_of(connection, value_hash, min_confidence), value_hash, min_confidence)


def describe(connection: sqlite3.Connection, identity: Identity, value_hash: str, min_confidence: float) -> Subject:
    """What there is to tell of an identity."""
    came_in = {known.request_id for known, _ in identity.tags.values()}
    requests = tuple(_requests(connection, came_in))
    rows = tuple(_rows(connection, identity))
    return Subject(
        tuple(_values(identity)),
        requests,
        rows,
        tuple(_recipients(identity)),
        tuple(_limits(connection, identity, value_hash, min_confidence, requests, rows)),
    )


def _values(identity: Identity) -> Iterator[Value]:
    order = {"identifier": 0, "in the same request": 2}
    groups: dict[tuple[str, str, str | None, str], list[Known]] = {}
    for known, found in identity.tags.values():
        groups.setdefault((known.source, known.field, known.category, found), []).append(known)
    for (source, field, category, found), some in sorted(
        groups.items(), key=lambda item: (order.get(item[0][3], 1), item[0][0], item[0][1])
    ):
        moments = [known.occurred_at for known in some]
        yield Value(source, field, category, found, len(some), min(moments), max(moments))


def _requests(connection: sqlite3.Connection, request_ids: Iterable[str]) -> Iterator[RequestOf]:
    for some in chunked(sorted(set(request_ids), reverse=True)):
        rows = connection.execute(
            "SELECT request_id, started_at, method, path, user_id, service FROM requests"
            f" WHERE request_id IN ({','.join('?' * len(some))}) ORDER BY request_id DESC",
            some,
        )
        yield from (RequestOf(*row) for row in rows)


def _rows(connection: sqlite3.Connection, identity: Identity) -> Iterator[StoredRow]:
    by_row: dict[tuple[str, str | None], list[Destination]] = {}
    for destinations in (*identity.destinations.values(), identity.sightings):
        for destination in destinations:
            if destination.action in ("insert", "update") and destination.outcome != "rolled_back":
                by_row.setdefault((table_of(destination), destination.primary_key), []).append(destination)
    for (table, key), writes in sorted(by_row.items(), key=lambda item: (item[0][0], item[0][1] or "")):
        columns = tuple(sorted({write.place.rpartition(".")[2] for write in writes}))
        first = min(write.occurred_at for write in writes)
        last = max(write.occurred_at for write in writes)
        state = "stored"
        if key is not None:
            state, at = _state(connection, RowKey(table, key), writes)
            last = max(last, at)
        if state != "deleted":
            newest = max(writes, key=lambda write: write.occurred_at)
            perhaps = unknown_deletes(connection, table, newest.event_id, newest.occurred_at)
            if perhaps:
                state, last = "perhaps deleted", max(last, perhaps[0].occurred_at)
        yield StoredRow(table, key, columns, state, first, last)


def _state(connection: sqlite3.Connection, row: RowKey, writes: list[Destination]) -> tuple[str, str]:
    newest = {write.place.rpartition(".")[2]: write for write in sorted(writes, key=lambda w: w.occurred_at)}
    mine = {write.event_id for write in writes}
    gone: dict[str, str] = {}
    for event in row_events(connection, row, after=min(mine)):
        if event.outcome == "rolled_back":
            continue
        if event.operation == "delete":
            return "deleted", event.occurred_at
        write = newest.get(event.column or "")
        if write is not None and event.event_id not in mine and event.occurred_at >= write.occurred_at:
            gone[event.column or ""] = event.occurred_at
    if not gone:
        return "stored", ""
    return ("overwritten" if len(gone) == len(newest) else "overwritten in part"), max(gone.values())


def _recipients(identity: Identity) -> Iterator[Recipient]:
    groups: dict[tuple[str, str], list[tuple[str, Destination]]] = {}
    received = [
        (known.field or known.source, identity.destinations.get(tag, [])) for tag, (known, _) in identity.tags.items()
    ]
    received += [(one.field or one.location, [one]) for one in identity.sightings]
    for name, destinations in received:
        for destination in destinations:
            if destination.action == "share" and destination.outcome != "blocked":
                groups.setdefault((destination.place, destination.channel or ""), []).append((name, destination))
    for (place, channel), some in sorted(groups.items()):
        moments = [destination.occurred_at for _, destination in some]
        yield Recipient(
            place,
            channel,
            tuple(sorted({name for name, _ in some})),
            len({destination.event_id for _, destination in some}),
            min(moments),
            max(moments),
            "sent" if any(destination.outcome == "sent" for _, destination in some) else "failed",
        )


def _limits(
    connection: sqlite3.Connection,
    identity: Identity,
    value_hash: str,
    min_confidence: float,
    requests: tuple[RequestOf, ...],
    rows: tuple[StoredRow, ...],
) -> Iterator[str]:
    oldest = connection.execute("SELECT started_at FROM requests ORDER BY request_id LIMIT 1").fetchone()
    if oldest is not None:
        yield f"the record begins at {oldest[0][:19].replace('T', ' ')} UTC"
    for erasure in erasures_of(connection, [value_hash]):
        yield f"data of this value was erased from the record at {erasure.occurred_at[:19].replace('T', ' ')} UTC"
    lost = sum(loss.facts for loss in losses(connection))
    if lost:
        yield f"{lost:,} facts are known to be lost: 'otel-provenance doctor' tells why"
    uninspected = _not_inspected(connection, [request.request_id for request in requests])
    if uninspected:
        yield f"{uninspected:,} calls and writes of these requests were not searched in full"
    unknown = sum(
        d.outcome == "unknown" for found in identity.destinations.values() for d in found if d.action != "share"
    )
    if unknown:
        yield f"of {unknown:,} writes it is not known whether they were committed"
    keyless = sorted({row.table for row in rows if row.primary_key is None})
    if keyless:
        yield f"of rows in {', '.join(keyless)} the keys are not known, so neither is whether they still exist"
    users = sorted({request.user_id for request in requests if request.user_id})
    if len(users) == 1:
        yield (
            f"what user {users[0]} did without bringing in these values is not counted:"
            f" 'otel-provenance requests --user {users[0]}' lists it"
        )
    perhaps = sorted({row.table for row in rows if row.state == "perhaps deleted"})
    if perhaps:
        yield f"rows of {', '.join(perhaps)} were deleted by statements that do not say which: perhaps these, too"
    if min_confidence > 0:
        yield f"matches below a confidence of {min_confidence:g} are left out: --min-confidence 0 shows all"
    yield from identity.notes
    yield from _BEYOND


def _not_inspected(connection: sqlite3.Connection, request_ids: list[str]) -> int:
    count = 0
    for some in chunked(request_ids):
        marks = ",".join("?" * len(some))
        for table in ("storage_events", "share_events"):
            count += connection.execute(
                f"SELECT count(*) FROM {table} WHERE request_id IN ({marks}) AND inspected <> 'full'", some
            ).fetchone()[0]
    return count
