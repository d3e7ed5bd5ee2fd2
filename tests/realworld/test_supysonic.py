"""supysonic serves music: peewee, an ORM that we do not know, over sqlite3; an API that signs in by its query."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from environments import environment, project_wheel
from processes import clean_environment
from realworld.conftest import gunicorn, rows

SETTINGS = """
[base]
database_uri = sqlite:///{folder}/music.db
[webapp]
cache_dir = {folder}/cache
[daemon]
socket = {folder}/socket
"""
PASSWORD = "a secret of zoe"
SIGNED_IN = {"u": "zoe", "p": "enc:" + PASSWORD.encode().hex(), "v": "1.12.0", "c": "player-of-zoe", "f": "json"}
STORED = {
    ("POST /user/<uid>/changemail", "form mail", "update", "user.mail"),
    ("POST /user/add", "form user", "insert", "user.name"),
    ("POST /user/add", "form mail", "insert", "user.mail"),
    ("GET /rest/createUser.view", "query username", "insert", "user.name"),
    ("GET /rest/createUser.view", "query email", "insert", "user.mail"),
    ("POST /rest/createPlaylist.view", "form name", "insert", "playlist.name"),
    ("GET /rest/addChatMessage.view", "query message", "insert", "chat_message.message"),
    ("GET /rest/createInternetRadioStation.view", "query streamUrl", "insert", "radio_station.stream_url"),
    ("GET /rest/createInternetRadioStation.view", "query homepageUrl", "insert", "radio_station.homepage_url"),
    ("GET /rest/createInternetRadioStation.view", "query name", "insert", "radio_station.name"),
    # peewee writes all columns of a row again
    ("POST /rest/createPlaylist.view", "form name", "update", "playlist.name"),
    ("GET /rest/updateUser.view", "query username", "update", "user.name"),
    ("GET /rest/updateUser.view", "query email", "update", "user.mail"),
}


@dataclass
class Run:
    """What the listener saw, and where the record is."""

    folder: Path
    pages: list[str] = field(default_factory=list)
    output: str = ""


def play(url: str, pages: list[str]) -> None:
    session = requests.Session()
    session.trust_env = False

    def call(method: str, path: str, **parts: Any) -> None:
        answer = session.request(method, url + path, timeout=30, allow_redirects=False, **parts)
        pages.append(f"{method} {path} {answer.status_code} {answer.headers.get('Location')}\n{answer.text}")

    def rest(endpoint: str, method: str = "GET", **fields: str) -> None:
        sent = {**SIGNED_IN, **fields}
        call(method, f"/rest/{endpoint}.view", **({"data": sent} if method == "POST" else {"params": sent}))

    call("POST", "/user/login", data={"user": "zoe", "password": "a wrong one"})
    call("POST", "/user/login", data={"user": "zoe", "password": PASSWORD})
    call("POST", "/user/me/changemail", data={"mail": "zoe.nunez@example.com"})
    secret = {"passwd": "a secret of ada", "passwd_confirm": "a secret of ada"}
    call("POST", "/user/add", data={"user": "ada.lovelace", "mail": "ada@example.org", **secret})
    rest("createUser", username="grace.hopper", password="a secret of grace", email="grace@navy.example")
    rest("createPlaylist", "POST", name="Songs for Grace’s birthday")
    rest("addChatMessage", message="Hello to all of you from Zoë")
    rest(
        "createInternetRadioStation", streamUrl="http://r.example/s", homepageUrl="http://r.example/", name="Radio Zoe"
    )
    rest("updateUser", username="grace.hopper", email="grace@new.example")
    rest("getUser", username="grace.hopper")
    rest("deleteUser", username="grace.hopper")
    rest("getChatMessages")
    rest("ping", p="a wrong one")
    rest("nothing")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    binaries = environment("supysonic", [str(project_wheel()), "supysonic==0.7.*", "gunicorn"])
    folder = tmp_path_factory.mktemp("supysonic")
    found = []
    for name, recording in (("alone", False), ("recorded", True)):
        run = Run(folder / name)
        run.folder.mkdir()
        (run.folder / "supysonic.conf").write_text(SETTINGS.format(folder=run.folder))
        environ = {**clean_environment(binaries), "PROVENANCE_DISABLE": "1"}
        for words in (("add", "zoe", "-p", PASSWORD), ("setroles", "-A", "zoe")):
            subprocess.run([binaries / "supysonic-cli", "user", *words], cwd=run.folder, env=environ, check=True)
        with gunicorn(binaries, "supysonic.web:create_application()", run.folder, recording=recording) as server:
            play(server.url, run.pages)
            assert server.stop() == 0
            run.output = server.output
        found.append(run)
    return found[0], found[1]


def stable(page: str) -> str:
    """A page without what is another each time: ids, times."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b\d{10,13}\b|\d{4}-\d\d-\d\dT[\d:.]+Z?", "", page)


def test_the_listener_sees_what_is_seen_alone(runs: tuple[Run, Run]) -> None:
    alone, recorded = runs
    assert [stable(page) for page in recorded.pages] == [stable(page) for page in alone.pages]


def test_nothing_is_printed_and_nothing_is_lost(runs: tuple[Run, Run]) -> None:
    _, recorded = runs
    assert "provenance" not in recorded.output
    assert rows(recorded.folder, "SELECT * FROM losses") == []
    assert rows(recorded.folder, "SELECT count(*) FROM requests") == [(len(recorded.pages),)]
    assert rows(recorded.folder, "SELECT DISTINCT inspected FROM requests") == [("full",)]


def test_each_field_is_followed_to_its_columns(runs: tuple[Run, Run]) -> None:
    _, recorded = runs
    found = rows(
        recorded.folder,
        """SELECT r.method || ' ' || r.route, d.source || ' ' || d.field, e.operation,
                  e.table_name || '.' || e.column_name, e.outcome
           FROM tag_matches m JOIN storage_events e USING (event_id) JOIN data_events d USING (tag_id)
           JOIN requests r ON r.request_id = d.request_id
           WHERE m.confidence >= 0.5 AND e.request_id = d.request_id""",
    )
    assert {outcome for *_, outcome in found} == {"committed"}
    # which player was used, is noted whenever one signs in
    assert {flow[:4] for flow in found if flow[3] != "client_prefs.client_name"} == STORED


def test_passwords_are_stored_nowhere_and_shown_nowhere(runs: tuple[Run, Run]) -> None:
    _, recorded = runs
    query = "SELECT * FROM tag_matches m JOIN data_events d USING (tag_id) WHERE d.field IN ('p', 'password', 'passwd')"
    assert rows(recorded.folder, query) == []
    record = (recorded.folder / "runtime_provenance.db").read_bytes()
    for text in (
        PASSWORD,
        PASSWORD.encode().hex(),
        "zoe.nunez",
        "ada@example.org",
        "grace@navy.example",
        "Hello to all",
    ):
        assert text.encode() not in record


def test_who_is_deleted_is_known_by_the_key(runs: tuple[Run, Run]) -> None:
    _, recorded = runs
    stored = rows(
        recorded.folder,
        "SELECT primary_key FROM storage_events WHERE table_name = 'user' AND operation = 'insert'"
        " AND column_name = 'mail' ORDER BY occurred_at",
    )
    deleted = rows(
        recorded.folder, "SELECT primary_key FROM storage_events WHERE table_name = 'user' AND operation = 'delete'"
    )
    assert deleted == [stored[-1]]
