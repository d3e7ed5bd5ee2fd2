"""Whose data is it? From one identifier to the other values of the same person, and no further.

Two links are followed, because the application itself made them: values written to the same row, and values
that came in with the same request. Neither is followed where it names several people: a row with two columns
of addresses (who invited whom), or a request with two addresses of which one is unknown.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final, NamedTuple

from otel_provenance.reports.edges import Destination, carried_by, chunked, destinations_of, made_of, sightings_of
from otel_provenance.reports.rows import RowKey, row_events, row_of
from otel_provenance.reports.trace import tags_with_hash

_IDENTIFYING: Final = (
    "user.contact.email",
    "user.contact.phone",
    "user.unique_id",
    "user.government_id",
    "user.financial",
    "user.payment",
    "user.account.username",
)
"""Categories (fideslang keys, and what lies below them) of which two people do not have the same value."""
_ROUNDS: Final = 4
_MOST_TAGS: Final = 1000
"""Of one identifier; one seen more often tells little of one person."""
_MOST_ROWS: Final = 1000
_MOST_ADDRESSES: Final = 5
"""So many identifiers of one kind may follow each other in one column of one person's row."""


class Known(NamedTuple):
    """A value of the person."""

    tag_id: str
    request_id: str
    occurred_at: str
    source: str
    field: str
    category: str | None
    value_hash: str


class Identity(NamedTuple):
    """What belongs to the person."""

    identifiers: dict[str, str]
    """Keyed hash → how it was found: ``given``, ``in the same row of users``."""
    tags: dict[str, tuple[Known, str]]
    """Tag → the value, and how it was found."""
    rows: frozenset[RowKey]
    destinations: dict[str, list[Destination]]
    """Tag → where its data went."""
    sightings: tuple[Destination, ...]
    """Further places that hold an identifier, though it is not known from which value it came."""
    notes: tuple[str, ...]
    """What was not followed, and why."""


def is_identifying(category: str | None) -> bool:
    """Whether two people do not have the same value of this category."""
    return category is not None and category.startswith(_IDENTIFYING)


def identity_of(connection: sqlite3.Connection, value_hash: str, min_confidence: float) -> Identity:
    """All that hangs together with the identifier of this keyed hash."""
    return _Search(connection, min_confidence).run(value_hash)


