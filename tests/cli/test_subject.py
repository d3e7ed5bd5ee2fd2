"""Everything tied to a person, and nothing of anyone else."""

from __future__ import annotations

import pytest

from otel_provenance.values import hash_value

from .conftest import SALT, Builder, RequestBuilder, Run

EMAIL, PHONE = "user.contact.email", "user.contact.phone_number"


def fields(found: dict[str, object]) -> set[tuple[str, str]]:
    return {(value["field"], value["found"]) for value in found["values"]}  # type: ignore[attr-defined,index]


def test_values_rows_requests_and_recipients(cli: Run, signup: RequestBuilder) -> None:
    found = cli("subject", "ALICE@example.com", "--format", "json").json
    assert fields(found) == {
        ("email", "identifier"),
        ("name", "in the same row of users"),
        ("password", "in the same request"),
    }
    assert [request["request_id"] for request in found["requests"]] == [signup.request_id]
    (row,) = found["rows"]
    assert (row["table"], row["primary_key"], row["columns"], row["state"]) == (
        "users",
        '{"id": 7}',
        ["email", "name"],
        "stored",
    )
    assert [(to["recipient"], to["fields"], to["state"]) for to in found["recipients"]] == [
        ("crm.example.org", ["email"], "sent"),
        ("mail.example.org:8025", ["name"], "sent"),
    ]
    assert any("not recognised" in limit for limit in found["limits"])


def test_another_identifier_in_the_same_row_leads_on(cli: Run, signup: RequestBuilder) -> None:
    build = signup.builder
    profile = build.request("POST", "/profile")
    phone = profile.tag("form", "phone", "+41 44 668 18 00", PHONE)
    profile.wrote("users", "phone", (phone,), operation="update")
    call = build.request("POST", "/callback")
    again = call.tag("json", "phone", "+41 44 668 18 00", PHONE)
    topic = call.tag("json", "topic", "a question about my bill")
    call.sent("calls.example", (again, topic))
    found = cli("subject", "alice@example.com", "--format", "json").json
    assert ("phone", "identifier") in fields(found)
    assert ("topic", "in the same request") in fields(found)
    assert "calls.example" in [to["recipient"] for to in found["recipients"]]
    assert "/callback" in [request["path"] for request in found["requests"]]


def test_a_row_of_two_people_joins_nobody(cli: Run, signup: RequestBuilder) -> None:
    build = signup.builder
    invitation = build.request("POST", "/invite")
    mine = invitation.tag("form", "from", "alice@example.com", EMAIL)
    theirs = invitation.tag("form", "to", "bob@example.com", EMAIL)
    for column, tag in (("inviter", mine), ("invitee", theirs)):
        invitation.wrote("invitations", column, (tag,), primary_key='{"id": 3}')
    other = build.request("POST", "/signup")
    bobs = other.tag("form", "email", "bob@example.com", EMAIL)
    secret = other.tag("form", "note", "a secret of Bob's own")
    other.sent("bobs.example", (bobs, secret))
    found = cli("subject", "alice@example.com", "--format", "json").json
    assert {field for field, _ in fields(found)} == {"email", "name", "password", "from"}
    assert "bobs.example" not in [to["recipient"] for to in found["recipients"]]
    assert any("invitations hold identifiers of several people" in limit for limit in found["limits"])
    assert any("not known to be the person's" in limit for limit in found["limits"])


def test_a_changed_address_is_the_same_persons(cli: Run, signup: RequestBuilder) -> None:
    change = signup.builder.request("POST", "/profile")
    new = change.tag("form", "email", "alice@new.example", EMAIL)
    change.wrote("users", "email", (new,), operation="update")
    found = cli("subject", "alice@new.example", "--format", "json").json
    assert [request["path"] for request in found["requests"]] == ["/profile", "/signup"]


@pytest.mark.parametrize(
    ("later", "state"),
    [
        ({"operation": "delete"}, "deleted"),
        ({"operation": "delete", "outcome": "rolled_back"}, "stored"),
        ({"column": "email", "operation": "update"}, "overwritten in part"),
    ],
)
def test_what_is_still_stored(cli: Run, signup: RequestBuilder, later: dict[str, str], state: str) -> None:
    signup.builder.request().wrote("users", **later)  # type: ignore[arg-type]
    (row,) = cli("subject", "alice@example.com", "--format", "json").json["rows"]
    assert row["state"] == state


