"""Edges across requests, processes and services: only where the data flowed, to whom it was."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

import pytest

from otel_provenance.identifiers import IdSequence, new_request_id
from otel_provenance.tables import connect
from otel_provenance.tables.adoption import rows_of
from otel_provenance.tables.links import sources, weighing
from otel_provenance.tables.recording import record_rows
from otel_provenance.tables.spool import encode
from tests.store.facts import (
    hashed,
    leaf_of,
    match_of,
    request_attributes_of,
    share_of,
    share_span,
    storage_span,
    write_of,
)


class Story:
    """What happened, told step by step; each step is recorded at once, unless ``later`` keeps it."""

    def __init__(self, connection) -> None:
        self.connection = connection
        self.kept: list[dict[str, Any]] = []
        self.is_late = False
        self._clock = itertools.count(1_800_000_000_000_000_000, 1_000_000_000)

    def _say(self, *spans: dict[str, Any]) -> None:
        if self.is_late:
            self.kept += spans
            return
        rows = rows_of([encode(("p", "shop", None, None, 0, 0, span)) for span in spans])
        self.connection.execute("BEGIN IMMEDIATE")
        record_rows(self.connection, rows)
        self.connection.execute("COMMIT")

    def tell_what_was_kept(self) -> None:
        self.is_late, kept, self.kept = False, self.kept, []
        for span in kept:
            self._say(span)

    def asked(self, fields: dict[str, str]) -> Any:
        return request_attributes_of(fields, occurred_at=next(self._clock))

    def came_in(self, stored: Any = "users", key: int | None = 7, outcome="committed", user_id=None, **fields: str):
        """A request with these fields, each stored to a column of the same name; name → (tag id, event id)."""
        request_id, server = request_attributes_of(fields, occurred_at=next(self._clock), user_id=user_id)
        ids = IdSequence(request_id)
        tags = {name: ids.new("t") for name in fields}
        events = {name: ids.new("w") for name in fields}
        if stored:
            writes = [
                write_of(
                    events[name],
                    name,
                    value,
                    table_name=stored,
                    primary_key=f'{{"id": {key}}}',
                    outcome=outcome,
                    occurred_at=next(self._clock),
                )
                for name, value in fields.items()
            ]
            matches = [match_of(events[name], tags[name], field=name) for name in fields]
            self._say(storage_span(request_id, *writes, matches=matches))
        self._say(server)
        return {name: (tags[name], events[name]) for name in fields}

    def sent(self, in_request=False, **values: Any) -> str:
        """A call with these values in its body, made outside requests unless ``in_request``; its id."""
        origin = new_request_id()
        event_id = IdSequence(origin).new("s")
        leaves = [
            leaf_of(event_id, value, field=name)
            for name, some in values.items()
            for value in (some if isinstance(some, list) else [some])
        ]
        share = share_of(event_id, occurred_at=next(self._clock))
        self._say(share_span(origin if in_request else None, share, leaves=leaves))
        return event_id

    def wrote(self, table="audit", **values: Any) -> str:
        """A row with these values, written outside requests; the id of its event."""
        event_id = IdSequence(new_request_id()).new("w")
        leaves = [leaf_of(event_id, value, "column", name) for name, value in values.items()]
        self._say(
            storage_span(
                None,
                write_of(event_id, None, table_name=table, primary_key='{"id": 99}', occurred_at=next(self._clock)),
                leaves=leaves,
            )
        )
        return event_id

    def edges(self, event_id: str, least: float = 0.5) -> set[tuple[Any, ...]]:
        return set(
            self.connection.execute(
                "SELECT tag_id, field, via_event_id FROM tag_matches WHERE event_id = ? AND confidence >= ?",
                (event_id, least),
            )
        )


@pytest.fixture
def story(tmp_path, monkeypatch):
    from otel_provenance import guard

    monkeypatch.setattr(guard, "strict", True)
    connection = connect(str(tmp_path / "record.db"))
    yield Story(connection)
    connection.close()


def test_a_stored_value_that_is_sent_later_leads_back_to_its_tag_through_the_write(story):
    came = story.came_in(email="ada@example.com", town="Cambridge, Massachusetts")
    event_id = story.sent(to="ada@example.com", other="grace@example.com")

    assert story.edges(event_id) == {(came["email"][0], "to", came["email"][1])}


def test_a_value_that_was_changed_before_it_was_stored_leads_back_through_the_stored_one(story):
    request_id, server = story.asked({"phone": "0170 1234567"})
    ids = IdSequence(request_id)
    tag, write = ids.new("t"), ids.new("w")
    story._say(
        storage_span(
            request_id,
            write_of(write, "phone", "+491701234567"),
            matches=[match_of(write, tag, field="phone", transform="phone", confidence=0.9)],
        ),
        server,
    )
    event_id = story.sent(number="+491701234567")

    assert story.edges(event_id) == {(tag, "number", write)}
    assert story.connection.execute(
        "SELECT kind, transform, confidence FROM tag_matches WHERE event_id = ?", (event_id,)
    ).fetchall() == [("exact", "phone", 0.81)]


def test_a_digest_of_the_stored_value_leads_back_too(story):
    email = "alice@example.com"
    request_id, server = story.asked({"email": " Alice@Example.COM "})
    ids = IdSequence(request_id)
    tag, write = ids.new("t"), ids.new("w")
    digest = hashlib.sha256(email.encode()).hexdigest()
    story._say(
        storage_span(
            request_id,
            write_of(write, "email", email),
            matches=[match_of(write, tag, transform="trim>lower")],
            leaves=[leaf_of(write, digest, "hex>sha256", "email")],
        ),
        server,
    )
    event_id = story.sent(em=digest)

    assert story.edges(event_id) == {(tag, "em", write)}
    assert story.connection.execute(
        "SELECT kind, transform FROM tag_matches WHERE event_id = ?", (event_id,)
    ).fetchall() == [("digest", "hex>sha256")]


def test_what_arrives_late_finds_what_carried_its_value_already(story):
    story.is_late = True
    came = story.came_in(email="ada@example.com")
    story.is_late = False
    event_id = story.sent(to="ada@example.com")
    assert story.edges(event_id) == set()
    story.tell_what_was_kept()

    assert story.edges(event_id) == {(came["email"][0], "to", came["email"][1])}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_arrival_does_not_matter(story, order):
    story.is_late = True
    came = story.came_in(email="ada@example.com")
    event_id = story.sent(to="ada@example.com")
    spans = story.kept
    assert len(spans) == 3
    story.kept = [spans[at] for at in order]
    story.tell_what_was_kept()

    assert story.edges(event_id) == {(came["email"][0], "to", came["email"][1])}


def test_seen_twice_it_is_linked_once(story):
    story.is_late = True
    story.came_in(email="ada@example.com")
    event_id = story.sent(to="ada@example.com")
    story.kept += story.kept
    story.tell_what_was_kept()

    assert len(story.edges(event_id, 0.0)) == 1
    assert story.connection.execute("SELECT count(*) FROM tag_matches").fetchone() == (2,)


def test_what_was_rolled_back_carried_nothing(story):
    story.came_in(email="ada@example.com", outcome="rolled_back")

    assert story.edges(story.sent(to="bob@example.com"), 0.0) == set()
    event_id = story.sent(to="ada@example.com")
    assert story.edges(event_id) == set()
    assert {via for _, _, via in story.edges(event_id, 0.0)} == {None}


def test_what_happened_before_came_from_elsewhere(story):
    event_id = story.sent(to="ada@example.com")
    story.came_in(email="ada@example.com")
    later = story.sent(to="ada@example.com")

    assert story.edges(event_id, 0.0) == set()
    assert len(story.edges(later)) == 1


def test_what_overwrote_a_cell_is_what_was_read_from_it(story):
    story.came_in(name="Ada Byron of London", key=7)
    second = story.came_in(name="Ada Byron of London", key=7)

    assert story.edges(story.sent(who="Ada Byron of London")) == {(second["name"][0], "who", second["name"][1])}


def test_a_column_written_outside_requests_becomes_an_event_and_carries_on(story):
    came = story.came_in(email="ada@example.com")
    write = story.wrote("newsletter", recipient="ada@example.com")
    derived = f"{write}/recipient"

    assert story.edges(derived) == {(came["email"][0], "recipient", came["email"][1])}
    assert story.connection.execute(
        "SELECT table_name, column_name, value_hash, primary_key, outcome FROM storage_events WHERE event_id = ?",
        (derived,),
    ).fetchall() == [("newsletter", "recipient", hashed("ada@example.com"), '{"id": 99}', "committed")]
    assert (came["email"][0], "to", derived) in story.edges(story.sent(to="ada@example.com"))


def test_a_value_that_came_in_and_was_not_stored_is_likely_if_nothing_had_it_before(story):
    came = story.came_in(stored=None, email="ada@example.com")
    assert story.edges(story.sent(to="ada@example.com")) == {(came["email"][0], "to", None)}


def test_a_value_that_went_into_a_queue_is_carried_by_it(story):
    request_id, server = story.asked({"email": "ada@example.com"})
    ids = IdSequence(request_id)
    tag, task = ids.new("t"), ids.new("s")
    queued = share_of(task, channel="queue", library="celery")
    story._say(server, share_span(request_id, queued, [match_of(task, tag, location="body")]))
    event_id = story.sent(to="ada@example.com")

    assert story.connection.execute(
        "SELECT tag_id, confidence, via_event_id FROM tag_matches WHERE event_id = ?", (event_id,)
    ).fetchall() == [(tag, weighing.QUEUED, None)]


def test_a_value_that_the_application_had_before_did_not_come_from_who_asked_for_it(story):
    story.sent(to="ada@example.com")
    story.came_in(stored=None, q="ada@example.com")

    assert story.edges(story.sent(to="ada@example.com"), 0.0) == set()


def test_two_people_who_share_a_value_are_told_apart_by_what_goes_with_it(story):
    ada = story.came_in(key=1, user_id="1", name="Alex Morgan-Smith", email="ada@example.com")
    bob = story.came_in(key=2, user_id="2", name="Alex Morgan-Smith", email="bob@example.com")

    alone = story.sent(name="Alex Morgan-Smith")
    assert story.edges(alone) == set(), "either of them: neither is shown"
    assert len(story.edges(alone, 0.0)) == 2

    event_id = story.sent(name="Alex Morgan-Smith", email="bob@example.com")
    assert story.edges(event_id) == {
        (bob["name"][0], "name", bob["name"][1]),
        (bob["email"][0], "email", bob["email"][1]),
    }
    assert ada["name"][0] not in {tag for tag, _, _ in story.edges(event_id)}


def test_a_person_who_comes_again_is_one_person(story):
    first = story.came_in(key=1, user_id="1", address="12 Downing Street, London")
    second = story.came_in(stored="orders", key=5, user_id="1", address="12 Downing Street, London", note="Ring twice!")

    alone = story.sent(to="12 Downing Street, London")
    assert story.edges(alone) == {(first["address"][0], "to", first["address"][1])}, "the earliest, if nothing speaks"
    assert len(story.edges(alone, 0.4)) == 2
    ordered = story.sent(to="12 Downing Street, London", remark="Ring twice!")
    assert (second["address"][0], "to", second["address"][1]) in story.edges(ordered)


def test_digests_of_what_one_person_stored_twice_are_no_values_of_those_writes(story):
    for table in ("users", "newsletter"):
        request_id, server = story.asked({"email": "ada@example.com"})
        ids = IdSequence(request_id)
        tag, write = ids.new("t"), ids.new("w")
        leaf = leaf_of(write, hashlib.sha256(b"ada@example.com").hexdigest(), "hex>sha256", "email")
        stored = write_of(write, "email", "ada@example.com", table_name=table)
        story._say(storage_span(request_id, stored, matches=[match_of(write, tag)], leaves=[leaf]), server)

    assert story.connection.execute("SELECT count(*) FROM tag_matches").fetchone() == (2,)


def test_a_value_of_very_many_makes_few_edges_and_those_to_whom_it_belongs(story):
    people = [
        story.came_in(key=n, user_id=str(n), employer="United Federation", email=f"user{n}@example.com")
        for n in range(sources.MOST_TAGS + 20)
    ]
    alone = story.sent(employer="United Federation")
    assert story.edges(alone, 0.0) == set()

    first = people[0]
    event_id = story.sent(employer="United Federation", email="user0@example.com")
    assert story.edges(event_id) == {
        (first["employer"][0], "employer", first["employer"][1]),
        (first["email"][0], "email", first["email"][1]),
    }


def test_one_value_of_an_event_makes_a_bounded_number_of_edges(story):
    for n in range(sources.MOST_TAGS - 2):
        story.came_in(stored="orders", key=n, user_id="1", address="12 Downing Street, London")

    assert len(story.edges(story.sent(to="12 Downing Street, London"), 0.0)) == weighing.MOST_EDGES


def test_an_address_within_a_text_is_contained_in_it(story):
    came = story.came_in(email="ada@example.com")
    event_id = story.sent(text=["Dear ada@example.com, welcome to the shop", "ada@example.com"])

    assert story.connection.execute(
        "SELECT tag_id, kind FROM tag_matches WHERE event_id = ?", (event_id,)
    ).fetchall() == [(came["email"][0], "contains")]


def test_an_address_that_was_stored_within_a_text_is_carried_by_that_text(story):
    request_id, server = story.asked({"email": "ada@example.com"})
    ids = IdSequence(request_id)
    tag, write = ids.new("t"), ids.new("w")
    edge = match_of(write, tag, field="note", kind="contains")
    story._say(storage_span(request_id, write_of(write, "note", "call ada@example.com"), matches=[edge]), server)

    assert story.edges(story.sent(to="ada@example.com")) == {(tag, "to", write)}
    assert story.edges(story.sent(text="call ada@example.com")) == {(tag, "text", write)}


def test_what_a_stored_payload_contains_it_contains_wherever_it_is_sent(story):
    payload = '{"email": "ada@example.com"}'
    request_id, server = story.asked({"email": "ada@example.com"})
    ids = IdSequence(request_id)
    tag, write = ids.new("t"), ids.new("w")
    edge = match_of(write, tag, field="raw.email", transform="json")
    story._say(storage_span(request_id, write_of(write, "raw", payload), matches=[edge]), server)
    sent = story.sent(text=payload)

    query = "SELECT tag_id, field, kind, via_event_id FROM tag_matches WHERE event_id = ?"
    assert story.connection.execute(query, (sent,)).fetchall() == [(tag, "text", "contains", write)]


def test_a_text_that_holds_a_tag_of_its_own_request_may_hold_an_earlier_one_too(story):
    came = story.came_in(email="ada@example.com")
    request_id, server = story.asked({"question": "Where is my parcel?"})
    ids = IdSequence(request_id)
    tag, call = ids.new("t"), ids.new("s")
    own = match_of(call, tag, location="body", field="prompt", kind="contains")
    leaves = [
        leaf_of(call, value, field="prompt") for value in ("ada@example.com asks: Where is my…", "ada@example.com")
    ]
    story._say(server, share_span(request_id, share_of(call, occurred_at=next(story._clock)), [own], leaves))

    assert story.edges(call) == {(tag, "prompt", None), (came["email"][0], "prompt", came["email"][1])}


def test_a_digest_of_a_value_of_its_own_request_is_that_value(story):
    digest = hashlib.sha256(b"ada@example.com").hexdigest()
    first, server = story.asked({"email": "ada@example.com"})
    ids = IdSequence(first)
    tag, write = ids.new("t"), ids.new("w")
    leaf = leaf_of(write, digest, "hex>sha256", "email")
    story._say(
        storage_span(first, write_of(write, "email", "ada@example.com"), matches=[match_of(write, tag)], leaves=[leaf]),
        server,
    )
    request_id, server = story.asked({"email": "ada@example.com"})
    ids = IdSequence(request_id)
    tag, call = ids.new("t"), ids.new("s")
    own = match_of(call, tag, location="body", field="em", kind="digest", transform="hex>sha256")
    share = share_of(call, occurred_at=next(story._clock))
    story._say(share_span(request_id, share, [own], [leaf_of(call, digest, field="em")]), server)

    assert story.edges(call, 0.0) == {(tag, "em", None)}


def test_the_requests_own_tags_are_no_links(story):
    request_id, server = story.asked({"email": "ada@example.com"})
    ids = IdSequence(request_id)
    ids.new("t")
    event_id = ids.new("s")
    story._say(server, share_span(request_id, share_of(event_id), leaves=[leaf_of(event_id, "ada@example.com")]))

    assert story.edges(event_id, 0.0) == set()


def test_a_request_that_writes_a_text_twice_is_no_source_of_its_own(story):
    """Its rows may be here before the request is: whose tag it is, is known by the tag's id."""
    text = '{"format": "xlsx", "rows": 10}'
    request_id, server = story.asked({"format": "xlsx"})
    ids = IdSequence(request_id)
    tag_id = ids.new("t")
    events = [ids.new("w"), ids.new("w")]
    for event_id in events:
        written = write_of(event_id, "json", text, table_name="logs", primary_key='{"id": 1}')
        story._say(
            storage_span(
                request_id,
                written._replace(occurred_at=next(story._clock)),
                matches=[match_of(event_id, tag_id, field="json.format", transform="json")],
                leaves=[leaf_of(event_id, text, "column", "json")],
            )
        )
    story._say(server)

    assert story.edges(events[1]) == {(tag_id, "json.format", None)}
