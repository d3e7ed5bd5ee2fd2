"""What spans say is in the tables, soon, once."""

from __future__ import annotations

import itertools
import os
import stat
import tempfile
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otel_provenance.identifiers import IdSequence
from otel_provenance.tables import connect
from otel_provenance.tables.adoption import rows_of
from otel_provenance.tables.recording import record_rows
from otel_provenance.tables.rows import TABLES
from otel_provenance.tables.spool import encode
from tests.store.facts import hashed, match_of, request_attributes_of, share_of, share_span, storage_span, write_of


def wait_until(condition, seconds=10.0):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "did not happen in time"
        time.sleep(0.002)


def test_a_request_is_in_the_file_soon_without_a_flush(recorder):
    request_id = recorder.request(email="ada@example.com")

    wait_until(lambda: os.path.exists(recorder.path))
    wait_until(lambda: recorder.rows() == [(request_id,)])


def test_every_fact_of_a_span_has_its_row(recorder):
    request_id, attributes = request_attributes_of({"email": "Ada@Example.com", "password": "x"}, user_id="7")
    ids = IdSequence(request_id)
    tag_id = ids.new("t")
    write = write_of("w.0", "email", "ada@example.com", table_name="users")
    recorder.span(storage_span(request_id, write, matches=[match_of("w.0", tag_id)]))
    share = share_of("s.0", host="crm.example", status_code=None, outcome="failed")
    recorder.span(share_span(request_id, share, [match_of("s.0", tag_id, location="body")]))
    recorder.span(attributes)
    assert recorder.flush()

    ((started_at, service, user, trace_id),) = recorder.rows(
        "SELECT started_at, service, user_id, trace_id FROM requests"
    )
    assert (service, user, len(trace_id)) == ("shop", "7", 32)
    assert started_at.startswith("20")
    assert started_at.endswith("Z")
    assert len(started_at) == len("2026-11-24T06:25:38.345131Z")
    assert recorder.rows("SELECT tag_id, field, value_hash, preview FROM data_events ORDER BY field") == [
        (tag_id, "email", hashed("ada@example.com"), "Xxx@Xxxxxxx.xxx"),
        (ids.new("t"), "password", hashed("x"), None),
    ]
    assert recorder.rows("SELECT column_name, value_hash, outcome, request_id FROM storage_events") == [
        ("email", hashed("ada@example.com"), "committed", request_id)
    ]
    assert recorder.rows("SELECT host, status_code, outcome FROM share_events") == [("crm.example", None, "failed")]
    assert recorder.rows("SELECT event_id, tag_id, location, confidence, via_event_id FROM tag_matches") == [
        ("s.0", tag_id, "body", 0.95, None),
        ("w.0", tag_id, "column", 0.95, None),
    ]


def test_facts_seen_twice_are_recorded_once(recorder):
    _, attributes = request_attributes_of({"email": "ada@example.com"})
    for _ in range(2):
        recorder.span(attributes)
        recorder.flush()

    assert recorder.rows("SELECT count(*) FROM data_events") == [(1,)]
    assert recorder.rows("SELECT count(*) FROM requests") == [(1,)]


def test_spans_without_facts_make_no_file(recorder):
    recorder.span({"http.request.method": "GET"})
    recorder.flush()

    assert not os.path.exists(recorder.path)


def test_the_files_can_be_read_by_their_owner_alone(recorder):
    former = os.umask(0o000)
    try:
        recorder.request(email="ada@example.com")
        recorder.flush()
        recorder.request(email="bob@example.com")
    finally:
        os.umask(former)

    folder = os.path.dirname(recorder.path)
    modes = {name: stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) for name in os.listdir(folder)}
    assert set(modes.values()) == {0o600}
    assert any(".spool-" in name for name in modes)


def test_a_clean_end_leaves_the_database_alone(recorder):
    recorder.request(email="ada@example.com")
    recorder.exporter.shutdown()

    assert os.listdir(os.path.dirname(recorder.path)) == ["record.db"]


