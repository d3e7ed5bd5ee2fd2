"""The lists: what they show, how they are narrowed, in which formats they come."""

from __future__ import annotations

import csv
import io
import json

import pytest

from .conftest import Builder, RequestBuilder, Run

pytestmark = pytest.mark.usefixtures("signup")


@pytest.fixture
def shop(build: Builder, signup: RequestBuilder) -> Builder:
    """Beside the sign-up: someone looks at a page, and a job writes and sends outside requests."""
    page = build.request("GET", "/users/7", route="/users/<int:id>", status_code=404, user_id="bob")
    page.tag("path", "id", 7)
    job = build.outside()
    job.wrote("users", None, operation="delete", row_count=1)
    job.sent("rates.example.net", method="GET", inspected="none", inspected_reason="stream")
    return build


def test_requests_are_listed_newest_first_with_their_reach(cli: Run, shop: Builder) -> None:
    newest, oldest = cli("requests", "--format", "json").json
    assert (newest["path"], newest["values"], newest["stored_in"], newest["sent_to"]) == ("/users/7", 1, [], [])
    assert oldest["values"] == 3
    assert oldest["stored_in"] == ["users"]
    assert oldest["sent_to"] == ["crm.example.org", "mail.example.org:8025"]


def test_the_tables_that_a_request_deleted_from_are_told(cli: Run, build: Builder) -> None:
    leaving = build.request("POST", "/leave")
    leaving.wrote("bills", None, operation="delete", primary_key='{"id": 1}')
    leaving.wrote("bills", None, operation="delete", primary_key='{"id": 2}')
    leaving.wrote("tokens", None, operation="delete", primary_key=None, row_count=3)
    leaving.wrote("drafts", None, operation="delete", primary_key=None, row_count=0)
    leaving.wrote("accounts", None, operation="delete", outcome="rolled_back")
    leaving.wrote("bills", None, operation="update")

    (row, *_) = cli("requests", "--format", "json").json
    assert (row["stored_in"], row["deleted_from"]) == ([], ["bills", "tokens"])
    _, first, second, *_ = cli("requests").out.splitlines()
    assert "  bills deleted  " in first
    assert second.strip() == "tokens deleted"
    assert cli("show").out.splitlines()[0].endswith("0 values came in, deleted from bills, tokens")


def test_where_the_database_did_not_tell_how_many_rows_no_number_is_shown(cli: Run, build: Builder) -> None:
    cleanup = build.request("POST", "/cleanup")
    cleanup.wrote("drafts", None, operation="delete", primary_key=None, row_count=-1)
    cleanup.wrote("bills", None, operation="delete", primary_key=None, row_count=1200)

    told = cli("storage").out
    assert "-1" not in told
    assert [line.split("committed")[0].split()[-2:] for line in told.splitlines()[1:3]] == [
        ["1,200", "rows"],
        ["drafts", "rows"],
    ]
    assert [line.strip("└├─ ▪") for line in cli("show").out.splitlines() if "delete" in line][1:] == [
        "drafts delete rows  committed",
        "bills delete 1,200 rows  committed",
    ]


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        ((), ["/users/7", "/signup"]),
        (("--limit", "1"), ["/users/7"]),
        (("--limit", "0"), ["/users/7", "/signup"]),
        (("--method", "post"), ["/signup"]),
        (("--path", "/users/*"), ["/users/7"]),
        (("--path", "/users/<int:id>"), ["/users/7"]),
        (("--path", "/users"), []),
        (("--user", "ann"), ["/signup"]),
        (("--table", "users"), ["/signup"]),
        (("--table", "users.email"), ["/signup"]),
        (("--table", "orders"), []),
        (("--host", "crm.example.org"), ["/signup"]),
        (("--host", "MAIL.example.org:8025"), ["/signup"]),
        (("--field", "email"), ["/signup"]),
        (("--field", "form.*"), ["/signup"]),
        (("--field", "query.*"), []),
        (("--since", "2026-11-24T06:02Z"), ["/users/7"]),
        (("--until", "2026-11-24T06:02Z"), ["/signup"]),
        (("--since", "2026-11-24T07:01:30+01:00", "--until", "2026-11-24T06:02:00.000001Z"), ["/users/7"]),
        (("--since", "2026-11-25"), []),
    ],
)
def test_requests_are_narrowed(cli: Run, shop: Builder, options: tuple[str, ...], paths: list[str]) -> None:
    ran = cli("requests", "--format", "json", *options)
    assert [row["path"] for row in ran.json] == paths
    assert ran.status == 0


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        (("--table", "users"), ["email", "name"]),
        (("--host", "crm*"), ["email"]),
        (("--host", "mail.example.org"), ["name"]),
        (("--host", "mail.example.org", "--min-confidence", "0.7"), []),
        (("--field", "pass*"), ["password"]),
        (("--path", "/users/*"), ["id"]),
        (("--user", "ann", "--field", "form.name"), ["name"]),
        (("--since", "2026-11-24T06:02Z"), ["id"]),
    ],
)
def test_data_is_narrowed(cli: Run, shop: Builder, options: tuple[str, ...], fields: list[str]) -> None:
    assert [row["field"] for row in cli("data", "--format", "json", *options).json] == fields


