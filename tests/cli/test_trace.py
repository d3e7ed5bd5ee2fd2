"""The life of a value."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otel_provenance.reports.rows import RowKey, parse_row
from otel_provenance.tables import RecordError
from otel_provenance.values import hash_value

from .conftest import SALT, Builder, RequestBuilder, Run, in_a_process


@pytest.fixture
def life(signup: RequestBuilder) -> RequestBuilder:
    """The sign-up's address is mailed by a job, changed by its owner, and the row is deleted."""
    build, email = signup.builder, f"{signup.ids.prefix}.t0"
    build.outside().sent("newsletter.example", (email,), "to", via_event_id=f"{signup.ids.prefix}.w3", channel="smtp")
    change = build.request("POST", "/profile", user_id="ann")
    new = change.tag("form", "email", "alice@new.example")
    change.wrote("users", "email", (new,), "alice@new.example", operation="update")
    build.request("DELETE", "/account", user_id="ann").wrote("users", operation="delete")
    return signup


def test_the_life_of_a_value_is_a_tree_in_time(cli: Run, life: RequestBuilder) -> None:
    ran = cli("trace", "  ALICE@example.com ")
    assert ran.status == 0
    (change,) = [line for line in ran.out.splitlines() if "overwritten" in line]
    assert ran.out.splitlines() == [
        "value  came in 1 time, in 2 requests by 1 user, stored in users.email,"
        " sent to newsletter.example, crm.example.org",
        f"└─ 2026-11-24 06:01:00  ← entered form email  user.contact.email  POST /signup  by ann  {life.request_id}",
        "   ├─ 06:01:00  ▪ stored users.email id=7  lower 0.97",
        "   │  ├─ 06:02:00  → sent newsletter.example  0.97  200  outside requests",
        change,
        "   └─ 06:01:00  → sent crm.example.org  sha256 0.90  200",
    ]
    assert "06:03:00  ~ overwritten users.email id=7  POST /profile  by ann" in change


def test_a_later_value_of_the_row_ends_with_its_deletion(cli: Run, life: RequestBuilder) -> None:
    entered = cli("trace", "alice@new.example", "--format", "json").json["steps"]
    (stored,) = entered[0]["then"]
    assert [(step["what"], step["path"]) for step in stored["then"]] == [("deleted", "/account")]


def test_a_write_that_was_rolled_back_ends_nothing(cli: Run, signup: RequestBuilder) -> None:
    signup.builder.request("DELETE", "/account").wrote("users", operation="delete", outcome="rolled_back")
    (entered,) = cli("trace", "Alice Young", "--format", "json").json["steps"]
    assert [step["then"] for step in entered["then"]] == [[], []]


def test_by_tag(cli: Run, signup: RequestBuilder) -> None:
    by_tag = cli("trace", "--tag", f"{signup.ids.prefix}.t1", "--format", "json")
    assert by_tag.json == cli("trace", "Alice Young", "--format", "json").json
    assert cli("trace", "--tag", "nobody.t1").status == 1


@pytest.mark.parametrize("row", ["users:7", 'users:{"id": 7}', 'users:{"id":7}', "users:id=7"])
def test_by_row(cli: Run, life: RequestBuilder, row: str) -> None:
    steps = cli("trace", "--row", row, "--format", "json").json["steps"]
    assert [(step["what"], step["place"]) for step in steps] == [
        ("stored", "users.email"),
        ("stored", "users.name"),
        ("overwritten", "users.email"),
        ("deleted", "users"),
    ]
    email, *_ = steps
    assert [(step["what"], step["place"]) for step in email["then"]] == [
        ("entered", "form email"),
        ("sent", "newsletter.example"),
    ]


def test_by_a_row_with_a_key_of_several_columns(cli: Run, build: Builder) -> None:
    request = build.request()
    tag = request.tag("form", "role", "owner of the shop")
    request.wrote("members", "role", (tag,), primary_key='{"shop": 1, "user": "ann"}')
    assert cli("trace", "--row", "members:shop=1,user=ann").status == 0
    assert cli("trace", "--row", "members:shop=1,user=bob").status == 1


