"""How much larger links make the record: python -m benchmarks.growth [--people 2000] [--nights 1]

Each person signs up (12 fields, 2 inserts, 1 call), and is read three times by the web application; then a
nightly job, a process of its own, mails each of them (address and name), tells an advertiser every second
one's SHA-256, and copies every fourth one's address to another row. The record that each part leaves is
written again row by row, in the order of time, once with everything and once without what is there for links
alone: the leaves, and the edges to earlier requests with the events that were made for them.
"""

from __future__ import annotations

import argparse
import hashlib
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.measure import print_table
from demo.processes import clean_environ, running
from otel_provenance.tables import connect
from tests.environments import ROOT

READS = 3
_IS_LINK = "m.via_event_id IS NOT NULL OR substr(m.tag_id, 1, 20) <> substr(m.event_id, 1, 20)"
ORDERED = {
    "requests": ("true", "request_id"),
    "data_events": ("true", "tag_id"),
    "storage_events": ("instr(event_id, '/') = 0", "event_id"),
    "share_events": ("true", "event_id"),
    "tag_matches": (f"NOT ({_IS_LINK})", "event_id"),
    "leaves": ("false", "event_id, location, field"),
}
"""Table → which of its rows are there without links, and the order of time."""


def serve(people: int) -> None:
    """The web application's part, by its test client."""
    from benchmarks.app import app
    from benchmarks.server import WORKLOADS

    signup = WORKLOADS["sign-up: 12 fields, 2 inserts, 1 call"]
    client = app.test_client()
    for number in range(people):
        body, media_type = signup.body(100_000 + number), signup.media_type
        made = client.post("/signup", data=body, content_type=media_type).get_json()["id"]
        for _ in range(READS):
            assert client.get(f"/customers/{made}?view=full").status_code == 200


def send(people: int) -> None:
    """The nightly job's part: outside requests, for everyone who is there."""
    import requests

    from benchmarks.app import _PLACE, PEER, Address, Customer, session

    for number, customer in enumerate(session.query(Customer).filter(Customer.id > 1).all()):
        letter = {"to": customer.email, "name": customer.name, "template": "weekly-news"}
        requests.post(f"{PEER}/letters", json=letter, timeout=10).raise_for_status()
        if number % 2:
            digest = hashlib.sha256(customer.email.encode()).hexdigest()
            requests.post(f"{PEER}/audience", json={"em": digest}, timeout=10).raise_for_status()
        if number % 4 == 0 and len(customer.addresses) == 1:
            (home,) = customer.addresses
            customer.addresses.append(Address(**{name: getattr(home, name) for name in _PLACE}))
            session.commit()


PARTS = {"serve": serve, "send": send}
SHOWN = {"serve": "sign-ups and reads", "send": "and the nights"}


def play(folder: Path, people: int, nights: int) -> Iterator[tuple[str, Path]]:
    """The record after the web application, and after the job of the last night."""
    record = folder / "record.db"
    with running([sys.executable, "-m", "benchmarks.peer"], ROOT, folder / "peer.log", clean_environ()) as peer:
        environ = {
            **clean_environ(),
            "BENCH_PEER": f"http://127.0.0.1:{peer.wait_for(r'^([0-9]+)$')}",
            "BENCH_DATABASE": f"sqlite:///{folder / 'app.db'}",
            "PROVENANCE_DB_PATH": str(record),
            "PYTHONPATH": str(ROOT),
        }
        for part, times in (("serve", 1), ("send", nights)):
            command = [sys.executable, "-m", "benchmarks.growth", "--people", str(people), "--play", part]
            for _ in range(times):
                subprocess.run(command, cwd=ROOT, env=environ, check=True)
            yield part, record


def written_again(record: Path, path: Path, *, with_links: bool) -> dict[str, int]:
    """Bytes of each table with its indexes, and of the whole file."""
    sizes: dict[str, int] = {}
    with closing(connect(str(path))) as connection:
        connection.execute("ATTACH ? AS source", (str(record),))
        size = _size(connection)
        for table, (is_plain, order) in ORDERED.items():
            condition = "true" if with_links else is_plain
            query = f"INSERT INTO main.{table} SELECT * FROM source.{table} m WHERE {condition} ORDER BY {order}"
            connection.execute(query)
            sizes[table], size = _size(connection) - size, _size(connection)
        sizes["in all"] = size
    return sizes


def _size(connection: sqlite3.Connection) -> int:
    pages, page_size = (connection.execute(f"PRAGMA main.{name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages * page_size)


def main() -> None:
    """Play, write again, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--nights", type=int, default=1, help="how often the job runs")
    parser.add_argument("--play", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.play:
        PARTS[options.play](options.people)
        return
    with tempfile.TemporaryDirectory(prefix="bench-growth-") as text:
        folder = Path(text)
        for part, record in play(folder, options.people, options.nights):
            without = written_again(record, folder / f"{part} without.db", with_links=False)
            with_links = written_again(record, folder / f"{part} with.db", with_links=True)
            print(f"\nBytes of the record for each person: {SHOWN[part]}\n")
            print_table(
                [
                    {
                        "table, with its indexes": name,
                        "without links": f"{without[name] / options.people:,.0f}",
                        "with links": f"{with_links[name] / options.people:,.0f}",
                        "of all it grows by": f"{(with_links[name] - without[name]) / without['in all']:.1%}",
                    }
                    for name in with_links
                ]
            )


if __name__ == "__main__":
    main()
