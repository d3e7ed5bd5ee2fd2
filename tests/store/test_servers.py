"""Servers with ways of their own: uWSGI without threads or fork hooks, gevent, workers that are killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from processes import clean_environment, free_port, serving, wait_until

from otel_provenance.tables import connect_readonly

APP = """
import flask
app = flask.Flask(__name__)

@app.get("/")
def index():
    return {}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def serve(folder, command, port):
    executables = os.path.dirname(sys.executable)
    environment = clean_environment(PROVENANCE_DB_PATH=str(folder / "record.db"), PYTHONUNBUFFERED="1")
    environment["PATH"] = f"{executables}{os.pathsep}{environment['PATH']}"
    return serving([os.path.join(executables, command[0]), *command[1:]], folder, environment, port)


def get(url):
    with urllib.request.urlopen(url, timeout=20) as response:
        return response.read()


def children(pid):
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in found.stdout.split()]


def recorded_paths(folder):
    connection = connect_readonly(str(folder / "record.db"))
    try:
        return Counter(path for (path,) in connection.execute("SELECT path FROM requests"))
    finally:
        connection.close()


@pytest.mark.parametrize("options", [[], ["--enable-threads"]], ids=["", "threads"])
def test_uwsgi_records_with_and_without_threads(folder, options):
    pytest.importorskip("pyuwsgi")
    port = free_port()
    command = ["uwsgi", "--master", "--processes", "2", "--http-socket", f"127.0.0.1:{port}", "--wsgi-file", "app.py"]
    with serve(folder, [*command, "--callable", "app", "--die-on-term", *options], port) as server:
        for number in range(20):
            get(f"{server.url}/?n={number}")
        wait_until(lambda: recorded_paths(folder) == {"/": 20}, "every request is recorded while the server runs")
        assert "otel-provenance" not in server.output
        server.stop(signal.SIGINT)


def test_uwsgi_without_threads_writes_to_the_database_itself(folder):
    pytest.importorskip("pyuwsgi")
    port = free_port()
    command = ["uwsgi", "--http-socket", f"127.0.0.1:{port}", "--wsgi-file", "app.py", "--callable", "app"]
    with serve(folder, [*command, "--die-on-term"], port) as server:

        def some_are_in_the_file():
            get(server.url)
            try:
                connection = sqlite3.connect(f"file:{folder / 'record.db'}?mode=ro", uri=True)
                return connection.execute("SELECT count(*) FROM requests").fetchone()[0] > 1
            except sqlite3.Error:
                return False

        wait_until(some_are_in_the_file, "a later request writes what earlier ones left")
        server.stop(signal.SIGINT)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [["sync"], ["sync", "--preload"], ["gthread"], ["gevent"]], ids=["sync", "preload", "gthread", "gevent"]
)
def test_what_was_answered_is_recorded_though_workers_are_killed(folder, options):
    port = free_port()
    command = ["gunicorn", "--workers", "2", "--bind", f"127.0.0.1:{port}", "-k", *options, "app:app"]
    answered = 0
    with serve(folder, command, port) as server:
        with ThreadPoolExecutor(4) as pool:

            def ask(number):
                try:
                    get(f"{server.url}/?n={number}")
                except OSError:  # its worker was killed
                    return 0
                return 1

            for _ in range(4):
                answered += sum(pool.map(ask, range(40)))
                for pid in children(server.process.pid):
                    os.kill(pid, signal.SIGKILL)
            answered += sum(pool.map(ask, range(40)))
    assert answered > 40
    assert recorded_paths(folder)["/"] >= answered


def test_recycled_workers_leave_nothing_behind(folder):
    port = free_port()
    command = ["gunicorn", "--workers", "2", "--max-requests", "5", "--bind", f"127.0.0.1:{port}", "app:app"]
    with serve(folder, command, port) as server:
        for number in range(40):
            get(f"{server.url}/?n={number}")
    assert recorded_paths(folder) == {"/": 40}
