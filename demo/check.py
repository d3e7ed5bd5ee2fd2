"""What the record must say of the play, and must not: compared with what the third parties really received."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from demo import cast
from otel_provenance.tables import connect_readonly

RECORD = "runtime_provenance.db"
SUMMARY = "every flow that took place is recorded, and none that did not."

Flow = tuple[str, str, str]
"""Where a value came in (route and field), and where it went (in which route's request, and to where)."""

_SIGNUP, _CHECKOUT, _SUPPORT, _NEWS = "POST /signup", "POST /checkout", "POST /support", "POST /newsletter"
_COLUMNS = {
    "email": "customers.email",
    "name": "customers.name",
    "phone": "customers.phone",
    "born_on": "customers.born_on",
    "language": "customers.language",
    "came_by": "customers.came_by",
    "street": "addresses.street",
    "postcode": "addresses.postcode",
    "city": "addresses.city",
    "country": "addresses.country",
}
COMMITTED: set[Flow] = {
    ("GET / q", "GET /", "searches.term"),
    *((f"{_SIGNUP} {field}", _SIGNUP, column) for field, column in _COLUMNS.items()),
    (f"{_NEWS} email", _NEWS, "subscriptions.email"),
    (f"{_CHECKOUT} gift_note", _CHECKOUT, "orders.gift_note"),
    (f"{_SUPPORT} question", _SUPPORT, "tickets.question"),
    ("PATCH /profile phone", "PATCH /profile", "customers.phone"),
}
SENT: set[Flow] = {
    *((f"{_SIGNUP} {field}", _SIGNUP, "crm.example") for field in ("name", "email", "phone", "city")),
    (f"{_NEWS} email", _NEWS, "ads.example"),
    *((f"{_CHECKOUT} card.{field}", _CHECKOUT, "pay.example") for field in ("number", "expiry", "cvc")),
    (f"{_SUPPORT} question", _SUPPORT, "llm.example"),
}
SENT_LATER: set[Flow] = {  # what one request brought in, another read from the database and sent out
    *((f"{_SIGNUP} {field}", _CHECKOUT, "pay.example") for field in ("name", "email")),
    *((f"{_SIGNUP} {field}", _SUPPORT, "llm.example") for field in ("name", "email")),
}

_FLOWS = """
SELECT came.method || ' ' || came.route || ' ' || d.field, went.method || ' ' || went.route, {place}
FROM tag_matches m JOIN {events} e USING (event_id) JOIN data_events d USING (tag_id)
JOIN requests came ON came.request_id = d.request_id JOIN requests went ON went.request_id = e.request_id
WHERE m.confidence >= 0.5 AND d.source <> 'cookie' AND {condition}
"""


def problems(folder: Path) -> list[str]:
    """A line for each thing that the record has wrong; none if it is right."""
    with closing(connect_readonly(str(folder / RECORD))) as record:
        return [
            *_compare("stored", COMMITTED, _stored(record, "e.outcome = 'committed'")),
            *_compare("sent", SENT | SENT_LATER, _sent(record)),
            *_rolled_back(record),
            *_calls(record, folder),
            *_secrets(folder),
            *_losses(record),
        ]


def _stored(record: sqlite3.Connection, condition: str) -> set[Flow]:
    place = "e.table_name || '.' || e.column_name"
    return set(record.execute(_FLOWS.format(place=place, events="storage_events", condition=condition)))


def _sent(record: sqlite3.Connection) -> set[Flow]:
    return set(record.execute(_FLOWS.format(place="e.host", events="share_events", condition="e.outcome = 'sent'")))


def _compare(what: str, expected: set[Flow], found: set[Flow]) -> list[str]:
    missing = [f"{what}, but not recorded: {_arrow(flow)}" for flow in sorted(expected - found)]
    return missing + [f"recorded, but not {what}: {_arrow(flow)}" for flow in sorted(found - expected)]


def _arrow(flow: Flow) -> str:
    came, went, place = flow
    return f"{came} → {place}" + ("" if came.startswith(went) else f" (in {went})")


def _rolled_back(record: sqlite3.Connection) -> list[str]:
    undone = {place for _, _, place in _stored(record, "e.outcome = 'rolled_back'")}
    expected = {"orders.gift_note"}  # of the declined card
    return [] if undone == expected else [f"undone were {expected}, the record says {undone or 'nothing'}"]


def _calls(record: sqlite3.Connection, folder: Path) -> list[str]:
    received = [json.loads(line)["host"] for line in (folder / "received.jsonl").read_text().splitlines()]
    recorded = [host for (host,) in record.execute("SELECT host FROM share_events ORDER BY occurred_at")]
    return [] if received == recorded else [f"third parties received {received}, the record says {recorded}"]


def _secrets(folder: Path) -> list[str]:
    # not one value that a customer typed may be readable in the record
    content = b"".join(path.read_bytes() for path in folder.glob(f"{RECORD}*"))
    secrets = (cast.PASSWORD, cast.EMAIL, cast.CARD["number"], cast.GIFT_NOTE, cast.QUESTION, *cast.ZOE.values())
    return [f"readable in the record: {s!r}" for s in secrets if len(s) > 6 and s.encode() in content]


def _losses(record: sqlite3.Connection) -> list[str]:
    return [
        f"{count} {kind} lost: {reason}"
        for reason, kind, count in record.execute("SELECT reason, kind, sum(count) FROM losses GROUP BY reason, kind")
    ]
