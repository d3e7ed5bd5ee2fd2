"""ihatemoney keeps shared expenses: Flask-SQLAlchemy, versioned tables, forms with CSRF tokens, a REST API, e-mail."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from aiosmtpd.controller import Controller
from environments import environment, project_wheel
from processes import Server, free_port
from realworld.conftest import gunicorn, rows

SETTINGS = """
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/expenses.db"
SECRET_KEY = "for tests"
SESSION_COOKIE_SECURE = False
MAIL_SERVER = "127.0.0.1"
MAIL_PORT = {mail_port}
RATELIMIT_ENABLED = False
import email_validator
email_validator.CHECK_DELIVERABILITY = False  # asks no name server
"""
TRIP = "/trip-to-lisbon"
DINNER = {
    "date": "2026-05-04",
    "what": "Dinner by the river",
    "payer": "1",
    "amount": "84.50",
    "original_currency": "XXX",
    "payed_for": ["1", "2"],
    "bill_type": "Expense",
    "external_link": "https://example.org/receipt/77",
}
API_AUTH = ("api-project", "a secret code")

Flow = tuple[str, str, str]
"""Where a value came in (route and field), what was done, and where it was stored."""
CREATE, ADD_MEMBER, EDIT_MEMBER = (
    "POST /create",
    "POST /<project_id>/members/add",
    "POST /<project_id>/members/<member_id>/edit",
)
ADD, EDIT = "POST /<project_id>/add", "POST /<project_id>/edit/<int:bill_id>"
API = "POST /api/projects"
API_MEMBER, API_BILL = (f"{API}/<string:project_id>/{what}" for what in ("members", "bills"))
BILL = ("date", "what", "amount", "original_currency", "bill_type")
STORED: set[Flow] = {
    *((f"{CREATE} {name}", "insert", f"project.{name}") for name in ("name", "contact_email", "default_currency")),
    (f"{CREATE} name", "insert", "project.id"),  # as its slug
    *((f"{ADD_MEMBER} {name}", "insert", f"person.{name}") for name in ("name", "weight", "project_id")),
    *((f"{ADD} {name}", "insert", f"bill.{name}") for name in (*BILL, "external_link")),
    (f"{ADD} amount", "insert", "bill.converted_amount"),
    (f"{ADD} payer", "insert", "bill.payer_id"),
    *((f"{EDIT} {name}", "update", f"bill.{name}") for name in ("date", "what", "amount")),
    (f"{EDIT} amount", "update", "bill.converted_amount"),
    (f"{EDIT} payer", "update", "bill.payer_id"),
    *((f"{EDIT_MEMBER} {name}", "update", f"person.{name}") for name in ("name", "weight")),
    *((f"{API} {name}", "insert", f"project.{name}") for name in ("name", "id", "contact_email", "default_currency")),
    (f"{API_MEMBER} name", "insert", "person.name"),
    (f"{API_MEMBER} project_id", "insert", "person.project_id"),
    *((f"{API_BILL} {name}", "insert", f"bill.{name}") for name in BILL),
    (f"{API_BILL} amount", "insert", "bill.converted_amount"),
    (f"{API_BILL} payer", "insert", "bill.payer_id"),
}
DELETED = {("bill", '{"id": 1}'), ("project", '{"id": "api-project"}')}


class Mailbox:
    """Who was written to."""

    def __init__(self) -> None:
        self.recipients: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.recipients += envelope.rcpt_tos
        return "250 OK"


class Browser:
    """Someone who fills in forms."""

    def __init__(self, server: Server) -> None:
        self._url = server.url
        self._session = requests.Session()
        self._session.trust_env = False
        self.pages: list[str] = []

    def look(self, path: str) -> str:
        page = self._session.get(self._url + path, timeout=30)
        assert page.status_code == 200
        self.pages.append(page.text)
        return page.text

    def submit(self, path: str, fields: dict[str, Any], *, on: str | None = None) -> None:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.look(on or path))
        assert token
        answer = self._session.post(
            self._url + path, data={**fields, "csrf_token": token[1]}, timeout=30, allow_redirects=False
        )
        assert answer.status_code == 302, f"POST {path}: {answer.status_code}"
        self.pages.append(f"{answer.status_code} {answer.headers['Location']}")

    def call(self, method: str, path: str, **parts: Any) -> None:
        answer = self._session.request(method, self._url + path, timeout=30, **parts)
        assert answer.status_code in (200, 201), answer.text
        self.pages.append(answer.text)


def play(browser: Browser) -> None:
    browser.submit(
        "/create",
        {
            "name": "Trip to Lisbon",
            "password": "a secret code",
            "default_currency": "XXX",
            "contact_email": "ada@example.com",
        },
    )
    for name, weight in (("Ada Lovelace", "1"), ("Charles Babbage", "2.5")):
        browser.submit(f"{TRIP}/members/add", {"name": name, "weight": weight})
    browser.submit(f"{TRIP}/add", DINNER)
    browser.submit(
        f"{TRIP}/edit/1", {**DINNER, "date": "2026-05-05", "what": "Dinner and wine", "amount": "96.20", "payer": "2"}
    )
    browser.submit(f"{TRIP}/members/1/edit", {"name": "Ada King", "weight": "1.5"})
    browser.look(f"{TRIP}/")
    browser.look(f"{TRIP}/statistics")
    browser.submit(f"{TRIP}/delete/1", {}, on=f"{TRIP}/")
    browser.look(f"{TRIP}/history")
    browser.submit(f"{TRIP}/invite", {"emails": "charles@example.org, mary@example.net"})
    project = {
        "name": "API project",
        "id": API_AUTH[0],
        "password": API_AUTH[1],
        "default_currency": "XXX",
        "contact_email": "grace@example.com",
    }
    browser.call("POST", "/api/projects", data=project)
    browser.call("POST", "/api/projects/api-project/members", json={"name": "Grace Hopper"}, auth=API_AUTH)
    bill = {
        **DINNER,
        "date": "2026-01-02",
        "what": "Compiler",
        "payer": 3,
        "payed_for": [3],
        "amount": "1200.75",
        "external_link": "",
    }
    browser.call("POST", "/api/projects/api-project/bills", json=bill, auth=API_AUTH)
    browser.call("GET", "/api/projects/api-project/bills", auth=API_AUTH)
    browser.call("DELETE", "/api/projects/api-project", auth=API_AUTH)


@dataclass
class Run:
    """What the browser saw, who got mail, and where the record is."""

    folder: Path
    pages: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    output: str = ""


@contextmanager
def mail_server(mailbox: Mailbox) -> Iterator[int]:
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    if sys.version_info < (3, 11):
        pytest.skip("ihatemoney 7 needs Python 3.11")
    binaries = environment("ihatemoney", [str(project_wheel()), "ihatemoney==7.*", "gunicorn"])
    folder = tmp_path_factory.mktemp("ihatemoney")
    found = []
    for name, recording in (("alone", False), ("recorded", True)):
        run, mailbox = Run(folder / name), Mailbox()
        run.folder.mkdir()
        with mail_server(mailbox) as mail_port:
            settings = run.folder / "settings.py"
            settings.write_text(SETTINGS.format(folder=run.folder, mail_port=mail_port))
            environ = {"IHATEMONEY_SETTINGS_FILE_PATH": str(settings), "PYTHONHASHSEED": "0"}
            with gunicorn(
                binaries, "ihatemoney.wsgi:application", run.folder, recording=recording, **environ
            ) as server:
                browser = Browser(server)
                play(browser)
                assert server.stop() == 0
                run.output = server.output
            run.pages, run.recipients = browser.pages, mailbox.recipients
        found.append(run)
    return found[0], found[1]


def stable(page: str) -> str:
    """A page without what is another each time: tokens, signatures, times, the port."""
    page = re.sub(r'(name="csrf_token"[^>]*value=)"[^"]+"', r"\1", page)
    page = re.sub(r"(/join/|/feed/)[\w.-]+", r"\1", page)
    page = re.sub(r"\b\d{1,2}:\d{2}(:\d{2})?\b", "", page)
    page = re.sub(r'<path d="M[^"]*"', "", page)  # the QR code of a signed link
    return re.sub(r"127\.0\.0\.1:\d+", "host", page)


def test_pages_and_mails_are_what_they_are_alone(runs: tuple[Run, Run]) -> None:
    alone, recorded = runs
    assert [stable(page) for page in recorded.pages] == [stable(page) for page in alone.pages]
    assert recorded.recipients == alone.recipients
    assert len(alone.recipients) == 4


def test_nothing_is_printed_and_nothing_is_lost(runs: tuple[Run, Run]) -> None:
    _, recorded = runs
    assert "provenance" not in recorded.output
    assert rows(recorded.folder, "SELECT * FROM losses") == []


def test_each_field_is_followed_to_its_columns(runs: tuple[Run, Run]) -> None:
    _, recorded = runs
    found = rows(
        recorded.folder,
        """SELECT came.method || ' ' || came.route || ' ' || d.field, e.operation,
                  e.table_name || '.' || e.column_name, e.outcome
           FROM tag_matches m JOIN storage_events e USING (event_id) JOIN data_events d USING (tag_id)
           JOIN requests came USING (request_id)
           WHERE m.confidence >= 0.5 AND e.request_id = d.request_id""",
    )
    assert {outcome for *_, outcome in found} == {"committed"}
    # the application keeps each version of a row in a table of its own: the same columns again
    flows = {(came, done, place) for came, done, place, _ in found if "_version." not in place}
    assert flows == STORED


def test_deleted_rows_are_known_by_their_keys(runs: tuple[Run, Run]) -> None:
    _, recorded = runs
    query = "SELECT table_name, primary_key FROM storage_events WHERE operation = 'delete' AND row_count = 1"
    assert set(rows(recorded.folder, query)) >= DELETED


def test_the_secret_code_is_stored_nowhere(runs: tuple[Run, Run]) -> None:
    _, recorded = runs
    query = (
        "SELECT * FROM tag_matches m JOIN data_events d USING (tag_id) WHERE d.field = 'password' AND confidence >= 0.5"
    )
    assert rows(recorded.folder, query) == []


def test_mails_are_shares_to_those_who_got_them(runs: tuple[Run, Run]) -> None:
    _, recorded = runs
    found = rows(
        recorded.folder,
        """SELECT came.route, d.field, m.location FROM tag_matches m JOIN share_events e USING (event_id)
           JOIN data_events d USING (tag_id) JOIN requests came USING (request_id)
           WHERE e.channel = 'smtp' AND m.confidence >= 0.5 AND m.location = 'recipient'""",
    )
    assert {(route, field) for route, field, _ in found} == {
        ("/create", "contact_email"),
        ("/<project_id>/invite", "emails"),
        ("/api/projects", "contact_email"),
    }