def test_facts_after_a_shutdown_are_not_lost(recorder):
    first = recorder.request(email="ada@example.com")
    recorder.exporter.shutdown()
    second = recorder.request(email="bob@example.com")

    assert recorder.request_ids() == {first, second}  # the second from the spool


def test_values_that_sqlite_cannot_store_do_not_take_others_with_them(recorder):
    good = recorder.request(email="ada@example.com")
    _, strange = request_attributes_of({"email": "bob@example.com"}, path="/\udcff", response_bytes=2**70)
    recorder.span(strange)
    recorder.flush()

    assert sorted(recorder.rows("SELECT path, response_bytes FROM requests")) == [("/", None), ("/\\udcff", None)]
    assert good in recorder.request_ids()


@pytest.mark.parametrize("count", [1, 141, 142, 143, 400])
def test_all_of_many_rows_are_recorded_and_one_that_sqlite_cannot_store_takes_none_with_it(count):
    """However many one statement inserts."""
    request_id, _ = request_attributes_of({"email": "ada@example.com"})
    ids = IdSequence(request_id)
    writes = [write_of(ids.new("w"), f"column_{at}", f"value {at}", model=None) for at in range(count)]
    matches = [match_of(write.event_id, ids.new("t"), field=f"column_{at}") for at, write in enumerate(writes)]
    matches[count // 2] = matches[count // 2]._replace(field="\udcff")

    rows = tables_after([[storage_span(request_id, *writes, matches=matches)]])

    fields = {"\\udcff" if match.field == "\udcff" else match.field for match in matches}
    assert {row[3] for row in rows["tag_matches"]} == fields
    assert {row[7] for row in rows["tag_matches"]} == {None}
    assert {(row[7], row[9]) for row in rows["storage_events"]} == {(write.column_name, None) for write in writes}


def test_a_row_that_cannot_be_put_in_order_takes_none_with_it():
    request_id, _ = request_attributes_of({"email": "ada@example.com"})
    ids = IdSequence(request_id)
    write, tag = write_of(ids.new("w"), "email", "ada@example.com"), ids.new("t")
    matches = [match_of(write.event_id, tag, field=field) for field in ("email", None, "name")]

    rows = tables_after([[storage_span(request_id, write, matches=matches)]])

    assert {row[3] for row in rows["tag_matches"]} == {"email", "name"}
    assert {row[7] for row in rows["storage_events"]} == {"email"}


def test_the_process_tells_who_it_is(recorder):
    recorder.request(email="ada@example.com")
    recorder.flush()

    ((pid, service, python),) = recorder.rows("SELECT pid, service, python FROM processes")
    assert (pid, service) == (os.getpid(), "shop")
    assert python.startswith("3.")


def tables_after(batches):
    """Every table's rows after these batches of spans, each in a transaction."""
    with tempfile.TemporaryDirectory() as folder:
        connection = connect(os.path.join(folder, "record.db"))
        for batch in batches:
            rows = rows_of([encode(("p", "shop", None, None, 0, 0, span)) for span in batch])
            connection.execute("BEGIN IMMEDIATE")
            record_rows(connection, rows)
            connection.execute("COMMIT")
        rows = {table: set(connection.execute(f"SELECT * FROM {table}")) for table in TABLES}
        connection.close()
        return rows


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_order_repetition_and_batching_of_spans_do_not_matter(data):
    spans = []
    for number in range(data.draw(st.integers(1, 4))):
        request_id, server = request_attributes_of({"email": f"user{number}@example.com", "name": f"User {number}"})
        ids = IdSequence(request_id)
        tag, write, share = ids.new("t"), ids.new("w"), ids.new("s")
        spans += [
            server,
            storage_span(
                request_id, write_of(write, "email", f"user{number}@example.com"), matches=[match_of(write, tag)]
            ),
            share_span(request_id, share_of(share), [match_of(share, tag, location="body")]),
        ]
    seen = data.draw(st.permutations(spans + data.draw(st.lists(st.sampled_from(spans), max_size=5))))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(seen)), max_size=4)) | {0, len(seen)})
    batches = [seen[a:b] for a, b in itertools.pairwise(cuts)]

    assert tables_after(batches) == tables_after([spans])
