"""What is shipped: neither less nor more; and that it installs, activates and goes away without a trace."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from environments import ROOT, environment, project_wheel
from processes import clean_environment

_PACKAGES = {"otel_provenance": ".", "otel_provenance_exporters": "exporters", "runtime_provenance": "."}


def expected_files() -> set[str]:
    shipped = {"otel_provenance.pth", "otel_provenance.start"}
    for package, parent in _PACKAGES.items():
        base = ROOT / parent
        for path in (base / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                shipped.add(path.relative_to(base).as_posix())
    return shipped


def test_the_wheel_has_exactly_the_packages_and_the_activation():
    with zipfile.ZipFile(project_wheel()) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == expected_files()
    assert all(f"{package}/py.typed" in names for package in _PACKAGES)


def test_the_wheel_names_its_entry_points_and_licence():
    with zipfile.ZipFile(project_wheel()) as wheel:
        (points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
        assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
        parsed = configparser.ConfigParser(delimiters=("=",))
        parsed.read_string(wheel.read(points).decode())
    assert {section: dict(parsed[section]) for section in parsed.sections()} == {
        "console_scripts": {"otel-provenance": "otel_provenance.cli:main"},
        "opentelemetry_distro": {"otel_provenance": "otel_provenance.distro:ProvenanceDistro"},
        "opentelemetry_pre_instrument": {"otel_provenance": "otel_provenance.distro:start"},
        "opentelemetry_traces_exporter": {"provenance_sqlite": "otel_provenance_exporters:SqliteSpanExporter"},
    }


def test_an_sdist_builds_the_same_wheel(tmp_path):
    isolation = ["--installer", "uv"] if shutil.which("uv", path=str(Path(sys.executable).parent)) else []
    subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--wheel", *isolation, "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as sdist:
        held = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"sitecustomize.py", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"} <= held
    assert not any(name.startswith((".venv", "requirements/.")) or name.endswith(".db") for name in held)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        assert {name for name in wheel.namelist() if ".dist-info/" not in name} == expected_files()


_APP = """
import sqlalchemy, requests, flask, sys
app = flask.Flask("shop")
engine = sqlalchemy.create_engine("sqlite://")
table = sqlalchemy.Table("people", sqlalchemy.MetaData(), sqlalchemy.Column("email", sqlalchemy.String))

@app.post("/")
def view():
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), {"email": flask.request.json["email"]})
    return "ok"

assert app.test_client().post("/", json={"email": "ada@example.org"}).data == b"ok"
"""


# what needs a library that is not installed here is imported by the tests of that library
_IMPORT_ALL = """
import importlib, pkgutil, otel_provenance, otel_provenance_exporters
for package in (otel_provenance, otel_provenance_exporters):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if ".boundaries." not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
"""


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13", "3.14"])
def test_it_records_on_every_python(version, tmp_path):
    python = _python(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    libraries = ["flask", "sqlalchemy", "requests", str(project_wheel())]
    binaries = environment(f"python{version}", libraries, python)
    environ = clean_environment(binaries)
    (tmp_path / "app.py").write_text(_APP)
    subprocess.run([binaries / "python", "app.py"], cwd=tmp_path, env=environ, check=True)
    for command in (
        ["otel-provenance"],
        ["python", "-m", "otel_provenance.cli"],
        ["python", "-m", "runtime_provenance.cli"],
    ):
        shown = subprocess.run(
            [binaries / command[0], *command[1:], "storage", "--format", "csv"],
            cwd=tmp_path,
            env=environ,
            check=True,
            capture_output=True,
            text=True,
        )
        assert "people" in shown.stdout
        assert shown.stderr == ""


def _python(version: str) -> str | None:
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        return sys.executable
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    found = str(pyenv[-1]) if pyenv else shutil.which(f"python{version}")
    if found is None:
        return None
    works = subprocess.run([found, "-c", "import venv, sqlite3"], capture_output=True, check=False).returncode == 0
    return found if works else None
