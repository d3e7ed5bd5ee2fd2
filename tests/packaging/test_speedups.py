"""The speedups are a distribution of their own: with them, without them, and with others than are known."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from environments import environment, project_wheel, speedups_wheel
from processes import clean_environment

ASK = "from otel_provenance import speedups, values; print(speedups.compiled is not None, values.normal_text('A  b'))"


@pytest.fixture(scope="module")
def wheel() -> Path:
    """Where a C compiler can be had."""
    try:
        return speedups_wheel()
    except subprocess.CalledProcessError:
        if os.environ.get("CI") == "true" or shutil.which("cc"):
            raise
        pytest.skip("no C compiler builds the speedups here")


def asked(python: Path, folder: Path, **environ: str) -> str:
    command = [str(python), "-c", ASK]
    done = subprocess.run(command, env={**clean_environment(), **environ}, cwd=folder, capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout.strip()


def test_one_wheel_serves_all_pythons(wheel):
    assert "-cp310-abi3-" in wheel.name
    with zipfile.ZipFile(wheel) as held:
        names = {name for name in held.namelist() if ".dist-info/" not in name}
    package = "otel_provenance_speedups"
    typed = {f"{package}/__init__.py", f"{package}/_speedups.pyi", f"{package}/py.typed"}
    assert names - typed in ({f"{package}/_speedups.abi3.so"}, {f"{package}/_speedups.pyd"})


@pytest.mark.slow
def test_they_are_used_where_they_are_installed_and_wanted(wheel, tmp_path):
    programs = environment("with-speedups", [str(project_wheel()), str(wheel), "flask"])
    assert asked(programs / "python", tmp_path) == "True a b"
    assert asked(programs / "python", tmp_path, PROVENANCE_SPEEDUPS="off") == "False a b"
    (tmp_path / "otel_provenance_speedups.py").write_text("INTERFACE = 0\n")  # of another release
    assert asked(programs / "python", tmp_path) == "False a b"
    (tmp_path / "otel_provenance_speedups.py").write_text("raise ImportError('of another interpreter')\n")
    assert asked(programs / "python", tmp_path) == "False a b"


@pytest.mark.slow
def test_doctor_says_whether_they_are_used(wheel, tmp_path):
    programs = environment("with-speedups", [str(project_wheel()), str(wheel), "flask"])

    def said(**environ: str) -> tuple[str, str]:
        done = subprocess.run(
            [programs / "otel-provenance", "doctor", "--format", "json", "--db", tmp_path / "record.db"],
            env={**clean_environment(), **environ},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        (check,) = [check for check in json.loads(done.stdout) if check["about"] == "speedups"]
        return check["state"], check["says"]

    assert said() == ("good", "1.0")
    assert said(PROVENANCE_SPEEDUPS="0") == ("note", "1.0, not used: PROVENANCE_SPEEDUPS is off")
