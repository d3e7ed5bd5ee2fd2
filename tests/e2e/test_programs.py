"""Programs that import Flask and serve nothing: a command line, a cron script; and what they do as they end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from processes import clean_environment

BINARIES = Path(sys.executable).parent
CALLS = {
    "requests": "requests.post(url, data=b'x')",
    "urllib3": "urllib3.PoolManager().request('POST', url, body=b'x')",
    "urllib.request": "urllib.request.urlopen(url, b'x').read()",
    "httpx": "httpx.post(url, content=b'x')",
}
LATE = """
import atexit, flask, requests
atexit.register(lambda: requests.post({url!r}, json={{"mail": "zoe@example.org"}}))
"""


def run(folder: Path, program: str, binaries: Path = BINARIES, prefix: str = "") -> str:
    """Run a program to its end; all that it printed."""
    done = subprocess.run(
        [*([binaries / prefix] if prefix else []), binaries / "python", "-c", program],
        cwd=folder,
        env=clean_environment(binaries),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("library", CALLS)
def test_a_call_by_itself_begins_no_record(tmp_path, partner, library):
    assert run(tmp_path, f"import flask, {library}; url = {partner.url!r}; {CALLS[library]}") == ""
    assert len(partner.received) == 1
    assert list(tmp_path.iterdir()) == []


def test_what_is_sent_as_the_interpreter_ends_disturbs_nobody(tmp_path, partner):
    assert run(tmp_path, LATE.format(url=partner.url)) == ""
    assert len(partner.received) == 1
    assert list(tmp_path.iterdir()) == []


def test_what_is_sent_as_the_interpreter_ends_is_recorded(installed, folder, record, partner):
    assert run(folder, LATE.format(url=partner.url), installed, "opentelemetry-instrument") == ""
    assert len(partner.received) == 1
    subprocess.run([installed / "otel-provenance", "share"], cwd=folder, check=True, capture_output=True)
    (share,) = record.rows("SELECT library, outcome, request_id FROM share_events")
    assert tuple(share) == ("requests", "sent", None)
    assert record.rows("SELECT reason FROM losses") == []
