"""Retention, erasure and verification."""

from __future__ import annotations

import hashlib
import json
import time

import pytest

from otel_provenance.identifiers import IdSequence, new_request_id
from otel_provenance.settings import Retention
from otel_provenance.tables import connect, erase, erasures_of, prune, verify
from otel_provenance.tables.retention import used_bytes
from tests.store.facts import hashed, leaf_of, match_of, request_attributes_of, storage_span
from tests.store.facts import write_of as write
from tests.store.lifetimes import DAY, a_life, insert


@pytest.fixture
def connection(tmp_path):
    connection = connect(str(tmp_path / "record.db"))
    yield connection
    connection.close()


def counts(connection):
    tables = ("requests", "data_events", "storage_events", "share_events", "tag_matches", "leaves")
    return {t: connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables}


def test_what_is_too_old_goes_with_its_edges_and_leaves(connection, monkeypatch):
    now = time.time()
    a_life(connection, monkeypatch, "old@example.com", now - 100 * DAY)
    kept = a_life(connection, monkeypatch, "new@example.com", now - 1 * DAY)

    removed = prune(connection, Retention(max_age_s=90 * DAY), now=now)

    assert removed == dict.fromkeys(counts(connection), 1) | {"tag_matches": 2}
    assert connection.execute("SELECT request_id FROM requests").fetchall() == [(kept,)]
    assert counts(connection)["tag_matches"] == 2
    assert not prune(connection, Retention(max_age_s=90 * DAY), now=now)
    assert verify(connection) == []


def test_a_young_event_of_an_old_process_stays(connection):
    old = IdSequence(new_request_id())
    event_id = old.new("w")
    insert(connection, storage_span(None, write(event_id, "email", "ada@example.com")))

    prune(connection, Retention(max_age_s=DAY), now=time.time() + DAY / 2)

    assert counts(connection)["storage_events"] == 1


def test_size_takes_the_oldest_and_gives_the_room_back(connection, monkeypatch, tmp_path):
    now = time.time()
    ids = [a_life(connection, monkeypatch, f"user{i}@example.com", now - (300 - i) * 3600) for i in range(300)]
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    bound = used_bytes(connection) // 2
    before = (tmp_path / "record.db").stat().st_size

    removed = prune(connection, Retention(max_bytes=bound), now=now)

    assert 0 < removed["requests"] < 300
    assert used_bytes(connection) <= bound
    left = {r for (r,) in connection.execute("SELECT request_id FROM requests")}
    assert left == set(ids[-len(left) :])
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert (tmp_path / "record.db").stat().st_size < before
    assert not prune(connection, Retention(max_bytes=bound), now=now)


@pytest.mark.parametrize("apart", [3600, 0.001, 0], ids=["even", "a burst", "one moment"])
def test_no_more_goes_than_must_however_the_requests_came(connection, monkeypatch, apart):
    now = time.time()
    ids = [a_life(connection, monkeypatch, f"user{i}@example.com", now - 60 * DAY + i * apart) for i in range(300)]
    ids.append(a_life(connection, monkeypatch, "late@example.com", now - 60))
    bound = int(used_bytes(connection) / 0.95)

    prune(connection, Retention(max_bytes=bound), now=now)

    left = [r for (r,) in connection.execute("SELECT request_id FROM requests ORDER BY request_id")]
    assert ids[-1] in left
    assert used_bytes(connection) <= bound * 0.8
    if apart:
        assert len(left) > 200
        assert left == ids[-len(left) :]


def test_what_is_removed_in_turns_is_removed_whole(connection, monkeypatch):
    now = time.time()
    for i in range(100):
        a_life(connection, monkeypatch, f"user{i}@example.com", now - 60 * DAY + i)
    bound = used_bytes(connection) // 2
    turns = 0
    while prune(connection, Retention(max_bytes=bound), now=now, is_enough=iter([False, True] * 50).__next__):
        turns += 1
        assert verify(connection) == []
        assert len(set(counts(connection).values()) - {counts(connection)["tag_matches"]}) == 1, counts(connection)
    assert turns > 1
    assert used_bytes(connection) <= bound * 0.9


