"""Applications that no one here wrote, in environments of their own, served as their users serve them."""

from __future__ import annotations

import http.client
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes import Server, clean_environment, free_port, serving

SALT = "a salt for tests"
RECORD = "runtime_provenance.db"


@contextmanager
def gunicorn(binaries: Path, application: str, folder: Path, *, recording: bool, **environ: str) -> Iterator[Server]:
    """An application under gunicorn, with nothing but what is installed beside it; recording or not."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    ours = {"PROVENANCE_HASH_SALT": SALT} if recording else {"PROVENANCE_DISABLE": "1"}
    command = [binaries / "gunicorn", "--bind", f"127.0.0.1:{port}", application]
    with serving(command, folder, {**clean_environment(binaries), **ours, **environ}, port) as server:
        yield server


@dataclass(frozen=True)
class Answer:
    """All that a client sees of a response, but the date."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def ask(server: Server, method: str, path: str, headers: Mapping[str, str], body: Any = None) -> Answer:
    """One request, with these headers and no others but Host; a body that is iterable goes chunked."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        described = {"Host": "app.test", **headers}
        chunked = body is not None and not isinstance(body, bytes)
        if chunked:
            described["Transfer-Encoding"] = "chunked"
        elif body is not None:
            described.setdefault("Content-Length", str(len(body)))
        for name, value in described.items():
            connection.putheader(name, value)
        connection.endheaders(body, encode_chunked=chunked)
        response = connection.getresponse()
        shown = tuple((name, value) for name, value in response.getheaders() if name != "Date")
        return Answer(response.status, shown, response.read())


def rows(folder: Path, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What the record in a folder answers."""
    with closing(sqlite3.connect(f"file:{folder / RECORD}?mode=ro", uri=True)) as record:
        return record.execute(query, parameters).fetchall()
