"""Databases to test with: SQLite files, and a PostgreSQL and a MariaDB server.

A server that runs on this machine is used; else one is started from the installed programs, for as long as
the tests run; else the tests that need it are skipped with the reason (in CI they fail).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from processes import free_port, is_listening, wait_until

NAME = f"provenance_test_{os.getpid()}"


@dataclass(frozen=True)
class Server:
    """Where a server listens, and who may make databases there."""

    host: str
    port: int
    user: str
    password: str = ""


def unavailable(reason: str) -> Any:
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; in CI every database must be there")
    pytest.skip(reason)


def program(name: str, *patterns: str) -> str | None:
    """An installed program, also where Debian hides a server's."""
    found = shutil.which(name)
    for pattern in patterns:
        found = found or next((str(path) for path in sorted(Path("/").glob(pattern), reverse=True)), None)
    return found


def postgresql(stack: ExitStack) -> Server:
    if is_listening(5432):
        return Server("127.0.0.1", 5432, os.environ.get("PGUSER", "postgres"), os.environ.get("PGPASSWORD", ""))
    return own_postgresql(stack)


def own_postgresql(stack: ExitStack) -> Server:
    """A PostgreSQL server of the tests' own, which can prepare transactions: by default none can."""
    initdb = program("initdb", "usr/lib/postgresql/*/bin/initdb")
    if initdb is None:
        unavailable(
            "no PostgreSQL on 127.0.0.1:5432 (or none that prepares transactions), and none is installed (initdb)"
        )
    assert initdb is not None
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="provenance-pg-"))
    as_user = _not_root(folder, "postgres")
    run = lambda *c: subprocess.run([*as_user, *c], check=True, capture_output=True)  # noqa: E731
    run(initdb, "-D", f"{folder}/data", "-U", "postgres", "-A", "trust")
    port = free_port()
    control = str(Path(initdb).with_name("pg_ctl"))
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    options += " -c max_prepared_transactions=4"
    run(control, "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
    stack.callback(run, control, "-D", f"{folder}/data", "-m", "immediate", "stop")
    return Server("127.0.0.1", port, "postgres")


def mariadb(stack: ExitStack) -> Server:
    if is_listening(3306):
        return Server("127.0.0.1", 3306, os.environ.get("MYSQL_USER", "root"), os.environ.get("MYSQL_PWD", ""))
    server = program("mariadbd", "usr/sbin/mariadbd", "usr/sbin/mysqld")
    install = program("mariadb-install-db", "usr/bin/mysql_install_db")
    if server is None or install is None:
        unavailable("no MariaDB on 127.0.0.1:3306, and none is installed (mariadbd)")
    assert server is not None
    assert install is not None
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="provenance-maria-"))
    as_user = _not_root(folder, "mysql")
    made = [install, f"--datadir={folder}/data", "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run([*as_user, *made], check=True, capture_output=True)
    port = free_port()
    options = [f"--datadir={folder}/data", f"--port={port}", f"--socket={folder}/s", "--bind-address=127.0.0.1"]
    process = subprocess.Popen([*as_user, server, "--no-defaults", *options], stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    wait_until(lambda: is_listening(port), "MariaDB listens")
    return Server("127.0.0.1", port, "root")


def _not_root(folder: str, user: str) -> list[str]:
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, user)
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


def make_database(kind: str, stack: ExitStack) -> Server:
    """A database of this test run's own on a server; dropped when the stack is closed."""
    server = {"postgresql": postgresql, "mariadb": mariadb}[kind](stack)
    execute = _execute_postgresql if kind == "postgresql" else _execute_mariadb
    execute(server, f"DROP DATABASE IF EXISTS {NAME}")
    execute(server, f"CREATE DATABASE {NAME}")

    def drop() -> None:
        with suppress(Exception):
            execute(server, f"DROP DATABASE IF EXISTS {NAME}" + (" WITH (FORCE)" if kind == "postgresql" else ""))

    stack.callback(drop)
    return server


def _execute_postgresql(server: Server, statement: str) -> None:
    import psycopg2

    arguments = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
    with closing(psycopg2.connect(dbname="postgres", **arguments)) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)


def _execute_mariadb(server: Server, statement: str) -> None:
    import pymysql

    arguments = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
    with closing(pymysql.connect(**arguments)) as connection:
        connection.cursor().execute(statement)