@pytest.mark.parametrize("row", ["users:8", "none:7", "users", "users:", ":", "users:{bad", "users:a=b=c"])
def test_unknown_rows_are_one_line_and_status_1(cli: Run, signup: RequestBuilder, row: str) -> None:
    ran = cli("trace", "--row", row)
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)


def test_a_value_known_only_from_writes_and_calls(cli: Run, build: Builder) -> None:
    job = build.outside()
    written, sent = job.wrote("rates", "currency"), job.sent("rates.example")
    for event in (written, sent):
        value_hash = hash_value("a value that a job made up", SALT.encode())
        build.insert("leaves", value_hash=value_hash, event_id=event, location="column", field="")
    steps = cli("trace", "a value that a job made up", "--format", "json").json["steps"]
    assert [(step["what"], step["place"]) for step in steps] == [
        ("stored", "rates.currency"),
        ("sent", "rates.example"),
    ]


def test_a_value_that_was_changed_on_the_way_leads_to_what_it_was_made_of(cli: Run, build: Builder) -> None:
    request = build.request()
    tag = request.tag("form", "email", "carol@example.com")
    event = request.sent("ads.example", (tag,), "em", kind="digest", transform="sha256")
    build.insert("leaves", value_hash=hash_value("d1ge57", SALT.encode()), event_id=event, location="body", field="em")
    (entered,) = cli("trace", "d1ge57", "--format", "json").json["steps"]
    assert (entered["what"], entered["place"], entered["event_id"]) == ("entered", "form email", tag)


def test_circles_of_links_end(cli: Run, build: Builder) -> None:
    request = build.request()
    tag = request.tag("form", "email", "carol@example.com")
    one = request.wrote("a", "x", primary_key=None)
    two = request.wrote("b", "x", primary_key=None)
    request.edge(one, tag, "column", "x", via_event_id=two)
    request.edge(two, tag, "column", "x", via_event_id=one)
    (entered,) = cli("trace", "carol@example.com", "--format", "json").json["steps"]
    (first,) = entered["then"]
    assert (first["place"], [step["place"] for step in first["then"]]) == ("a.x", ["b.x"])


def test_a_value_that_came_in_often_is_told_by_its_newest(cli: Run, build: Builder) -> None:
    for _ in range(5):
        build.request().tag("query", "lang", "de-CH")
    life = cli("trace", "de-CH", "--limit", "2", "--format", "json").json
    assert (life["entries"], [step["occurred_at"][11:16] for step in life["steps"]]) == (5, ["06:04", "06:05"])
    assert len(cli("trace", "de-CH", "--limit", "0", "--format", "json").json["steps"]) == 5


def test_flat_formats_are_in_the_order_of_time(cli: Run, life: RequestBuilder) -> None:
    lines = cli("trace", "alice@example.com", "--format", "csv").out.splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["entered", "stored", "sent", "sent", "overwritten"]


def test_unknown_values_are_status_1(cli: Run, signup: RequestBuilder) -> None:
    ran = cli("trace", "nobody@example.com")
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "nobody" not in ran.err


@pytest.mark.parametrize("arguments", [("x", "--tag", "y"), ("--tag", "y", "--row", "z:1"), (" ",)])
def test_wrong_use(cli: Run, signup: RequestBuilder, arguments: tuple[str, ...]) -> None:
    assert cli("trace", *arguments).status == 2


