"""However a process ends, what it had exported is in the record."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from otel_provenance.tables import connect_readonly
from otel_provenance.tables.spool import spools_of
from tests.store.killing import TAGS

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@pytest.mark.parametrize(("durability", "kills"), [("batch", 200), ("sync", 60)])
def test_nothing_acknowledged_is_lost_when_writers_are_killed_at_random_points(tmp_path, durability, kills):
    path = str(tmp_path / "record.db")
    seed = int.from_bytes(os.urandom(4), "big")
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.killing", path, str(kills), "4", durability, str(seed)],
        cwd=ROOT,
        env=os.environ | {"PROVENANCE_DISABLE": "1"},
        capture_output=True,
        check=True,
        timeout=120,
    )
    told = json.loads(done.stdout)
    assert told["killed"] == kills
    assert len(told["acknowledged"]) > kills

    connection = connect_readonly(path)
    present = {request_id for (request_id,) in connection.execute("SELECT request_id FROM requests")}
    torn = connection.execute(
        "SELECT count(*) FROM (SELECT count(*) AS tags FROM data_events GROUP BY request_id) WHERE tags <> ?", (TAGS,)
    ).fetchone()

    assert set(told["acknowledged"]) - present == set(), f"seed {seed}"
    assert torn == (0,)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("SELECT count(*) FROM losses").fetchone() == (0,)
    assert spools_of(path) == []
