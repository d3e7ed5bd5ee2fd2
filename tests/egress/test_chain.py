"""Services in a chain, as real processes: each knows who called it, and links what it does to the first one's tags."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from egress.sharing import FORM
from egress.wire import WireServer
from processes import clean_environment, free_port, serving, wait_until

ROOT = Path(__file__).parents[2]
SERVICE = """
import os, flask, httpx, requests, sqlalchemy as sa

app = flask.Flask(__name__)
engine = sa.create_engine("sqlite:///shop.db")
key, mail = sa.Column("id", sa.Integer, primary_key=True), sa.Column("mail", sa.Text)
customers = sa.Table("customers", sa.MetaData(), key, mail)
customers.create(engine, checkfirst=True)

@app.post("/")
def take():
    mail = (flask.request.form.get("email") or flask.request.json["customer"]["mail"]).strip()
    with engine.begin() as connection:
        connection.execute(customers.insert().values(mail=mail))
    if os.environ.get("NEXT"):
        client = httpx if os.environ["CLIENT"] == "httpx" else requests
        client.post(os.environ["NEXT"], json={"customer": {"mail": mail}}).raise_for_status()
    requests.post(os.environ["THIRD_PARTY"], json={"to": mail}, headers={"X-From": os.environ["NAME"]})
    return "ok"
"""
CLIENTS = ("requests", "httpx", "requests")


def rows(folder, query):
    """Rows of the record in a folder; none while there is no record yet."""
    try:
        with sqlite3.connect(f"file:{folder / 'runtime_provenance.db'}?mode=ro", uri=True) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []


def run_chain(stack, tmp_path, names, third_party, **variables):
    """Start the services last to first; the folder of each, and the URL of the first."""
    folders, following = {}, ""
    for name, client in reversed(list(zip(names, CLIENTS, strict=False))):
        folder = folders[name] = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "service.py").write_text(SERVICE)
        port = free_port()
        environment = clean_environment(
            PYTHONPATH=str(ROOT), NEXT=following, CLIENT=client, NAME=name, THIRD_PARTY=third_party, **variables
        )
        command = [sys.executable, "-m", "flask", "--app", "service", "run", "-p", str(port)]
        stack.enter_context(serving(command, folder, environment, port))
        following = f"http://127.0.0.1:{port}/"
    return folders, following


@pytest.fixture
def third_party():
    server = WireServer("localhost")
    yield server
    server.stop()


@pytest.mark.parametrize("names", [("shop", "crm"), ("shop", "crm", "mailer")], ids=["two", "three"])
def test_each_service_links_to_the_first(tmp_path, third_party, names):
    with ExitStack() as stack:
        folders, url = run_chain(
            stack,
            tmp_path / "with",
            names,
            third_party.url,
            PROVENANCE_HASH_SALT="one salt for all",
            PROVENANCE_PROPAGATE_HOSTS="127.0.0.1",
        )
        assert requests.post(url, data={"email": f" {FORM['email']} "}).text == "ok"
        for folder in folders.values():
            wait_until(
                lambda folder=folder: (
                    (folder / "runtime_provenance.db").exists()
                    and rows(folder, "SELECT 1 FROM requests")
                    and rows(folder, "SELECT 1 FROM storage_events")
                ),
                f"{folder.name} has recorded its request",
            )

    ids = {name: rows(folders[name], "SELECT request_id FROM requests")[0][0] for name in names}
    parents = {name: rows(folders[name], "SELECT parent_request_id FROM requests")[0][0] for name in names}
    assert parents == dict(zip(names, (None, *[ids[name] for name in names]), strict=False))
    ((first_tag,),) = rows(folders["shop"], "SELECT tag_id FROM data_events")
    for name in names:
        stored = rows(
            folders[name],
            "SELECT table_name, column_name FROM tag_matches JOIN storage_events USING (event_id)"
            f" WHERE tag_id = '{first_tag}' AND via_event_id IS NULL",
        )
        assert stored == [("customers", "mail")], name
        shared = rows(
            folders[name],
            "SELECT host FROM tag_matches JOIN share_events USING (event_id)"
            f" WHERE tag_id = '{first_tag}' AND via_event_id IS NULL ORDER BY host",
        )
        assert shared == ([] if name == names[-1] else [("127.0.0.1",)]) + [("localhost",)], name

    with ExitStack() as stack:
        _, url = run_chain(stack, tmp_path / "without", names, third_party.url, PROVENANCE_DISABLE="1")
        requests.post(url, data={"email": f" {FORM['email']} "})
    raw = [request.raw for request in third_party.received]
    assert raw[: len(names)] == raw[len(names) :]  # the third party got the same bytes as without us


def test_services_with_other_salts_do_not_believe_each_other(tmp_path, third_party):
    with ExitStack() as stack:
        folders, url = run_chain(
            stack,
            tmp_path,
            ("shop", "crm"),
            third_party.url,
            PROVENANCE_PROPAGATE_HOSTS="127.0.0.1",  # each makes its own key file
        )
        requests.post(url, data={"email": FORM["email"]})
        wait_until(lambda: rows(folders["crm"], "SELECT 1 FROM losses"), "the refusal is counted")
    assert rows(folders["crm"], "SELECT parent_request_id FROM requests") == [(None,)]
    assert rows(folders["crm"], "SELECT reason, kind, count FROM losses") == [("baggage_forged", "upstream", 1)]
