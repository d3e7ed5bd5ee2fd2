"""The labelled corpus of flows across requests and processes: pairs of people, what is sent, and whose it really is.

For each pair a web process takes in and stores, a nightly job sends and copies, and a third process sends the
copies (``lives_app.py``). Everything is done for both people, who live in one town (two of them in one house) and
work for one employer; beside it go values of strangers, of a sign-up that was rolled back, and of a mere search.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from otel_provenance.tables import connect_readonly
from tests.processes import clean_environment

# path of a call → (request, field) of each value that it really carries, of those that can be told
TRUTH: dict[str, set[tuple[str, str]]] = {
    "email": {("ada", "email")},
    "other-email": {("grace", "email")},
    "sha256": {("ada", "email")},
    "md5": {("grace", "email")},
    "address": {("ada-moved", "address")},
    "note": {("ada-ordered", "note"), ("grace-ordered", "note")},
    "both": {("ada", "email"), ("grace", "email")},
    "employer": set(),  # of two people: not to be told
    "employer-and-email": {("grace", "employer"), ("grace", "email")},
    "stranger": set(),
    "rolled-back": set(),
    "phone": {("ada", "phone")},
    "base64": {("ada", "email")},
    "text": {("grace", "email")},
    "name": {("ada", "name")},
    "upper": {("grace", "email")},
    "form": {("ada", "email")},
    "header": {("grace", "email")},
    "query": {("ada", "email")},
    "town": set(),
    "country": set(),
    "profile": {("grace", "name"), ("grace", "address"), ("grace", "employer")},
    "newsletter-0": {("ada", "email")},
    "newsletter-1": {("grace", "email")},
}
Person = dict[str, str]
_OF_PAIR = ("town", "country", "employer")
_FIELDS = ("email", "name", "phone", "address", "moved_to", "note")


def _pair(town: str, country: str, employer: str, *people: tuple[str, ...]) -> tuple[Person, Person]:
    ada, grace = (
        dict(zip(_FIELDS, values, strict=True)) | dict(zip(_OF_PAIR, (town, country, employer), strict=True))
        for values in people
    )
    return ada, grace


PAIRS = (
    _pair(
        "London",
        "United Kingdom",
        "Analytical Engines Ltd",
        (
            " Ada@Example.COM ",
            "Ada Lovelace",
            "+44 20 7946 0958",
            "12 St James's Square, London",
            "99 Baker Street, Marylebone",
            "Leave it with the neighbour, thanks",
        ),
        (
            "grace@example.org",
            "Grace Hopper",
            "+1 202 555 0143",
            "1600 Arlington Boulevard, Arlington",
            "3 Harbour Walk, Norfolk",
            "Ring twice, the bell is broken",
        ),
    ),
    _pair(
        "München",
        "Bundesrepublik Deutschland",
        "Werkstatt Süd GmbH",
        (
            "Zoe@Mueller-Werkstatt.Example",
            "Zoë Müller",
            "+49 (0)89 1234567",
            "Lange Straße 7a, München",
            "Kurze Gasse 12, Dachau",
            "Bitte beim Nachbarn abgeben",
        ),
        (
            "  zoe.mueller@mail.example",
            "Zoe Mueller-Klein",
            "+49 89 1234568",
            "Lange Straße 7a, München",
            "Am Anger 3, Freising",
            "Klingel links, bitte zweimal",
        ),
    ),
    _pair(
        "Sevilla",
        "Reino de España",
        "Correo y Hermanos",
        (
            "Jose.Nandu+shop@correo.example",
            "José Ñandú-García",
            "+34 912 345 678",
            "Calle de Alcalá 42, 3º B",
            "Plaza Nueva 1, Sevilla",
            "El sábado antes del mediodía, por favor",
        ),
        (
            "jose.nandu@correo.example",
            "José Nandú García-Pérez",
            "+34 912 345 679",
            "Calle de Alcalá 42, 3º A",
            "Plaza Nueva 11, Sevilla",
            "El domingo después de las cinco",
        ),
    ),
    _pair(
        "Lagos",
        "Federal Republic of Nigeria",
        "Broad Street Foundation",
        (
            "O.ADEYEMI@LAGOS-TECH.EXAMPLE",
            "Oluwaseun Adeyemi-Brown",
            "+234 803 123 4567",
            "58 Broad Street, Lagos Island",
            "7 Marina Road, Lagos",
            "The invoice names the foundation",
        ),
        (
            "s.adeyemi@lagos-tech.example ",
            "Sade Adeyemi-Brown",
            "+234 803 123 4576",
            "85 Broad Street, Lagos Island",
            "9 Marina Road, Lagos",
            "The invoice names me personally",
        ),
    ),
    _pair(
        "東京",
        "Japan (Nihon-koku)",
        "日本橋印刷株式会社",
        (
            "Tanaka.Hanako@example.jp",
            "Hanako Tanaka",
            "+81 3-1234-5678",
            "1-2-3 Nihonbashi, Chuo City",
            "4-5-6 Shibuya, Shibuya City",
            "Please leave it in the delivery box",
        ),
        (
            "tanaka.ichiro@example.jp",
            "Ichiro Tanaka",
            "+81 3-1234-5687",
            "1-2-4 Nihonbashi, Chuo City",
            "4-5-7 Shibuya, Shibuya City",
            "Please bring it up to the ninth floor",
        ),
    ),
)


class Score(NamedTuple):
    """What of a pair's flows the record tells."""

    right: int
    missed: int
    wrong: int
    failures: tuple[str, ...]

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    def __add__(self, other: Score) -> Score:  # type: ignore[override]
        return Score(*(mine + others for mine, others in zip(self, other, strict=True)))