def test_blocked_calls_are_not_received_and_failed_ones_are_told_so(cli: Run, signup: RequestBuilder) -> None:
    tag = f"{signup.ids.prefix}.t0"
    signup.sent("blocked.example", (tag,), outcome="blocked")
    signup.sent("down.example", (tag,), outcome="failed", status_code=None)
    found = cli("subject", "alice@example.com", "--format", "json").json
    states = {to["recipient"]: to["state"] for to in found["recipients"]}
    assert "blocked.example" not in states
    assert states["down.example"] == "failed"


def test_the_report_and_the_flat_formats(cli: Run, signup: RequestBuilder) -> None:
    ran = cli("subject", "alice@example.com")
    assert ran.status == 0
    for title in ("who received it (2)", "where it is or was stored (1)", "which values (3)", "in which requests (1)"):
        assert title in ran.out
    lines = cli("subject", "alice@example.com", "--format", "csv").out.splitlines()
    assert lines[0] == "section,what,detail,times,first_at,last_at,state"
    assert {line.split(",")[0] for line in lines[1:]} == {"value", "request", "row", "recipient", "limit"}


def test_nobody_is_status_1(cli: Run, signup: RequestBuilder) -> None:
    ran = cli("subject", "nobody@example.com")
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)


def test_a_value_that_thousands_sent_is_bounded(cli: Run, build: Builder) -> None:
    for _ in range(1005):
        build.request().tag("form", "email", "info@example.com", EMAIL)
    found = cli("subject", "info@example.com", "--format", "json").json
    assert len(found["requests"]) == 1000
    assert any("came in 1,005 times" in limit for limit in found["limits"])


def test_where_an_identifier_stands_in_a_text_or_was_sent_from_nowhere_known(cli: Run, signup: RequestBuilder) -> None:
    build = signup.builder
    value_hash = hash_value("alice@example.com", SALT.encode())
    question = build.request("POST", "/support")
    text = question.tag("json", "question", "please write to alice@example.com")
    asked = question.sent("llm.example", (text,), "messages.0.content")
    other = question.tag("json", "topic", "a question about chairs")
    mixed = question.sent("mixed.example", (other,), "text", kind="contains")
    build.insert("leaves", value_hash=value_hash, event_id=mixed, location="body", field="text")
    build.insert("leaves", value_hash=value_hash, event_id=asked, location="body", field="messages.0.content")
    job = build.outside()
    sent, written = job.sent("partner.example"), job.wrote("mailings", "to", primary_key='{"id": 1}')
    build.insert("leaves", value_hash=value_hash, event_id=sent, location="body", field="to")
    build.insert("leaves", value_hash=value_hash, event_id=written, location="column", field="to")
    found = cli("subject", "alice@example.com", "--format", "json").json
    assert ("question", "names the person") in fields(found)
    received = {to["recipient"]: to["fields"] for to in found["recipients"]}
    assert received["llm.example"] == ["question"]
    assert received["mixed.example"] == ["text"]  # the topic stands beside it, and is not the person's
    assert received["partner.example"] == ["to"]
    assert "mailings" in [row["table"] for row in found["rows"]]


@pytest.mark.parametrize(
    ("writers", "joined"),
    [
        ((None, "ann"), True),  # signed up, then changed it
        (("ann", "ann"), True),
        (("ann", "admin"), False),
        ((None,) * 9, False),  # whoever it was, it was not one person
    ],
)
def test_a_row_that_several_people_write_one_after_the_other(
    cli: Run, build: Builder, writers: tuple[str | None, ...], joined: bool
) -> None:
    for number, user in enumerate(writers):
        request = build.request("POST", "/settings", user_id=user)
        tag = request.tag("form", "contact", f"person{number}@example.com", EMAIL)
        request.wrote("settings", "contact", (tag,), operation="update" if number else "insert")
    found = cli("subject", "person0@example.com", "--format", "json").json
    assert len(found["requests"]) == (len(writers) if joined else 1)
    assert any("several people" in limit for limit in found["limits"]) is not joined
