"""What doctor finds, and what it says is to be done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from otel_provenance import status
from otel_provenance.reports import doctor as report

from .conftest import Builder, Ran, Run, in_a_process


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an interpreter that the .pth file started."""
    monkeypatch.setattr(status, "ways", ["pth"])


def checks(ran: Ran) -> dict[tuple[str, str], Any]:
    return {(check["section"], check["about"]): check for check in ran.json}


def test_a_record_in_order_is_status_0(cli: Run, build: Builder) -> None:
    build.request()
    ran = cli("doctor", "--format", "json")
    assert ran.status == 0
    found = checks(ran)
    assert found["this environment", "recording"]["state"] == "good"
    assert "mode 0600" in found["the record", "file"]["says"]
    assert found["the record", "content"]["says"] == "the newest request began at 2026-11-24 06:01:00 UTC"
    assert found["the record", "salt"]["state"] == "good"
    assert found["losses", "known losses"]["state"] == "good"
    assert cli("doctor").out.endswith("recording; 'otel-provenance requests' shows what\n")


def test_it_does_not_make_the_file(cli: Run, db: Path) -> None:
    ran = cli("doctor")
    assert ran.status == 0
    assert not db.exists()
    assert "nothing is recorded yet" in ran.out
    assert ran.out.endswith("ready: start the application and send it a request\n")


