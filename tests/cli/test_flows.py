"""Which data goes where, and what has changed about that."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance.cli.diff import Side, parse_side
from otel_provenance.cli.graphs import graphviz, mermaid
from otel_provenance.reports.flows import Flow

from .conftest import Builder, RequestBuilder, Run

Row = tuple[Any, ...]


@pytest.fixture
def shop(signup: RequestBuilder) -> Builder:
    """A second sign-up, a list, a value sent on later, and what did not flow."""
    build = signup.builder
    second = build.request("POST", "/signup", service_version="2.0")
    email = second.tag("form", "email", "bob@example.com", "user.contact.email")
    stored = second.wrote("users", "email", (email,), primary_key='{"id": 8}')
    second.wrote("users", "name", (email,), outcome="rolled_back")
    second.sent("blocked.example", (email,), outcome="blocked")
    second.sent("unsure.example", (email,), confidence=0.3)
    build.outside().sent("newsletter.example", (email,), channel="smtp", via_event_id=stored)
    order = build.request("POST", "/orders", route="/orders", service_version="2.0")
    for at in range(3):
        item = order.tag("json", f"items.{at}.name", f"a chair, number {at}")
        order.sent(None, (item,), channel="log", port=None, url=None)
    return build


def found(cli: Run, *options: str) -> list[Row]:
    rows = cli("flows", "--format", "json", *options).json
    return [(row["source"], row["field"], row["via"], row["place"], row["times"]) for row in rows]


EMAIL_STORED = ("form", "email", None, "users.email", 2)
EMAIL_CRM = ("form", "email", None, "crm.example.org", 1)
EMAIL_ON = ("form", "email", "users.email", "newsletter.example", 1)
NAME_STORED = ("form", "name", None, "users.name", 1)
NAME_MAIL = ("form", "name", None, "mail.example.org:8025", 1)
ITEM_LOG = ("json", "items.*.name", None, "log", 3)


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ((), {EMAIL_STORED, EMAIL_CRM, EMAIL_ON, NAME_STORED, NAME_MAIL, ITEM_LOG}),
        (("--table", "users"), {EMAIL_STORED, NAME_STORED}),
        (("--table", "users.name"), {NAME_STORED}),
        (("--host", "*.example.org"), {EMAIL_CRM, NAME_MAIL}),
        (("--host", "log", "--table", "users.name"), {NAME_STORED, ITEM_LOG}),
        (("--field", "form.name"), {NAME_STORED, NAME_MAIL}),
        (("--category", "user.contact.*"), {EMAIL_STORED, EMAIL_CRM, EMAIL_ON}),
        (("--path", "/orders"), {ITEM_LOG}),
        (("--release", "2.0", "--host", "*"), {EMAIL_ON, ITEM_LOG}),
        (("--since", "2026-11-24T06:04Z"), {ITEM_LOG}),
        (
            ("--until", "2026-11-24T06:02Z", "--table", "users"),
            {("form", "email", None, "users.email", 1), NAME_STORED},
        ),
        (("--min-confidence", "0.7", "--field", "name"), {NAME_STORED}),
    ],
)
def test_flows_are_summed_up_and_narrowed(cli: Run, shop: Builder, options: tuple[str, ...], rows: set[Row]) -> None:
    assert set(found(cli, *options)) == rows


def test_by_route_and_nowhere(cli: Run, shop: Builder) -> None:
    routes = {row["route"] for row in cli("flows", "--by", "route", "--format", "json").json}
    assert routes == {"POST /signup", "POST /orders"}
    nowhere = [row for row in found(cli, "--nowhere") if row[3] is None]
    assert nowhere == [("form", "password", None, None, 1)]


def test_what_was_changed_and_how_sure_it_is(cli: Run, shop: Builder) -> None:
    (crm,) = cli("flows", "--host", "crm*", "--format", "json").json
    assert (crm["changes"], crm["least_confidence"], crm["most_confidence"]) == (["sha256"], 0.9, 0.9)
    (mail,) = cli("flows", "--host", "mail*", "--format", "json").json
    assert mail["changes"] == ["contains"]


def test_an_empty_record_has_no_flows(cli: Run, build: Builder) -> None:
    ran = cli("flows")
    assert (ran.status, ran.out, ran.err) == (0, "", "no flow matches\n")


def test_mermaid_and_graphviz(cli: Run, shop: Builder) -> None:
    chart = cli("flows", "--format", "mermaid").out
    assert chart.startswith("flowchart LR\n")
    assert re.search(r'n\d+\["form email"\]', chart)
    assert re.search(r'n\d+\[\("users\.email"\)\]', chart)
    assert re.search(r'n\d+ -->\|"sha256"\| n\d+', chart)
    graph = cli("flows", "--format", "graphviz").out
    assert graph.count("{") == graph.count("}") == 4
    if shutil.which("dot"):
        done = subprocess.run(["dot", "-Tsvg"], input=graph, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(texts, texts, texts)
def test_no_name_breaks_out_of_a_picture(field: str, place: str, change: str) -> None:
    flow = Flow(None, "form", field, None, None, "share", place, (change,), 1, "", "", 0.9, 0.9)
    for line in mermaid([flow]):
        inside = line.split('"')[1::2]
        assert line.count('"') in (0, 2)
        assert not any(character in "".join(inside) for character in "<>`\n")
    for line in graphviz([flow]):
        assert "\n" not in line
        unescaped = re.sub(r"\\.", "", line)
        assert unescaped.count('"') % 2 == 0


def differences(ran: Any) -> set[tuple[str, str, str]]:
    return {(row["change"], row["field"], row["place"]) for row in ran.json}


def test_diff_of_two_files(cli: Run, db: Path, tmp_path: Path, shop: Builder) -> None:
    old = Builder(tmp_path / "old.db")
    before = old.request("POST", "/signup")
    email = before.tag("form", "email", "x@example.com", "user.contact.email")
    before.wrote("users", "email", (email,))
    before.wrote("legacy", "email", (email,))
    before.sent("crm.example.org", (email,))
    ran = cli("diff", str(old.path), str(db), "--format", "json")
    assert ran.status == 0
    assert differences(ran) == {
        ("changed", "email", "users.email"),
        ("changed", "email", "crm.example.org"),
        ("new", "email", "newsletter.example"),
        ("new", "name", "users.name"),
        ("new", "name", "mail.example.org:8025"),
        ("new", "items.*.name", "log"),
        ("gone", "email", "legacy.email"),
    }
    changed = {row["place"]: (row["was"], row["changes"]) for row in ran.json if row["was"] is not None}
    assert changed["crm.example.org"] == ([], ["sha256"])
    assert cli("diff", str(old.path), str(db), "--fail-on", "new").status == 3
    same = cli("diff", str(db), str(db), "--fail-on", "any")
    assert (same.status, same.out) == (0, "")
    assert "no difference" in same.err


def test_diff_of_two_periods(cli: Run, shop: Builder) -> None:
    ran = cli("diff", "..2026-11-24T06:02Z", "2026-11-24T06:02Z..", "--format", "json")
    kinds = differences(ran)
    assert ("new", "items.*.name", "log") in kinds
    assert ("gone", "name", "users.name") in kinds
    assert not [kind for kind in kinds if kind[1:] == ("email", "users.email") and kind[0] != "changed"]


def test_diff_of_two_releases(cli: Run, shop: Builder) -> None:
    first = shop.request("POST", "/signup", service_version="1.0")
    first.wrote("users", "email", (first.tag("form", "email", "carol@example.com"),))
    ran = cli("diff", "release:1.0", "release:2.0", "--format", "json")
    assert differences(ran) == {("new", "email", "newsletter.example"), ("new", "items.*.name", "log")}
    assert cli("diff", "release:2.0", "release:1.0", "--fail-on", "new").status == 0
    assert cli("diff", "release:2.0", "release:1.0", "--fail-on", "any").status == 3
    unknown = cli("diff", "release:2.0", "release:9.9")
    assert (unknown.status, unknown.out) == (1, "")
    assert "'9.9'" in unknown.err


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("old.db", Side(path="old.db")),
        ("../old.db", Side(path="../old.db")),
        ("/srv/a..b/old.db", Side(path="/srv/a..b/old.db")),
        ("8d..now", Side(period=("8d", "now"))),
        ("..1h", Side(period=("", "1h"))),
        ("release:1.4", Side(release="1.4")),
    ],
)
def test_the_sides_of_a_diff(text: str, side: Side) -> None:
    assert parse_side(text) == side


def test_wrong_sides(cli: Run, db: Path, shop: Builder) -> None:
    assert cli("diff", "yesterday..now", "8d..now").status == 2
    assert cli("diff", "8d..now").status == 2
    assert cli("diff", "none.db", str(db)).status == 1


def test_the_table_of_a_diff(cli: Run, shop: Builder) -> None:
    titles, *rows = cli("diff", "..2026-11-24T06:02Z", "2026-11-24T06:02Z..").out.splitlines()
    assert titles.split() == ["FLOW", "FIELD", "CATEGORY", "GOES", "TO", "CHANGED", "WAS", "TIMES"]
    assert any(row.startswith("new") and "→ log" in row for row in rows)


def test_the_salt_is_not_needed_for_sums(cli: Run, shop: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROVENANCE_HASH_SALT")
    assert json.loads(cli("flows", "--format", "json").out)


def test_rows_of_a_file_and_items_inside_a_field_are_one_field(cli: Run, build: Builder) -> None:
    imported = build.request("POST", "/import")
    for at in range(3):
        for source, field in (("file", "upload.{}.email"), ("form", "payload.items.{}.sku"), ("query", "{}")):
            tag = imported.tag(source, field.format(at), f"a value, number {at}")
            imported.wrote("people", "email", (tag,))
    assert {row[:2] for row in found(cli)} == {
        ("file", "upload.*.email"),
        ("form", "payload.items.*.sku"),
        *(("query", str(at)) for at in range(3)),
    }