def test_another_salt_is_told(cli: Run, signup: RequestBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_HASH_SALT", "another")
    ran = cli("trace", "alice@example.com")
    assert ran.status == 1
    assert "another salt" in ran.err
    monkeypatch.delenv("PROVENANCE_HASH_SALT")
    assert ".key is missing" in cli("trace", "alice@example.com").err


def test_standard_input_keeps_the_value_out_of_sight(db: Path, signup: RequestBuilder) -> None:
    ran = in_a_process("trace", "-", "--db", str(db), stdin="alice@example.com\n")
    assert ran.status == 0
    assert "users.email" in ran.out
    assert "alice" not in (ran.out + ran.err).lower()
    assert in_a_process("trace", "--db", str(db), stdin="").status == 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the process list is overwritten on Linux only")
@pytest.mark.parametrize("argument", ["alice@example.com", "--subject=alice@example.com"])
def test_an_argument_is_taken_out_of_the_process_list(argument: str) -> None:
    script = (
        "import sys; from otel_provenance.cli.secrets import read_value;"
        "value = read_value(sys.argv[1].rpartition('=')[2]); print(value, flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, argument],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PROVENANCE_DISABLE": "1"},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "alice@example.com\n"
        assert b"alice" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
    finally:
        process.communicate("", timeout=30)


def test_a_statement_that_deletes_unknown_rows_may_have_ended_it(cli: Run, signup: RequestBuilder) -> None:
    signup.builder.request("POST", "/cleanup").wrote("users", operation="delete", primary_key=None, row_count=40)
    (entered,) = cli("trace", "alice@example.com", "--format", "json").json["steps"]
    stored = entered["then"][0]
    assert [(step["what"], step["primary_key"], step["path"]) for step in stored["then"]] == [
        ("perhaps deleted", None, "/cleanup")
    ]
    found = cli("subject", "alice@example.com", "--format", "json").json
    assert [row["state"] for row in found["rows"]] == ["perhaps deleted"]
    assert any("statements that do not say which" in limit for limit in found["limits"])


def test_one_before_it_was_stored_or_that_was_rolled_back_has_not(cli: Run, build: Builder) -> None:
    build.request("POST", "/cleanup").wrote("users", operation="delete", primary_key=None)
    request = build.request()
    tag = request.tag("form", "email", "dora@example.com")
    request.wrote("users", "email", (tag,))
    undone = build.request("POST", "/cleanup")
    undone.wrote("users", operation="delete", primary_key=None, outcome="rolled_back")
    (entered,) = cli("trace", "dora@example.com", "--format", "json").json["steps"]
    assert entered["then"][0]["then"] == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=30) | st.builds("users:{}".format, st.text(max_size=30)))
def test_any_text_is_a_row_that_is_known_or_refused(signup: RequestBuilder, text: str) -> None:
    try:
        row = parse_row(signup.builder.connection, text)
    except RecordError:
        return
    assert row == RowKey("users", '{"id": 7}')


def test_keys_that_are_no_json_objects_are_refused(cli: Run, build: Builder) -> None:
    request = build.request()
    tag = request.tag("form", "name", "Alice Young")
    request.wrote("people", "name", (tag,), primary_key="[1, 2]")
    assert cli("trace", "--row", "people:1").status == 1
    assert cli("trace", "--row", "people:" + "9" * 5000).status == 1


def test_a_column_that_was_written_outside_requests_is_told_once(cli: Run, signup: RequestBuilder) -> None:
    # such a write has a row of its own without a column; a link makes one for the column that carries something
    job = signup.builder.outside()
    write = job.wrote("parcels", primary_key='{"id": 1}', operation="insert")
    value_hash = hash_value("Alice Young", SALT.encode())
    signup.builder.insert("leaves", value_hash=value_hash, event_id=write, location="column", field="addressee")
    (entered, seen) = cli("trace", "Alice Young", "--format", "json").json["steps"]
    assert (seen["what"], seen["place"]) == ("stored", "parcels.addressee"), "where it came from is not known"

    tag = f"{signup.ids.prefix}.t1"
    signup.builder.connection.execute(
        "INSERT INTO storage_events SELECT event_id || '/addressee', request_id, occurred_at, operation, db_system,"
        " db_name, table_name, 'addressee', primary_key, model, ?, 1, outcome, inspected FROM storage_events"
        " WHERE event_id = ?",
        (value_hash, write),
    )
    signup.edge(f"{write}/addressee", tag, "column", "addressee", via_event_id=f"{signup.ids.prefix}.w4")
    life = cli("trace", "Alice Young", "--format", "json").json
    assert life["stored_in"] == ["users.name", "parcels.addressee"]
    (entered,) = life["steps"]
    (stored,) = [step for step in entered["then"] if step["place"] == "users.name"]
    assert [step["place"] for step in stored["then"]] == ["parcels.addressee"]
