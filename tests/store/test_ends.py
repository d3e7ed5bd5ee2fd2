"""Every way in which a process ends or multiplies: what it exported is recorded, once."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections import Counter

import pytest

from otel_provenance.tables import connect_readonly
from otel_provenance.tables.spool import spools_of

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def run(path, script, *, status=0, **environment):
    """Run a script; what it said that it exported."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT,
        env=os.environ | {"PROVENANCE_DISABLE": "1", "PROVENANCE_DB_PATH": path} | environment,
        capture_output=True,
        timeout=60,
        text=True,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr or status in (1, -2), done.stderr
    return done.stdout.split()


def recorded(path):
    connection = connect_readonly(path)
    try:
        return Counter(request_id for (request_id,) in connection.execute("SELECT request_id FROM requests"))
    finally:
        connection.close()


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "record.db")


ENDS = {
    "returns": ("record()", 0),
    "sys.exit": ("record(); sys.exit(3)", 3),
    "os._exit": ("record(); os._exit(4)", 4),
    "raises": ("record(); raise ValueError('x')", 1),
    "SIGTERM": ("record(); os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)", -15),
    "SIGINT": ("record(); os.kill(os.getpid(), signal.SIGINT); time.sleep(60)", -2),
    "SIGKILL": ("record(); os.kill(os.getpid(), signal.SIGKILL)", -9),
    "abort": ("record(); os.abort()", -6),
    "SIGTERM with a handler": (
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(5)); record(); os.kill(os.getpid(), 15); time.sleep(60)",
        5,
    ),
    "exec": ("record(); os.execv('/bin/true', ['true'])", 0),
    "in a later exit handler": ("atexit.register(record)", 0),
    "in an earlier exit handler": ("record()", 0),
}


@pytest.mark.parametrize("durability", ["batch", "sync"])
@pytest.mark.parametrize("end", ENDS)
def test_what_was_exported_before_the_end_is_recorded(path, end, durability):
    code, status = ENDS[end]
    before = "import atexit; atexit.register(lambda: record())\n" if end == "in an earlier exit handler" else ""
    script = f"{before}import atexit, os, signal, sys, time\nfrom tests.store.scripting import record\n{code}"

    said = run(path, script, status=status, PROVENANCE_DURABILITY=durability)

    assert len(said) == (2 if end == "in an earlier exit handler" else 1)
    assert recorded(path) == Counter(said)
    assert spools_of(path) == []


MULTIPLIED = {
    "os.fork": """
        record()
        pid = os.fork()
        if pid == 0:
            record(); os._exit(0)
        record(); os.waitpid(pid, 0)
    """,
    "os.fork under load": """
        for _ in range(200): record()
        for _ in range(8):
            pid = os.fork()
            if pid == 0:
                for _ in range(20): record()
                os._exit(0)
            for _ in range(20): record()
        while True:
            try: os.wait()
            except ChildProcessError: break
    """,
    "os.fork while threads export": """
        import threading
        def work():
            for _ in range(300): record()
        threads = [threading.Thread(target=work) for _ in range(3)]
        for t in threads: t.start()
        for _ in range(10):
            if os.fork() == 0:
                record(); os._exit(0)
        for t in threads: t.join()
        while True:
            try: os.wait()
            except ChildProcessError: break
    """,
    "a child that outlives its parent": """
        record()
        if os.fork() == 0:
            while os.getppid() != 1 and os.getppid() == PARENT: time.sleep(0.001)
            record(); os._exit(0)
        os._exit(0)
    """,
    "a grandchild": """
        record()
        if os.fork() == 0:
            if os.fork() == 0:
                record(); sys.exit()
            os.wait(); record(); sys.exit()
        os.wait()
    """,
    "a child that only inherits": """
        for _ in range(50): record()
        if os.fork() == 0: sys.exit()
        os.wait()
    """,
    "multiprocessing fork": """
        import multiprocessing
        record()
        context = multiprocessing.get_context("fork")
        some = [context.Process(target=record) for _ in range(4)]
        for p in some: p.start()
        for p in some: p.join()
    """,
    "multiprocessing pool": """
        import multiprocessing
        record()
        with multiprocessing.get_context("fork").Pool(3) as pool:
            pool.map(work, range(20))
    """,
    # before any thread runs, as servers do it: CPython itself does not survive it later
    "a server's fork without Python's hooks": """
        pid = unhooked_fork()
        if pid == 0:
            record(); record(); os._exit(0)
        os.waitpid(pid, 0); record()
    """,
    "threads": """
        import threading
        threads = [threading.Thread(target=lambda: [record() for _ in range(100)]) for _ in range(4)]
        for t in threads: t.start()
        for t in threads: t.join()
    """,
    "a signal handler that exports": """
        def handle(*_):  # one at a time: a slow machine would nest them without end
            record(); signal.setitimer(signal.ITIMER_REAL, 0.0007)
        signal.signal(signal.SIGALRM, handle)
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        for _ in range(500): record()
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
    """,
}


