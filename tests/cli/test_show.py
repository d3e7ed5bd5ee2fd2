"""One request as a tree."""

from __future__ import annotations

import pytest

from .conftest import Builder, RequestBuilder, Run


def test_the_tree_tells_the_whole_request(cli: Run, signup: RequestBuilder) -> None:
    ran = cli("show", str(signup.request_id))
    assert ran.status == 0
    assert ran.out.splitlines() == [
        "POST /signup  201  12 ms  3 values came in, stored in users, sent to crm.example.org, mail.example.org:8025",
        f"├─ 2026-11-24 06:01:00 UTC  {signup.request_id}",
        "├─ user ann  from 10.0.0.7  service shop",
        "├─ form email  Xxxxx@Xxxxxxx.xxx  user.contact.email",
        "│  ├─ ▪ users.email insert id=7  lower 0.97  committed",
        "│  └─ → crm.example.org POST body email_sha256  sha256 0.90  sent 200",
        "├─ form name  Xxxxx Xxxxx  user.name",
        "│  ├─ ▪ users.name insert id=7  0.97  committed",
        "│  └─ → mail.example.org:8025 POST body text  contains 0.60  sent 200",
        "├─ form password  went nowhere",
        "└─ beside that",
        "   └─ ▪ audit_log insert 1 row  committed",
    ]


def test_the_beginning_of_an_id_is_enough_and_the_newest_is_the_default(cli: Run, signup: RequestBuilder) -> None:
    whole = cli("show", str(signup.request_id))
    assert cli("show", str(signup.request_id)[:13]).out == whole.out
    assert cli("show").out == whole.out


def test_an_id_that_several_requests_begin_with_is_refused(cli: Run, build: Builder) -> None:
    ids = [build.request().request_id for _ in range(2)]
    ran = cli("show", str(ids[0])[:4])
    assert (ran.status, ran.out) == (1, "")
    assert "several" in ran.err


@pytest.mark.parametrize("unknown", ["ffffffff", "", "%", "'"])
def test_an_unknown_id_is_one_line_and_status_1(cli: Run, signup: RequestBuilder, unknown: str) -> None:
    ran = cli("show", unknown)
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "no request" in ran.err


def test_what_failed_was_rolled_back_or_not_searched_is_said(cli: Run, build: Builder) -> None:
    request = build.request(error="ValueError: no", status_code=500, inspected="partial", inspected_reason="too_large")
    text = request.tag("json", "text", "a long text")
    request.wrote("notes", "body", (text,), outcome="rolled_back")
    request.sent("slow.example", (text,), status_code=None, outcome="failed")
    request.sent("big.example", inspected="none", inspected_reason="too_large")
    out = cli("show").out
    for said in (
        "raised ValueError: no",
        "what came in was searched in part: too large",
        "0.97  rolled back",
        "0.97  failed",
        "→ big.example POST /v1/people  sent 200  not searched: too large",
    ):
        assert said in out


def test_values_that_go_on_later_and_come_from_earlier_are_marked(cli: Run, signup: RequestBuilder) -> None:
    later = signup.builder.request("POST", "/newsletter")
    email = f"{signup.ids.prefix}.t0"
    later.sent("ads.example", (email,), via_event_id=f"{signup.ids.prefix}.w3")
    first = cli("show", str(signup.request_id)).out
    assert f"→ ads.example POST body  0.97  sent 200  later, in request {later.request_id}" in first
    second = cli("show", str(later.request_id)).out
    assert "→ ads.example POST /v1/people  sent 200" in second
    assert f"form email earlier from request {signup.request_id}" in second


def test_what_happened_outside_requests_is_marked_so(cli: Run, signup: RequestBuilder) -> None:
    signup.builder.outside().sent("cron.example", (f"{signup.ids.prefix}.t0",))
    assert "→ cron.example POST body  0.97  sent 200  later, outside requests" in cli("show").out


def test_matches_below_the_confidence_are_left_out(cli: Run, signup: RequestBuilder) -> None:
    assert "mail.example.org:8025 POST body" not in cli("show", "--min-confidence", "0.61").out
    assert "mail.example.org:8025 POST body" in cli("show", "--min-confidence", "0.6").out


def test_json_has_all_of_it(cli: Run, signup: RequestBuilder) -> None:
    story = cli("show", "--format", "json").json
    assert story["request"]["request_id"] == signup.request_id
    assert [row["field"] for row in story["data"]] == ["email", "name", "password"]
    assert [row["table_name"] for row in story["storage"]] == ["users", "users", "audit_log"]
    assert [row["host"] for row in story["share"]] == ["crm.example.org", "mail.example.org"]