def test_erasure_leaves_nothing_of_the_person_but_the_proof(connection, monkeypatch, tmp_path):
    erased = a_life(connection, monkeypatch, "ada@example.com", time.time())
    kept = a_life(connection, monkeypatch, "bob@example.com", time.time())
    value_hash = hashed("ada@example.com")

    changed = erase(connection, [value_hash])

    assert changed == {"data_events": 1, "requests": 1, "storage_events": 1, "share_events": 1}
    assert counts(connection)["tag_matches"] == 4, "what happened stays"
    user, address = connection.execute(
        "SELECT user_id, client_address FROM requests WHERE request_id = ?", (erased,)
    ).fetchone()
    assert (user, address) == (None, None)
    assert connection.execute("SELECT user_id FROM requests WHERE request_id = ?", (kept,)).fetchone() == (
        "bob@example.com",
    )
    (proof,) = erasures_of(connection, [value_hash])
    assert proof.changed == {"data_events": 1, "requests": 1, "share_events": 1, "storage_events": 1}
    assert erasures_of(connection, [hashed("bob@example.com")]) == []
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = (tmp_path / "record.db").read_bytes()
    assert value_hash.encode() not in raw
    assert b"ada@example.com" not in raw
    assert hashed("bob@example.com").encode() in raw


def test_erasing_a_value_forgets_its_digests(connection):
    email, digest = "ada@example.com", hashlib.sha256(b"ada@example.com").hexdigest()
    request_id, server = request_attributes_of({"email": email})
    ids = IdSequence(request_id)
    tag, w = ids.new("t"), ids.new("w")
    leaf = leaf_of(w, digest, "hex>sha256", "email")
    insert(
        connection,
        server,
        storage_span(request_id, write(w, "email", email), matches=[match_of(w, tag)], leaves=[leaf]),
    )
    assert counts(connection)["leaves"] == 1

    erase(connection, [hashed(email)])

    assert counts(connection)["leaves"] == 0


def test_erasing_is_not_undone_by_facts_that_come_again(connection):
    _, server = request_attributes_of({"email": "ada@example.com"})
    insert(connection, server)
    erase(connection, [hashed("ada@example.com")])
    insert(connection, server)

    assert connection.execute("SELECT value_hash, preview FROM data_events").fetchall() == [("erased", None)]


def test_verify_names_what_is_missing_and_what_is_damaged(connection, tmp_path):
    _, server = request_attributes_of({"email": "ada@example.com"})
    insert(connection, {name: value for name, value in server.items() if "tag" in name or "request_id" in name})
    insert(connection, storage_span("gone", write("w.1", "email", "x"), matches=[match_of("nowhere", "t.1")]))
    connection.execute("INSERT INTO losses VALUES ('2026', 'queue_full', 'data_events', 7, NULL, 'x')")

    found = {f.check: (f.severity, f.number) for f in verify(connection)}

    assert found == {
        "edges_without_event": ("gap", 1),
        "tags_without_request": ("gap", 1),
        "events_without_request": ("gap", 1),
        "lost_queue_full": ("gap", 7),
        "edges_of_other_records": ("note", 1),
    }


def test_verify_sees_a_damaged_page(connection, tmp_path):
    for number in range(200):
        _, server = request_attributes_of({f"field{n}": f"value {n} {number}" for n in range(10)})
        insert(connection, server)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    path = tmp_path / "record.db"
    content = bytearray(path.read_bytes())
    content[20 * 4096 : 21 * 4096] = b"\xff" * 4096
    path.write_bytes(content)

    found = verify(connect(str(path)))

    assert found[0].severity == "damage"
    assert json.dumps(found)