@pytest.mark.parametrize("way", MULTIPLIED)
def test_every_process_records_its_own_and_nothing_twice(path, way):
    script = """
import atexit, ctypes, os, signal, sys, time
from tests.store.scripting import record
PARENT = os.getpid()
def work(_): record()
def unhooked_fork():
    return ctypes.PyDLL(None).fork()
""" + textwrap.dedent(MULTIPLIED[way])

    said = run(path, script)
    if way == "a child that outlives its parent":
        assert len(said) == 2

    assert recorded(path) == Counter(said)
    connection = connect_readonly(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("SELECT count(*) FROM losses").fetchone() == (0,)
    assert spools_of(path) == []


def test_gevent_greenlets_export_while_none_yields(path):
    pytest.importorskip("gevent")
    said = run(
        path,
        """
        from gevent import monkey; monkey.patch_all()
        import os, sqlite3, time, gevent
        from otel_provenance_exporters.native import original
        from tests.store.scripting import record
        gevent.joinall([gevent.spawn(record) for _ in range(50)])
        ends = time.monotonic() + 20
        while time.monotonic() < ends:  # nothing yields to the hub: only a native thread can write
            try:
                if sqlite3.connect(os.environ["PROVENANCE_DB_PATH"]).execute(
                    "SELECT count(*) FROM requests").fetchone() == (50,):
                    break
            except sqlite3.Error:
                pass
            original("time", "sleep")(0.005)
        else:
            os._exit(9)
        os._exit(0)
        """,
    )
    assert recorded(path) == Counter(said)


def test_without_a_thread_the_application_writes_itself(path):
    said = run(
        path,
        """
        import _thread, os, time
        from otel_provenance_exporters import store
        from tests.store.scripting import record
        def refuse(*_): raise RuntimeError("can't start new thread")
        _thread.start_new_thread = refuse
        store.APART_S = 0.0
        record(); record()
        import sqlite3
        assert sqlite3.connect(os.environ["PROVENANCE_DB_PATH"]).execute(
            "SELECT count(*) FROM requests").fetchone() == (2,)
        """,
    )
    assert recorded(path) == Counter(said)


def test_losses_are_told_though_nothing_else_was_recorded(path):
    run(
        path,
        """
        from otel_provenance import status
        from tests.store import scripting
        status.count_loss("error", "hook:ValueError", 3)
        """,
    )
    connection = connect_readonly(path)
    assert connection.execute("SELECT reason, kind, count FROM losses").fetchall() == [("error", "hook:ValueError", 3)]


def test_the_writer_is_no_thread_of_the_application(path):
    run(
        path,
        """
        import threading
        from tests.store.scripting import exporter, record
        record(); assert exporter.force_flush()
        assert threading.enumerate() == [threading.main_thread()]
        """,
    )


def test_another_living_process_brings_in_what_a_dead_one_left(path):
    said = run(
        path,
        """
        import os, signal, sqlite3, subprocess, sys, time
        from otel_provenance_exporters import store
        store._UPKEEP_S = 0.05
        from tests.store.scripting import exporter, record
        record(); exporter.force_flush()
        pid = os.fork()
        if pid == 0:
            exporter._store.writer.write = lambda frames: time.sleep(60)
            record(); os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(pid, 0)
        connection = sqlite3.connect(os.environ["PROVENANCE_DB_PATH"])
        ends = time.monotonic() + 20
        while connection.execute("SELECT count(*) FROM requests").fetchone() != (2,):
            assert time.monotonic() < ends
            time.sleep(0.01)
        """,
    )
    assert recorded(path) == Counter(said)