def test_switched_off(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_DISABLE", "1")
    ran = cli("doctor")
    assert ran.status == 1
    assert ran.out.endswith("to do: unset it for the application\n")


def test_not_started_here(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "ways", [])
    ran = cli("doctor", "--format", "json")
    assert ran.status == 1
    assert "opentelemetry-instrument" in checks(ran)["this environment", "recording"]["advice"]


def test_a_pth_file_that_was_not_run_is_named(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "ways", [])
    (tmp_path / "otel_provenance.pth").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend("")  # the program's own folder comes first
    says = checks(cli("doctor", "--format", "json"))["this environment", "recording"]["says"]
    assert f"it did not run {tmp_path / 'otel_provenance.pth'}" in says


def test_flask_is_not_installed_here(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_installed", lambda name: None)
    ran = cli("doctor")
    assert ran.status == 1
    assert "run doctor with the Python of the application" in ran.out


def test_the_folder_is_missing(cli: Run, tmp_path: Path) -> None:
    ran = cli("doctor", "--db", str(tmp_path / "none" / "record.db"))
    assert ran.status == 1
    assert f"mkdir -p {tmp_path / 'none'}" in ran.out


def test_the_folder_may_not_be_written(cli: Run, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    ran = cli("doctor")
    assert ran.status == 1
    assert f"{db.parent} may not be written" in ran.out


def test_others_may_read_it(cli: Run, db: Path, build: Builder) -> None:
    db.chmod(0o644)
    found = checks(cli("doctor", "--format", "json"))
    assert (found["the record", "mode"]["state"], found["the record", "mode"]["advice"]) == (
        "warning",
        f"chmod 600 {db}*",
    )


@pytest.mark.parametrize("is_there", [True, False])
def test_little_room_is_told_with_what_to_do(
    cli: Run, db: Path, is_there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_there:
        Builder(db).request()
    assert ("the record", "free space") not in checks(cli("doctor", "--format", "json"))
    monkeypatch.setattr("shutil.disk_usage", lambda folder: (2**40, 2**40 - 2**28, 2**28))
    ran = cli("doctor", "--format", "json")
    check = checks(ran)["the record", "free space"]
    assert (ran.status, check["state"]) == (0, "warning")
    assert f"only 256 MiB is free for {db}" in check["says"]
    assert "PROVENANCE_RETENTION=free=1GB" in check["advice"]
    monkeypatch.setenv("PROVENANCE_RETENTION", "free=100MB")
    assert ("the record", "free space") not in checks(cli("doctor", "--format", "json"))
    monkeypatch.setenv("PROVENANCE_RETENTION", "90d,free=1GB")
    says = checks(cli("doctor", "--format", "json"))["the record", "free space"]["says"]
    assert "less than the 1.0 GiB of PROVENANCE_RETENTION" in says


def test_no_request_was_served_yet(cli: Run, build: Builder) -> None:
    ran = cli("doctor")
    assert ran.status == 0
    assert "no request is recorded yet" in ran.out


def test_the_salt_is_another(cli: Run, build: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_HASH_SALT", "another")
    ran = cli("doctor", "--format", "json")
    assert ran.status == 1
    assert checks(ran)["the record", "salt"]["state"] == "problem"
    assert "another" not in json.dumps([c["says"] for c in ran.json if c["about"] == "PROVENANCE_HASH_SALT"])


def test_the_key_file_is_missing(cli: Run, db: Path, build: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROVENANCE_HASH_SALT")
    ran = cli("doctor", "--format", "json")
    assert ran.status == 1
    assert f"{db}.key is missing" in checks(ran)["the record", "salt"]["says"]
    Path(f"{db}.key").write_text("not hex")
    assert "is not a key file" in checks(cli("doctor", "--format", "json"))["the record", "salt"]["says"]


def test_several_salts_were_used(cli: Run, build: Builder) -> None:
    build.insert("meta", name="key:0123456789abcdef", value="2026-11-24T06:00:00Z")
    found = [check for check in cli("doctor", "--format", "json").json if check["about"] == "salt"]
    assert [check["state"] for check in found] == ["warning", "good"]
    assert "2 salts" in found[0]["says"]


def test_losses_are_told_with_what_to_do(cli: Run, build: Builder) -> None:
    build.insert("losses", occurred_at="2026-11-24T06:00:00.000000Z", reason="disk_full", kind="span", count=3)
    check = checks(cli("doctor", "--format", "json"))["losses", "disk_full"]
    assert check["says"] == "3 × span, last at 2026-11-24 06:00:00 UTC"
    assert "free the disk" in check["advice"]


def test_processes_tell_what_they_hooked_and_skipped(cli: Run, build: Builder) -> None:
    build.insert(
        "processes",
        process_id="p1",
        pid=4711,
        started_at="2026-11-24T06:00:00.000000Z",
        last_seen_at="2026-11-24T06:05:00.000000Z",
        service="shop",
        version="0.1.0",
        python="3.11.7",
        ways="pth,distro",
        hooked='{"flask": "3.1.3"}',
        skipped='{"sqlalchemy": "version 1.3 is too old"}',
    )
    found = checks(cli("doctor", "--format", "json"))
    assert found["process 4711", "seen"]["says"] == (
        "2026-11-24 06:05:00 UTC: shop, Python 3.11.7, otel-provenance 0.1.0, by pth, distro"
    )
    assert found["process 4711", "flask"]["says"] == "hooked (3.1.3)"
    assert found["process 4711", "sqlalchemy"]["says"] == "not hooked: version 1.3 is too old"


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_a_file_that_is_no_record_is_a_problem(cli: Run, db: Path, content: bytes) -> None:
    db.write_bytes(content)
    ran = cli("doctor", "--format", "json")
    assert ran.status == 1
    assert checks(ran)["the record", "content"]["state"] == "problem"
    assert db.read_bytes() == content


def test_a_bad_variable_is_a_warning(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_CAPTURE_LIMIT", "lots")
    check = checks(cli("doctor", "--format", "json"))["settings", "environment"]
    assert check["state"] == "warning"
    assert "PROVENANCE_CAPTURE_LIMIT='lots'" in check["says"]


def test_this_very_interpreter_is_looked_at(tmp_path: Path) -> None:
    """A sitecustomize that starts the agent is seen; an interpreter without any is seen too."""
    (tmp_path / "sitecustomize.py").write_text(
        "from otel_provenance.bootstrap import start\nstart('sitecustomize')\n", encoding="utf-8"
    )
    db = str(tmp_path / "record.db")
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join([str(tmp_path), root])
    ran = in_a_process("doctor", "--format", "json", "--db", db, env={"PYTHONPATH": path})
    says = checks(ran)["this environment", "recording"]["says"]
    assert f"sitecustomize ({tmp_path / 'sitecustomize.py'})" in says
    script = (
        f"import sys; sys.path.insert(0, {root!r}); from otel_provenance.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    bare = subprocess.run(
        [sys.executable, "-S", "-c", script, "doctor", "--format", "json", "--db", db],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert bare.returncode == 1
    assert "started without it" in bare.stdout
