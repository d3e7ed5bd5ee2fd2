"""python tests/upstream.py [NAME …]: the test suites of the libraries that we hook into, without us and with us.

Each suite is that of the library's own source distribution. With us means: our wheel is installed, Flask is
imported, and there is a record already, so that everything is recorded. Prints what fails only with us, and
what was recorded; exit status 1 if anything does. Takes some twenty minutes; not part of ``make test``.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from environments import environment, project_wheel
from processes import clean_environment

_RECORD_A_REQUEST = "import flask; flask.Flask('first').test_client().get('/')"
_ORM = ["test/engine", "test/base", "test/orm", "test/sql/test_resultset.py", "test/sql/test_insert_exec.py"]


@dataclass(frozen=True)
class Suite:
    """A library's own tests: what they need, and which of them are run."""

    name: str
    version: str
    needs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ("tests",)


SUITES = {
    suite.name: suite
    for suite in (
        Suite("flask", "3.1.3", ("flask[async,dotenv]==3.1.3",)),
        Suite("werkzeug", "3.1.9", ("ephemeral-port-reserve", "watchdog", "cryptography", "pytest-xprocess")),
        Suite("flask_sqlalchemy", "3.1.1", ("sqlalchemy<2.1",)),
        Suite("requests", "2.32.5", ("pytest-mock", "httpbin", "pytest-httpbin", "trustme", "PySocks")),
        Suite("httpx", "0.28.1", ("httpx[http2,brotli,zstd,socks,cli]", "trio", "trustme", "uvicorn", "chardet")),
        Suite("sqlalchemy", "2.0.50", ("pytest-xdist", "greenlet"), tuple(_ORM)),
    )
}


def run(suite: Suite, work: Path) -> int:
    """Run one suite twice, and tell the difference; the number of tests that fail only with us."""
    requirement = f"{suite.name}=={suite.version}"
    libraries = [requirement, "flask", "pytest<9", "pytest-timeout", *suite.needs, str(project_wheel())]
    binaries = environment(f"upstream-{suite.name}", libraries)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", requirement]
    subprocess.run([*command, "--dest", str(work)], check=True, capture_output=True)
    (archive,) = work.glob(f"{suite.name}-*.tar.gz")
    with tarfile.open(archive) as sources:
        sources.extractall(work)
    tests = work / archive.name.removesuffix(".tar.gz")
    shutil.rmtree(tests / "src", ignore_errors=True)  # the installed library is tested
    failed = {}
    for disable in ("1", "0"):
        record = work / f"record-{disable}.db"
        environ = clean_environment(binaries, PROVENANCE_DISABLE=disable, PROVENANCE_DB_PATH=str(record))
        subprocess.run([binaries / "python", "-c", _RECORD_A_REQUEST], env=environ, check=True)
        options = ["-q", "-p", "no:cacheprovider", "--timeout=120", "-rfE"]
        starting = ["-c", "import flask, pytest, sys; sys.exit(pytest.main(sys.argv[1:]))"]
        done = subprocess.run(
            [binaries / "python", *starting, *options, *suite.arguments],
            cwd=tests,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        failed[disable] = set(re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE))
        print(f"{suite.name} {'without' if disable == '1' else 'with   '} us: {done.stdout.strip().splitlines()[-1]}")
    with closing(sqlite3.connect(work / "record-0.db")) as record_file:
        counts = [
            f"{record_file.execute(f'SELECT count(*) FROM {table}').fetchone()[0]} {table}"
            for table in ("requests", "data_events", "storage_events", "share_events")
        ]
    print(f"{suite.name} recorded: {', '.join(counts)}")
    only_with_us = sorted(failed["0"] - failed["1"])
    for name in only_with_us:
        print(f"{suite.name} fails only with us: {name}")
    return len(only_with_us)


def main() -> int:
    """Run the suites that are named, or all."""
    wanted = sys.argv[1:] or list(SUITES)
    unknown = set(wanted) - set(SUITES)
    if unknown:
        print(f"no such suite: {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}", file=sys.stderr)
        return 2
    worse = 0
    for name in wanted:
        with tempfile.TemporaryDirectory() as work:
            worse += run(SUITES[name], Path(work))
    return 1 if worse else 0


if __name__ == "__main__":
    raise SystemExit(main())