def test_data_tells_where_each_value_went(cli: Run, signup: RequestBuilder) -> None:
    assert signup.request_id is not None
    email, name, password = cli("data", "--request-id", signup.request_id[:13], "--format", "json").json
    stored, sent = email["went_to"]
    assert (stored["action"], stored["place"], stored["transform"]) == ("insert", "users.email", "lower")
    assert (sent["action"], sent["place"], sent["kind"]) == ("share", "crm.example.org", "digest")
    assert [d["place"] for d in name["went_to"]] == ["users.name", "mail.example.org:8025"]
    assert password["went_to"] == []
    assert password["preview"] is None


def test_tags_of_a_request_come_in_their_order_past_ten(cli: Run, build: Builder) -> None:
    request = build.request()
    for number in range(12):
        request.tag("form", f"f{number}", number)
    assert request.request_id is not None
    rows = cli("data", "--request-id", request.request_id, "--format", "json").json
    assert [row["field"] for row in rows] == [f"f{number}" for number in range(12)]


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        ((), [None, None, "name", "email"]),
        (("--table", "users"), [None, "name", "email"]),
        (("--table", "users.email"), ["email"]),
        (("--field", "email"), ["email"]),
        (("--field", "form.name"), ["name"]),
        (("--user", "ann"), [None, "name", "email"]),
        (("--path", "/users/*"), []),
        (("--host", "crm.example.org"), [None, "name", "email"]),
    ],
)
def test_storage_is_narrowed(cli: Run, shop: Builder, options: tuple[str, ...], columns: list[str | None]) -> None:
    assert [row["column_name"] for row in cli("storage", "--format", "json", *options).json] == columns


@pytest.mark.parametrize(
    ("options", "hosts"),
    [
        ((), ["rates.example.net", "mail.example.org", "crm.example.org"]),
        (("--host", "*.example.org"), ["mail.example.org", "crm.example.org"]),
        (("--field", "email_sha256"), ["crm.example.org"]),
        (("--field", "name"), ["mail.example.org"]),
        (("--field", "name", "--min-confidence", "0.7"), []),
        (("--table", "users"), ["mail.example.org", "crm.example.org"]),
        (("--limit", "1"), ["rates.example.net"]),
    ],
)
def test_share_is_narrowed(cli: Run, shop: Builder, options: tuple[str, ...], hosts: list[str]) -> None:
    assert [row["host"] for row in cli("share", "--format", "json", *options).json] == hosts


def test_all_formats_say_the_same(cli: Run, shop: Builder) -> None:
    array = cli("requests", "--format", "json").json
    lines = [json.loads(line) for line in cli("requests", "--format", "jsonl").out.splitlines()]
    rows = list(csv.DictReader(io.StringIO(cli("requests", "--format", "csv").out)))
    assert lines == array
    assert [row["request_id"] for row in rows] == [row["request_id"] for row in array]
    assert [row["sent_to"] for row in rows] == ["; ".join(row["sent_to"]) for row in array]


def test_nothing_found_is_an_empty_array_a_bare_header_and_a_note(cli: Run) -> None:
    ran = cli("requests", "--path", "/none", "--format", "json")
    assert (ran.status, ran.json, ran.err) == (0, [], "no request matches\n")
    assert cli("requests", "--path", "/none", "--format", "csv").out.count("\n") == 1
    assert cli("requests", "--path", "/none").out == ""


def test_a_table_has_titles_and_aligned_columns(cli: Run) -> None:
    titles, first, second = cli("data", "--field", "name").out.splitlines()
    at = titles.index("WENT TO")
    assert first[at:].startswith("▪ users.name")
    assert second[at:].startswith("→ mail.example.org:8025 contains 0.60")
    assert second[:at].strip() == ""


def test_options_stand_before_or_after_the_command(cli: Run) -> None:
    after = cli("requests", "--limit", "1", "--format", "json")
    assert cli("--limit", "1", "--format=json", "requests") == after
    assert cli("--format", "json", "requests", "--limit=1") == after


def test_known_losses_are_the_first_line(cli: Run, build: Builder) -> None:
    build.insert("losses", occurred_at="2026-11-24T06:00:00.000000Z", reason="queue_full", kind="span", count=1200)
    build.insert("losses", occurred_at="2026-11-24T06:00:00.000000Z", reason="error", kind="flask.body", count=1)
    ran = cli("requests")
    assert ran.err == (
        "this record is known to lack 1,201 facts (queue_full 1,200, error 1): see 'otel-provenance doctor'\n"
    )


def test_what_could_steer_a_terminal_is_shown_not_sent(cli: Run, build: Builder) -> None:
    build.request("GET", "/\x1b]0;owned\x07\u202e\n", user_id="\x9b31m")
    out = cli("requests").out
    assert not any(c in out for c in "\x1b\x07\x9b\u202e")
    assert r"/\x1b]0;owned\x07\u202e\n" in out