@contextmanager
def partner() -> Iterator[str]:
    """The URL of someone who takes what is sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def live(folder: Path, pair: tuple[Person, Person]) -> sqlite3.Connection:
    """The record after the three processes, which are real ones in ``folder``."""
    shutil.copy(Path(__file__).parent / "lives_app.py", folder / "shop.py")
    ada, grace = map(json.dumps, pair)
    with partner() as url:
        for role in ("serve", "nightly", "newsletter"):
            done = subprocess.run(
                [sys.executable, "shop.py", role],
                cwd=folder,
                env=clean_environment(PARTNER=url, ADA=ada, GRACE=grace),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            assert "otel-provenance" not in done.stderr, done.stderr
    return connect_readonly(str(folder / "runtime_provenance.db"))


def told(record: sqlite3.Connection, path: str) -> set[tuple[str, str]]:
    """(request, field) of the edges of a call that reports show."""
    edges = record.execute(
        "SELECT r.path, d.field FROM share_events s JOIN tag_matches m USING (event_id) JOIN data_events d"
        " USING (tag_id) JOIN requests r ON r.request_id = d.request_id"
        " WHERE (s.url LIKE '%/' || ? OR s.url LIKE '%/' || ? || '?%') AND m.confidence >= 0.5",
        (path, path),
    )
    return {(request.rpartition("/")[2], field) for request, field in edges}


def score_of(record: sqlite3.Connection) -> Score:
    """The flows that the record tells, beside those that there were."""
    right = wrong = missed = 0
    failures = []
    for path, truth in TRUTH.items():
        found = told(record, path)
        right += len(truth & found)
        missed += len(truth - found)
        wrong += len(found - truth)
        if truth != found:
            failures.append(f"{path}: missed {sorted(truth - found)}, wrong {sorted(found - truth)}")
    return Score(right, missed, wrong, tuple(failures))


def score_of_pair(folder: Path, pair: tuple[Person, Person]) -> Score:
    """As ``score_of``, of a pair's own record."""
    with closing(live(folder, pair)) as record:
        return score_of(record)
