"""The commands on what a served application leaves, from its folder, as a user types them."""

from __future__ import annotations

import http.server
import json
import sqlite3
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from e2e.apps import APP
from processes import clean_environment, free_port, serving, wait_until

BIN = Path(sys.executable).parent
EMAIL = "Ada.Lovelace@example.org"


class Partner(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application was served here, and someone signed up with it."""
    where = tmp_path_factory.mktemp("shop")
    (where / "app.py").write_text(APP)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = free_port()
    environment = clean_environment(BIN, PARTNER=f"http://127.0.0.1:{server.server_address[1]}")
    with serving(["flask", "run", "--port", str(port)], where, environment, port) as app:
        body = urllib.parse.urlencode({"email": f" {EMAIL} "}).encode()
        with urllib.request.urlopen(f"{app.url}/customers", body, timeout=20) as response:
            assert response.status == 200
        wait_until(lambda: processes_in(where / "runtime_provenance.db"), "the process in the record")
    server.shutdown()
    server.server_close()
    return where


def processes_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        try:
            count: int = connection.execute("SELECT count(*) FROM processes").fetchone()[0]
        except sqlite3.OperationalError:  # the tables are not there yet
            return 0
        return count


def ask(folder: Path, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["otel-provenance", *arguments],
        cwd=folder,
        env=clean_environment(BIN),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_request_and_how_far_its_data_went(folder: Path) -> None:
    rows = wait_until(lambda: json.loads(ask(folder, "requests", "--format", "json").stdout or "[]"), "a request")
    (row,) = rows
    assert (row["method"], row["path"], row["status_code"]) == ("POST", "/customers", 200)
    assert row["stored_in"] == ["customers"]
    assert len(row["sent_to"]) == 1
    told = ask(folder, "show", row["request_id"][:13]).stdout
    assert "▪ customers.email_address insert id=1" in told
    assert "→ 127.0.0.1:" in told
    assert EMAIL not in told


def test_the_life_of_the_address_and_whose_it_is(folder: Path) -> None:
    trace = ask(folder, "trace", "-", stdin=f"{EMAIL.lower()}\n")
    assert trace.returncode == 0, trace.stderr
    assert "entered form email" in trace.stdout
    assert "stored customers.email_address id=1" in trace.stdout
    by_row = json.loads(ask(folder, "trace", "--row", "customers:1", "--format", "json").stdout)
    assert [step["what"] for step in by_row["steps"]] == ["stored"]
    found = json.loads(ask(folder, "subject", EMAIL, "--format", "json").stdout)
    assert [row["table"] for row in found["rows"]] == ["customers"]
    assert [to["fields"] for to in found["recipients"]] == [["email"]]


@pytest.mark.parametrize("command", ["data", "storage", "share", "flows", "verify", "doctor", "export"])
def test_every_command_answers(folder: Path, command: str) -> None:
    done = ask(folder, command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert EMAIL.lower() not in done.stdout.lower()


def test_doctor_knows_the_process_that_recorded(folder: Path) -> None:
    checks = json.loads(ask(folder, "doctor", "--format", "json").stdout)
    hooked = {check["about"] for check in checks if check["says"].startswith("hooked")}
    assert {"flask", "sqlalchemy", "requests"} <= hooked


def test_the_file_is_its_owners_alone_and_erasing_takes_the_address_out(folder: Path) -> None:
    # the last test of this file: it changes the record
    assert ask(folder, "erase", "--subject", EMAIL, "--yes").returncode == 0
    gone = ask(folder, "trace", EMAIL)
    assert gone.returncode == 1
    (row,) = json.loads(ask(folder, "requests", "--format", "json").stdout)
    assert row["stored_in"] == ["customers"]
    assert row["client_address"] is None
