"""The same suite on the SQLAlchemy versions before the newest, each in a virtual environment of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from environments import ROOT, environment

REQUIREMENTS = [
    "flask",
    "flask-login",
    "greenlet",
    "hypothesis",
    "opentelemetry-instrumentation-threading",
    "opentelemetry-sdk",
    "psycopg2-binary",
    "pymysql",
    "pytest",
    "pytest-timeout",
    "sqlglot",
]
VERSIONS = {
    "1.4": [
        "SQLAlchemy >= 1.4, < 1.5",
        "Flask-SQLAlchemy < 3.1",
        "aiosqlite < 0.22",
        "asyncpg < 0.30; python_version < '3.13'",  # later ones, which 1.4 does not know, have wheels for 3.13
    ],
    "2.0": ["SQLAlchemy >= 2.0, < 2.1", "Flask-SQLAlchemy >= 3.1", "aiosqlite", "asyncpg", "psycopg[binary]"],
}


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.parametrize("version", VERSIONS)
def test_the_suite_on_sqlalchemy(version):
    binaries = environment(f"sqlalchemy-{version}", [*REQUIREMENTS, *VERSIONS[version]])
    folder = Path(__file__).parent
    files = sorted(str(path) for path in folder.glob("test_*.py") if path.name not in NOT_AGAIN)
    done = subprocess.run(
        [binaries / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *files],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "exporters")]),
            "PROVENANCE_DISABLE": "1",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]


NOT_AGAIN = {"test_versions.py", "test_sqltext.py", "test_drivers.py", "test_processes.py"}
