"""Wrong input: one clear line, and an exit status that scripts can rely on."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from otel_provenance.cli import COMMANDS

from .conftest import Builder, RequestBuilder, Run, in_a_process

LISTS = ("requests", "data", "storage", "share")


def one_line(err: str) -> str:
    assert err.endswith("\n")
    assert err.count("\n") == 1, err
    return err


@pytest.mark.parametrize("command", [*LISTS, "show"])
def test_no_file(cli: Run, db: Path, command: str) -> None:
    ran = cli(command)
    assert (ran.status, ran.out) == (1, "")
    assert str(db) in one_line(ran.err)
    assert "--db" in ran.err
    assert not db.exists()


@pytest.mark.parametrize("command", [*LISTS, "show"])
def test_not_a_database(cli: Run, db: Path, command: str) -> None:
    db.write_bytes(b"a shopping list, " * 500)
    ran = cli(command)
    assert (ran.status, ran.out) == (1, "")
    assert f"{db} is not a SQLite database" in one_line(ran.err)
    assert db.read_bytes() == b"a shopping list, " * 500


def test_empty_file_and_another_applications_database(cli: Run, db: Path) -> None:
    db.touch()
    ran = cli("requests")
    assert (ran.status, ran.out) == (1, "")
    assert str(db) in one_line(ran.err)
    with sqlite3.connect(db) as connection:
        connection.execute("CREATE TABLE shop (id)")
    assert cli("requests").status == 1


def test_a_folder(cli: Run, tmp_path: Path) -> None:
    ran = cli("requests", "--db", str(tmp_path))
    assert ran.status == 1
    assert "is a folder" in one_line(ran.err)


def test_a_newer_schema(cli: Run, db: Path, build: Builder) -> None:
    build.connection.execute("PRAGMA user_version = 999")
    ran = cli("requests")
    assert ran.status == 1
    assert "schema 999" in one_line(ran.err)
    assert "upgrade" in ran.err


def test_a_damaged_record(cli: Run, db: Path, build: Builder) -> None:
    for _ in range(50):
        build.request()
    build.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    build.connection.close()
    with open(db, "r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (db.stat().st_size - 4096))
    ran = cli("requests")
    assert ran.status == 1
    assert one_line(ran.err)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_of_someone_else(cli: Run, db: Path, build: Builder) -> None:
    db.chmod(0)
    ran = cli("requests")
    assert ran.status == 1
    assert "cannot be read" in one_line(ran.err)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("requests", "--limit", "-1"), "'-1' is not a whole number from 0"),
        (("requests", "--limit", "many"), "'many' is not a whole number from 0"),
        (("requests", "--since", "tomorrow"), "'tomorrow' is not an age (90s"),
        (("requests", "--until", ""), "is not an age"),
        (("data", "--min-confidence", "2"), "'2' is not a number from 0 to 1"),
        (("data", "--min-confidence", "nan"), "'nan' is not a number from 0 to 1"),
        (("share", "--format", "xml"), "invalid choice: 'xml'"),
        (("storage", "--colour", "red"), "unrecognized arguments"),
        (("requests", "--since"), "expected one argument"),
        (("requests", "extra"), "unrecognized arguments: extra"),
        (("request",), "did you mean 'requests'?"),
        (("frobnicate",), "--help"),
    ],
)
def test_wrong_use_is_status_2(cli: Run, build: Builder, arguments: tuple[str, ...], said: str) -> None:
    ran = cli(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert said in one_line(ran.err)


def test_nothing_asked_is_status_2_with_the_overview(cli: Run) -> None:
    ran = cli()
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == cli("--help").out


def test_help_and_version_are_status_0(cli: Run) -> None:
    assert cli("--version").out.startswith("otel-provenance ")
    overview = cli("--help")
    assert overview.status == 0
    for command in COMMANDS:
        assert f"  {command} " in overview.out
        helped = cli(command, "--help")
        assert (helped.status, helped.err) == (0, "")
        assert "--db" in helped.out
        assert cli("--help", command).status == 0


def test_a_reader_that_has_seen_enough_ends_it_quietly(db: Path, build: Builder) -> None:
    for _ in range(2000):
        build.request()
    command = (
        f"'{sys.executable}' -m otel_provenance.cli requests --limit 0 --db '{db}' | head -n 1; echo ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    titles, status = done.stdout.splitlines()
    assert titles.startswith("TIME UTC")
    assert (status, done.stderr) == ("0", "")


def test_an_unreadable_variable_is_told_and_stops_nothing(db: Path, build: Builder) -> None:
    build.request()
    ran = in_a_process("requests", "--db", str(db), env={"PROVENANCE_CAPTURE_LIMIT": "lots"})
    assert ran.status == 0
    assert "/signup" in ran.out


def test_the_first_names_of_the_commands_work(db: Path, build: Builder) -> None:
    build.request()
    first = in_a_process("requests", "--limit", "1", "--db", str(db), module="runtime_provenance.cli")
    assert first == in_a_process("requests", "--limit", "1", "--db", str(db))
    assert "/signup" in first.out


def test_odd_file_names(tmp_path: Path, cli: Run) -> None:
    odd = tmp_path / "a record? #1 100%.db"
    builder = Builder(odd)
    builder.request()
    assert "/signup" in cli("requests", "--db", str(odd)).out


def test_commands_import_nothing_heavy() -> None:
    script = (
        "import sys; from otel_provenance.cli import main;"
        "main(['requests', '--db', '/none']); main(['doctor', '--help']);"
        "print(sorted({m.partition('.')[0] for m in sys.modules}"
        " & {'opentelemetry', 'flask', 'sqlalchemy', 'requests', 'rich', 'asyncio', 'phonenumbers', 'logging'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (sqlite3.OperationalError("database is locked"), "another program keeps the record locked"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "may not write the record"),
        (sqlite3.OperationalError("database or disk is full"), "no room on the disk"),
        (sqlite3.DatabaseError("database disk image is malformed"), "'otel-provenance verify' checks it"),
        (PermissionError(13, "Permission denied", "/srv/out.csv"), "/srv/out.csv: Permission denied"),
    ],
)
def test_failures_of_the_machine_are_one_line_and_status_1(
    cli: Run, build: Builder, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def fail(*arguments: object) -> None:
        raise error

    monkeypatch.setattr("otel_provenance.cli.requests.requests", fail)
    ran = cli("requests")
    assert (ran.status, ran.out) == (1, "")
    assert said in one_line(ran.err)


def test_an_interrupted_command_ends_as_shells_expect(
    cli: Run, build: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("otel_provenance.cli.requests.requests", interrupt)
    assert cli("requests") == (130, "", "")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("trace", "--tag", "\udcff"), 2, "not text"),
        (("requests", "--user", "\udcff"), 2, "not text"),
        (("trace", "--row", "users:\udcff"), 2, "not text"),
    ],
)
def test_bytes_that_are_no_text_are_one_line(
    cli: Run, signup: RequestBuilder, arguments: tuple[str, ...], status: int, said: str
) -> None:
    ran = cli(*arguments)
    assert (ran.status, ran.out) == (status, "")
    assert said in one_line(ran.err)
