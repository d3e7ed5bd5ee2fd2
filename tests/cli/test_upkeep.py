"""prune, erase and verify as commands; what they do to the tables is tested with the store."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from otel_provenance.cli import erase
from otel_provenance.values import hash_value

from .conftest import SALT, Builder, RequestBuilder, Run


@pytest.fixture
def old_and_new(db: Path) -> Builder:
    """One request of 90 days ago and one of now."""
    now = datetime.now(timezone.utc)
    build = Builder(db, now - timedelta(days=90))
    build.request("GET", "/old").tag("query", "q", "old")
    build.now = now - timedelta(minutes=5)
    build.request("GET", "/new").tag("query", "q", "new")
    return build


def paths(cli: Run) -> list[str]:
    return [row["path"] for row in cli("requests", "--format", "json").json]


def test_prune_by_age(cli: Run, old_and_new: Builder) -> None:
    ran = cli("prune", "--older-than", "30d", "--format", "json")
    assert ran.status == 0
    assert ran.json == [{"table": "data_events", "rows": 1}, {"table": "requests", "rows": 1}]
    assert paths(cli) == ["/new"]
    assert "nothing was old enough" in cli("prune", "--older-than", "30d").err


def test_prune_by_the_variable(cli: Run, old_and_new: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_RETENTION", "30d")
    assert cli("prune").status == 0
    assert paths(cli) == ["/new"]


def test_prune_until_enough_is_free_spares_the_last_hour(cli: Run, old_and_new: Builder) -> None:
    assert cli("prune", "--keep-free", "1KB").err == "nothing was old enough, or too much\n"
    assert paths(cli) == ["/new", "/old"]
    ran = cli("prune", "--keep-free", "1000000GB", "--format", "json")
    assert ran.json == [{"table": "data_events", "rows": 1}, {"table": "requests", "rows": 1}]
    assert "the record keeps its last hour" in ran.err
    assert paths(cli) == ["/new"]


def test_prune_must_be_told_what(cli: Run, old_and_new: Builder) -> None:
    for arguments in ((), ("--older-than", "old"), ("--larger-than", "2 elephants")):
        assert cli("prune", *arguments).status == 2
    assert paths(cli) == ["/new", "/old"]


@pytest.mark.parametrize("command", [("prune", "--older-than", "1d"), ("verify",)])
def test_a_file_that_is_no_record_is_left_alone(cli: Run, db: Path, command: tuple[str, ...]) -> None:
    assert cli(*command).status == 1
    assert not db.exists()
    db.write_bytes(b"a shopping list, " * 500)
    assert cli(*command).status == 1
    assert db.read_bytes() == b"a shopping list, " * 500


def everything(build: Builder) -> str:
    tables = ("requests", "data_events", "storage_events", "share_events", "tag_matches", "leaves")
    return repr([row for table in tables for row in build.connection.execute(f"SELECT * FROM {table}")])


def test_erase_takes_out_a_person_and_leaves_the_others(cli: Run, signup: RequestBuilder) -> None:
    build = signup.builder
    other = build.request("POST", "/signup", user_id="bob")
    bobs = other.tag("form", "email", "bob@example.com", "user.contact.email")
    same_name = other.tag("form", "name", "Alice Young", "user.name")
    other.wrote("users", "name", (bobs, same_name), "Alice Young", primary_key='{"id": 8}')
    hashes = {value: hash_value(value, SALT.encode()) for value in ("alice@example.com", "Alice Young")}
    assert all(value_hash in everything(build) for value_hash in hashes.values())
    ran = cli("erase", "--subject", "Alice@Example.com", "--yes", "--format", "json")
    assert ran.status == 0
    assert {row["table"] for row in ran.json} == {"data_events", "requests", "share_events", "storage_events"}
    left = everything(build)
    assert hashes["alice@example.com"] not in left
    assert "'ann'" not in left
    assert "10.0.0.7" not in left
    assert "Xxxxx@Xxxxxxx.xxx" not in left
    # Bob, who has her name, keeps it
    assert hashes["Alice Young"] in left
    assert cli("subject", "bob@example.com").status == 0
    assert cli("verify").status == 0
    after = cli("subject", "alice@example.com")
    assert after.status == 1
    assert "was erased from the record at" in after.err
    assert cli("erase", "--subject", "alice@example.com", "--yes").status == 1


def test_erase_of_one_value_only(cli: Run, signup: RequestBuilder) -> None:
    assert cli("erase", "--subject", "alice@example.com", "--only-value", "--yes").status == 0
    assert cli("trace", "alice@example.com").status == 1
    assert cli("trace", "Alice Young").status == 0


def test_erase_asks_before(cli: Run, signup: RequestBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(signup.builder)
    assert cli("erase", "--subject", "alice@example.com").status == 2  # nobody to ask
    answers = iter(["no\n", "erase\n"])

    class Keyboard:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return next(answers)

    monkeypatch.setattr(erase.sys, "stdin", Keyboard())
    ran = cli("erase", "--subject", "alice@example.com")
    assert ran.status == 1
    assert "1 identifier and 3 values of 1 request" in ran.err
    assert everything(signup.builder) == before
    assert cli("erase", "--subject", "alice@example.com").status == 0
    assert everything(signup.builder) != before


def test_verify_finds_a_whole_record_whole(cli: Run, signup: RequestBuilder) -> None:
    ran = cli("verify")
    assert (ran.status, ran.out, ran.err) == (0, "", "the record is whole\n")


def test_verify_tells_gaps_and_is_strict_on_demand(cli: Run, signup: RequestBuilder) -> None:
    signup.edge("nobody.w1", f"{signup.ids.prefix}.t0", "column", "x")
    ran = cli("verify", "--format", "json")
    assert ran.status == 0
    assert [(finding["severity"], finding["check"]) for finding in ran.json] == [("gap", "edges_without_event")]
    assert cli("verify", "--strict").status == 1
