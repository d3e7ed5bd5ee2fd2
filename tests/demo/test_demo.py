"""The demo as a newcomer runs it, and that its check can fail."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from environments import ROOT
from processes import clean_environment, wait_until

from demo.check import RECORD, problems

DEMO = [sys.executable, "-m", "demo"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environ = clean_environment(PYTHONIOENCODING="utf-8")
    return subprocess.run(
        [*DEMO, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, encoding="utf-8", timeout=120
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("demo") / "new"
    return folder, run(str(folder))


def test_tells_a_story_that_is_true(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = played
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    for seen in ("$ otel-provenance requests", "$ otel-provenance trace zoe.nunez@example.com", "pay.example", "Yes: "):
        assert seen in done.stdout
    assert done.stdout.rstrip().splitlines()[-1].startswith(f"The record is {folder / RECORD}")
    assert (folder / RECORD).exists()


def test_no_process_is_left(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert not processes_of(played[0])


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "DELETE FROM tag_matches WHERE tag_id IN (SELECT tag_id FROM data_events WHERE field = 'gift_note')",
            "but not recorded: POST /checkout gift_note → orders.gift_note",
        ),
        ("UPDATE storage_events SET column_name = 'city' WHERE column_name = 'street'", "but not stored: "),
        ("UPDATE share_events SET host = 'elsewhere' WHERE host = 'ads.example'", "but not sent: "),
        ("UPDATE storage_events SET outcome = 'committed'", "undone were "),
        ("UPDATE data_events SET preview = 'zoe.nunez@example.com' WHERE field = 'email'", "readable in the record: "),
        ("DELETE FROM share_events WHERE host = 'ads.example'", "third parties received "),
        (
            "INSERT INTO losses (occurred_at, reason, kind, count) VALUES ('2026-01-01', 'disk_full', 'span', 3)",
            "3 span lost: disk_full",
        ),
    ],
)
def test_notices_a_record_that_is_wrong(
    played: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path, statement: str, problem: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(played[0], folder)
    with closing(sqlite3.connect(folder / RECORD)) as record:
        record.execute(statement)
        record.commit()
    assert any(problem in line for line in problems(folder))


def test_refuses_a_folder_with_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = run(str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(f"{tmp_path} is not empty: name a new folder")


def test_stops_what_it_started_when_it_is_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with subprocess.Popen([*DEMO, str(folder)], cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE) as demo:
        wait_until(lambda: processes_of(folder), "the demo has started a process")
        demo.send_signal(signal.SIGTERM)
        demo.communicate(timeout=60)
    assert demo.returncode == 128 + signal.SIGTERM
    assert not processes_of(folder)


def test_the_shop_knows_nothing_of_being_watched() -> None:
    for path in (ROOT / "demo" / "shop").rglob("*.py"):
        text = path.read_text().lower()
        assert "provenance" not in text
        assert "opentelemetry" not in text


def processes_of(folder: Path) -> list[str]:
    """The processes that have this folder as theirs or in their command, the demo itself not counted."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode().replace("\0", " ").strip()
            at_home = (process / "cwd").resolve() == folder.resolve()
        except OSError:
            continue
        if (at_home or str(folder) in command) and " -m demo " not in f"{command} ":
            found.append(command)
    return found