class _Search:
    def __init__(self, connection: sqlite3.Connection, min_confidence: float) -> None:
        self._connection = connection
        self._min_confidence = min_confidence
        self._identifiers: dict[str, str] = {}
        self._tags: dict[str, tuple[Known, str]] = {}
        self._rows: set[RowKey] = set()
        self._destinations: dict[str, list[Destination]] = {}
        self._notes: dict[str, None] = {}

    def run(self, value_hash: str) -> Identity:
        wanted = {value_hash: "given"}
        for _ in range(_ROUNDS):
            wanted = {one: how for one, how in wanted.items() if one not in self._identifiers}
            if not wanted:
                break
            self._identifiers |= wanted
            self._add(self._tags_of(wanted), "identifier")
            wanted = self._follow_rows()
        self._follow_requests()
        sightings = self._follow_sightings()
        return Identity(
            self._identifiers, self._tags, frozenset(self._rows), self._destinations, sightings, tuple(self._notes)
        )

    def _note(self, text: str) -> None:
        self._notes[text] = None

    def _tags_of(self, hashes: Iterable[str]) -> list[Known]:
        found: list[Known] = []
        for value_hash in hashes:
            tag_ids, count = tags_with_hash(self._connection, value_hash, _MOST_TAGS)
            if count > _MOST_TAGS:
                self._note(f"an identifier came in {count:,} times: only the newest {_MOST_TAGS:,} were followed")
            found += self._known("tag_id", tag_ids)
        return found

    def _known(self, column: str, ids: Iterable[str]) -> list[Known]:
        found: list[Known] = []
        for some in chunked(dict.fromkeys(ids)):
            rows = self._connection.execute(
                "SELECT tag_id, request_id, occurred_at, source, field, category, value_hash FROM data_events"
                f" WHERE {column} IN ({','.join('?' * len(some))})",
                some,
            )
            found += [Known(*row) for row in rows]
        return found

    def _add(self, known: Iterable[Known], how: str) -> None:
        new = {one.tag_id: (one, how) for one in known if one.tag_id not in self._tags}
        self._tags |= new
        self._destinations |= destinations_of(self._connection, new, self._min_confidence)

    def _follow_rows(self) -> dict[str, str]:
        """Values in the rows that the person's identifiers were written to; identifiers among them."""
        wanted: dict[str, str] = {}
        rows = {row for tag_id in self._tags for row in map(row_of, self._destinations.get(tag_id, ())) if row}
        if len(rows - self._rows) > _MOST_ROWS:
            self._note(f"the person's data is in more than {_MOST_ROWS:,} rows: not all of them were followed")
        for row in sorted(rows - self._rows)[:_MOST_ROWS]:
            self._rows.add(row)
            columns = self._columns_of(row)
            if _names_several(columns, self._users_of(columns)):
                self._note(f"rows of {row.table} hold identifiers of several people: only the person's own were taken")
                columns = {
                    column: [one for one in known if one.value_hash in self._identifiers]
                    for column, known in columns.items()
                }
            for known in columns.values():
                self._add(known, f"in the same row of {row.table}")
                for one in known:
                    if is_identifying(one.category):
                        wanted[one.value_hash] = f"in the same row of {row.table}"
        return wanted

    def _columns_of(self, row: RowKey) -> dict[str, list[Known]]:
        events = [e for e in row_events(self._connection, row) if e.column and e.outcome != "rolled_back"]
        carried = carried_by(self._connection, [event.event_id for event in events], self._min_confidence)
        known = {k.tag_id: k for k in self._known("tag_id", (e.tag_id for edges in carried.values() for e in edges))}
        columns: dict[str, list[Known]] = {}
        for event in events:
            values = [known[edge.tag_id] for edge in carried.get(event.event_id, ()) if edge.tag_id in known]
            columns.setdefault(event.column or "", []).extend(values)
        return columns

    def _users_of(self, columns: dict[str, list[Known]]) -> dict[str, str]:
        """Request → who was signed in, for the requests whose values are in a row."""
        found: dict[str, str] = {}
        for some in chunked({known.request_id for values in columns.values() for known in values}):
            found |= self._connection.execute(
                "SELECT request_id, user_id FROM requests WHERE user_id IS NOT NULL"
                f" AND request_id IN ({','.join('?' * len(some))})",
                some,
            ).fetchall()
        return found

    def _follow_requests(self) -> None:
        """The other values of the requests that an identifier came in with."""
        asked = {known.request_id for known, _ in self._tags.values() if known.value_hash in self._identifiers}
        by_request: dict[str, list[Known]] = {}
        for known in self._known("request_id", sorted(asked)):
            by_request.setdefault(known.request_id, []).append(known)
        strangers = 0
        for values in by_request.values():
            if any(is_identifying(k.category) and k.value_hash not in self._identifiers for k in values):
                strangers += 1
            else:
                self._add(values, "in the same request")
        if strangers:
            self._note(
                f"{strangers:,} of the person's requests brought in identifiers that are not known to be the person's:"
                " the other values of those were not taken"
            )

    def _follow_sightings(self) -> tuple[Destination, ...]:
        """Texts that the identifiers stand in, and where else they were seen."""
        seen = [one for value in self._identifiers for one in sightings_of(self._connection, value, _MOST_TAGS)]
        texts = made_of(self._connection, seen, self._min_confidence)
        self._add(self._known("tag_id", texts), "names the person")
        told = {one.event_id for found in self._destinations.values() for one in found}
        return tuple(one for one in seen if one.event_id not in told)


def _names_several(columns: dict[str, list[Known]], users: dict[str, str]) -> bool:
    """Whether a row holds identifiers of several people, or held them one after the other.

    Two columns with different identifiers of one kind are two people (who invited whom). One column with
    several over time is one person with a new address, unless different users wrote them, or many did.
    """
    seen: dict[str, tuple[str, dict[str, set[str]]]] = {}
    for column, known in columns.items():
        for one in known:
            if one.category is None or not is_identifying(one.category):
                continue
            first, by_hash = seen.setdefault(one.category, (column, {}))
            if first != column and one.value_hash not in by_hash:
                return True
            wrote = by_hash.setdefault(one.value_hash, set())
            wrote |= {users[one.request_id]} if one.request_id in users else set()
    return any(_are_several(by_hash) for _, by_hash in seen.values())


def _are_several(by_hash: dict[str, set[str]]) -> bool:
    if len(by_hash) > _MOST_ADDRESSES:
        return True
    known = [wrote for wrote in by_hash.values() if wrote]
    return len(known) > 1 and not set.intersection(*known)
