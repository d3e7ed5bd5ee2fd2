"""Environments as users have them, and the record that a served application leaves."""

from __future__ import annotations

import http.server
import sqlite3
import threading
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from e2e.apps import APP
from environments import environment, project_wheel
from processes import wait_until

_LIBRARIES = ("flask[async]", "sqlalchemy", "requests", "gunicorn", "gevent")


@pytest.fixture(scope="session")
def installed() -> Path:
    """The wheel in an application's environment."""
    return environment("installed", [*_LIBRARIES, f"{project_wheel()}[otlp]"])


@pytest.fixture(scope="session")
def beside_distro() -> Path:
    """The wheel beside OpenTelemetry's own distro, some of its instrumentors, and no exporter."""
    stock = ("opentelemetry-distro", "opentelemetry-instrumentation-flask", "opentelemetry-instrumentation-requests")
    return environment("beside-distro", [*_LIBRARIES, *stock, "opentelemetry-configuration", str(project_wheel())])


@pytest.fixture(scope="session")
def libraries_only() -> Path:
    """What the project needs, without the project: a checkout on PYTHONPATH brings it."""
    needed = [requirement for requirement in requires("otel-provenance") or () if "extra ==" not in requirement]
    return environment("libraries", [*_LIBRARIES, *needed])


class Record:
    """The record that an application leaves in its folder, read as anyone would: with sqlite3."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, query: str, *parameters: Any) -> list[Any]:
        """Rows of a query; none where there is no file, or no table yet."""
        if not self.path.exists():
            return []
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            return connection.execute(query, parameters).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
        finally:
            connection.close()

    def wait_for(self, query: str, count: int = 1) -> list[Any]:
        """Rows of a query, once there are ``count`` of them."""

        def enough() -> list[Any]:
            rows = self.rows(query)
            return rows if len(rows) >= count else []

        return wait_until(enough, f"{count} rows of {query}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the application lies, and is started."""
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


@pytest.fixture
def record(folder: Path) -> Record:
    return Record(folder / "runtime_provenance.db")


class Partner:
    """A third party's server: keeps what it received."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        partner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                partner.received.append((self.path, dict(self.headers.items()), body))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def partner() -> Iterator[Partner]:
    partner = Partner()
    thread = threading.Thread(target=partner.server.serve_forever, daemon=True)
    thread.start()
    yield partner
    partner.server.shutdown()
    partner.server.server_close()
