"""Links of a payload that is stored as it came, as a user sees them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from processes import clean_environment

APP = """
import json, sys
import sqlalchemy as sa
from flask import Flask, request

app = Flask(__name__)
engine = sa.create_engine("sqlite:///hooks.db")
metadata = sa.MetaData()
columns = lambda: (sa.Column("raw", sa.LargeBinary), sa.Column("txt", sa.Text), sa.Column("js", sa.JSON))
hooks = sa.Table("hooks", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns())
archive = sa.Table("archive", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("body", sa.Text))
metadata.create_all(engine)

@app.post("/hook")
def hook():
    raw = request.get_data()
    with engine.begin() as connection:
        connection.execute(hooks.insert().values(raw=raw, txt=raw.decode(), js=json.loads(raw)))
    return "", 204

@app.post("/archive")
def keep():
    with engine.begin() as connection:
        body = connection.execute(sa.select(hooks.c.txt)).scalars().first()
        connection.execute(archive.insert().values(body=body))
    return "", 204

client = app.test_client()
payload = {"event": "invoice.paid", "data": {"customer": {"email": "hook.heron@example.net", "name": "Hook Heron"}}}
for path in sys.argv[1:]:
    assert client.post(path, json=payload if path == "/hook" else None).status_code == 204
"""


@pytest.fixture
def edges(tmp_path):
    """Serve these paths one after another; (row, field, kind, whether another event carried it) of what was stored."""

    def serve(*paths):
        (tmp_path / "app.py").write_text(APP)
        environment = clean_environment(Path(sys.executable).parent)
        subprocess.run([sys.executable, "app.py", *paths], cwd=tmp_path, env=environment, check=True, timeout=60)
        with closing(sqlite3.connect(tmp_path / "runtime_provenance.db")) as connection:
            return connection.execute(
                "SELECT s.table_name, m.field, m.kind, m.via_event_id IS NOT NULL FROM tag_matches m"
                " JOIN storage_events s USING (event_id) WHERE m.location = 'column' ORDER BY m.event_id, m.field"
            ).fetchall()

    return serve


def test_a_payload_that_is_delivered_again_carries_its_own_values(edges):
    found = edges("/hook", "/hook", "/hook")
    assert {field for _, field, _, _ in found} == {
        f"{column}.{path}"
        for column in ("raw", "txt", "js")
        for path in ("event", "data.customer.email", "data.customer.name")
    }
    assert {(kind, is_carried) for _, _, kind, is_carried in found} == {("exact", False)}


def test_a_payload_that_is_read_back_leads_to_what_came_in(edges):
    found = edges("/hook", "/archive")
    assert [row[1:] for row in found if row[0] == "archive"] == [
        ("body.data.customer.email", "exact", True),
        ("body.data.customer.name", "exact", True),
    ]
