"""What ends within a request is recorded with it, in one write; and without it where the request does not end soon."""

from __future__ import annotations

from collections import Counter

import pytest
from otel_provenance_exporters import store as stores
from otel_provenance_exporters import together

from otel_provenance import guard, status
from otel_provenance.tables import connect_readonly
from otel_provenance.tables.spool import SpoolFile, spools_of
from tests.store.scripting import Request
from tests.store.test_ends import run
from tests.store.test_recording import wait_until


@pytest.fixture
def patient(monkeypatch):
    """Held as long as the request lasts, however slow the machine."""
    monkeypatch.setattr(together, "HELD_S", 3600.0)
    monkeypatch.setattr(stores, "HELD_S", 3600.0)


@pytest.fixture
def appended(monkeypatch):
    """What is handed to the kernel, write by write."""
    writes: list[bytes] = []
    append = SpoolFile.append
    monkeypatch.setattr(SpoolFile, "append", lambda self, frames: (writes.append(frames), append(self, frames))[1])
    return writes


def serve(recorder):
    return Request(recorder.settings, recorder.exporter)


def told(recorder):
    """What is in the record, by ids."""
    events = "SELECT event_id FROM storage_events UNION ALL SELECT event_id FROM share_events"
    return {found for (found,) in recorder.rows(f"{events} UNION ALL SELECT request_id FROM requests")}


def test_what_ended_in_a_request_goes_to_the_spool_with_it_in_one_write(recorder, patient, appended):
    request = serve(recorder)
    ids = {request.write(), request.call(), request.write()}
    assert appended == []
    request.end()
    assert len(appended) == 1
    assert told(recorder) == {*ids, request.request_id}
    late = request.write()  # of a thread that goes on
    assert len(appended) == 2
    assert told(recorder) == {*ids, request.request_id, late}


def test_a_request_that_lasts_does_not_keep_what_ended_in_it_waiting(recorder):
    request = serve(recorder)
    event_id = request.write()
    wait_until(lambda: bool(spools_of(recorder.path)))
    wait_until(lambda: told(recorder) == {event_id})
    second = request.call()
    wait_until(lambda: told(recorder) == {event_id, second})
    request.end()
    assert told(recorder) == {event_id, second, request.request_id}


def test_very_many_are_not_held(recorder, patient, appended):
    request = serve(recorder)
    for _ in range(200):
        request.write()
    assert 2 <= len(appended) <= 4
    request.end()
    assert len(told(recorder)) == 201


def test_a_flush_writes_what_is_held(recorder, patient):
    request = serve(recorder)
    event_id = request.write()
    assert recorder.flush()
    assert not recorder.store.holding
    assert told(recorder) == {event_id}


def test_what_another_thread_has_recorded_already_is_not_looked_at_for_ever(recorder):
    recorder.store.hold(recorder.exporter.together())
    wait_until(lambda: not recorder.store.holding)


def test_nothing_is_held_where_the_disk_is_waited_for(record_in, patient, appended):
    recorder = record_in(durability="sync")
    request = serve(recorder)
    request.write()
    assert len(appended) == 1
    request.end()
    assert len(appended) == 2


def test_one_that_cannot_be_encoded_takes_no_other_with_it(recorder, patient, monkeypatch):
    monkeypatch.setattr(guard, "strict", False)
    request = serve(recorder)
    good = request.write()
    request.write(strange=object())
    request.end()
    assert told(recorder) == {good, request.request_id}
    assert recorder.flush()
    assert recorder.lost() == {("error", "sqlite.export:ValueError"): 1}


def test_what_has_no_room_is_counted_all_of_it(record_in, patient):
    request = serve(record_in(queue_bytes=10))
    request.write()
    request.call()
    request.end()
    assert status.take_losses() == {
        ("queue_full", "storage_events"): 1,
        ("queue_full", "share_events"): 1,
        ("queue_full", "requests"): 1,
        ("queue_full", "data_events"): 1,
    }


ENDS = {
    "killed while it lasts": """
        request.write()
        while not any(os.path.getsize(p) for p in spools_of(PATH)): time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGKILL)
    """,
    "a process that ends while it lasts": "request.write(); sys.exit()",
    "a forked child": """
        request.write()
        if os.fork() == 0:
            request.write(); os._exit(0)
        os.wait(); request.write(); request.end()
    """,
    "a forked child that ends it too": """
        request.write()
        if os.fork() == 0:
            request.write(); request.end(); os._exit(0)
        os.wait(); request.end()
    """,
    "a fork without Python's hooks": """
        if ctypes.PyDLL(None).fork() == 0:
            request.write(); os._exit(0)
        os.wait(); request.write(); request.end()
    """,
    "a request of a forked child's own": """
        if os.fork() == 0:
            request = Request(); request.write(); request.end(); os._exit(0)
        os.wait()
    """,
    "what ends after it": "request.end(); request.write(); os._exit(0)",
    "no thread can be had": """
        def refuse(*_): raise RuntimeError("can't start new thread")
        _thread.start_new_thread = refuse
        request.write(); request.write(); os._exit(0)
    """,
    "threads of one request": """
        def work():
            for _ in range(100): request.write()
        threads = [threading.Thread(target=work) for _ in range(4)]
        for t in threads: t.start()
        for t in threads[1:]: t.join()
        request.end(); threads[0].join(); os._exit(0)
    """,
    "a signal handler": """
        def handle(*_):
            request.write(); signal.setitimer(signal.ITIMER_REAL, 0.0007)
        signal.signal(signal.SIGALRM, handle); signal.setitimer(signal.ITIMER_REAL, 0.001)
        for _ in range(200): request.write()
        signal.signal(signal.SIGALRM, signal.SIG_IGN); request.end()
    """,
}


@pytest.mark.parametrize("end", ENDS)
def test_whatever_becomes_of_the_process(tmp_path, end):
    path = str(tmp_path / "record.db")
    script = """
import _thread, ctypes, os, signal, sys, threading, time
from otel_provenance.tables.spool import spools_of
from tests.store.scripting import Request
PATH = os.environ["PROVENANCE_DB_PATH"]
request = Request()
"""
    lines = [line[8:] if line.startswith("        ") else line for line in ENDS[end].splitlines()]

    said = run(path, script + "\n".join(lines), status=-9 if "kill" in end else 0)

    record = connect_readonly(path)
    try:
        assert Counter(i for (i,) in record.execute("SELECT event_id FROM storage_events")) == Counter(said)
        assert record.execute("SELECT count(*) FROM losses").fetchone() == (0,)
    finally:
        record.close()
    assert spools_of(path) == []
