"""A value's whole life over real processes that share one record: web application, worker, nightly script.

The web application (gunicorn) and the worker (Celery, over Redis) record because otel-provenance is installed;
the script knows no web framework and is started by ``opentelemetry-instrument``. The web application is started
anew between what comes in and what goes out.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from egress.servers import redis_server
from egress.wire import WireServer
from processes import clean_environment, free_port, serving, wait_until

BIN = Path(sys.executable).parent
ALICE = {"email": " Alice@Example.COM ", "address": "4 Tom Quad, Christ Church, Oxford"}
BOB = {"email": "bob@example.net", "address": "17 Old Brewery Lane, Edinburgh"}
NO_COLLECTOR = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}

pytestmark = [pytest.mark.server, pytest.mark.slow]


class Shop(NamedTuple):
    """What ran, and who received something."""

    folder: Path
    ads: WireServer
    carrier: WireServer

    def ask(self, *arguments: str, stdin: str | None = None) -> str:
        """What the command line prints, asked in the shop's folder."""
        done = subprocess.run(
            ["otel-provenance", *arguments],
            cwd=self.folder,
            env=clean_environment(BIN),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def data(self, *arguments: str, stdin: str | None = None) -> Any:
        return json.loads(self.ask(*arguments, "--format", "json", stdin=stdin))

    def rows(self, query: str) -> list[Any]:
        path = self.folder / "runtime_provenance.db"
        if not path.exists():
            return []
        with closing(sqlite3.connect(path)) as connection:
            try:
                return connection.execute(query).fetchall()
            except sqlite3.OperationalError:  # the tables are not there yet
                return []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("chains") / "shop"
    shutil.copytree(Path(__file__).parent / "shop", folder)
    ads, carrier = WireServer("127.0.0.2"), WireServer("127.0.0.3")
    shop = Shop(folder, ads, carrier)
    try:
        with redis_server(folder) as broker:
            live(shop, f"{broker}/10")
        yield shop
    finally:
        ads.stop()
        carrier.stop()


def live(shop: Shop, broker: str) -> None:
    """Alice signs up, the web application is started anew, Bob signs up, and Alice's parcel goes out."""
    port = free_port()
    environment = clean_environment(
        BIN, BROKER=broker, QUEUE=f"test-{uuid.uuid4()}", ADS=shop.ads.url, CARRIER=shop.carrier.url
    )
    make_tables = "from models import Base, engine; Base.metadata.create_all(engine)"
    subprocess.run(["python", "-c", make_tables], cwd=shop.folder, env=environment, check=True, timeout=60)
    web = ["gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2", "web:app"]
    with working(shop.folder, environment):
        with serving(web, shop.folder, environment, port, "web.log") as server:
            assert requests.post(f"{server.url}/signup", data=ALICE, timeout=30).json() == {"id": 1}
        with serving(web, shop.folder, environment, port, "web again.log") as server:
            assert requests.post(f"{server.url}/signup", data=BOB, timeout=30).json() == {"id": 2}
            wait_until(lambda: len(shop.ads.received) == 2, "the worker has told the advertiser of both")
            command = ["opentelemetry-instrument", "python", "dispatch.py", "1"]
            subprocess.run(command, cwd=shop.folder, env=environment | NO_COLLECTOR, check=True, timeout=60)
        calls = "SELECT 1 FROM share_events WHERE channel = 'http'"
        wait_until(lambda: len(shop.rows(calls)) == 3, "all three calls are recorded")


@contextmanager
def working(folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """A Celery worker as it is by default (it forks), asked to stop at the end."""
    command = ["celery", "-A", "web.celery", "worker", "--concurrency", "1", "--without-mingle"]
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield
    finally:
        worker.terminate()
        try:
            worker.wait(30)
        finally:
            worker.kill()


def test_each_process_did_its_part(shop: Shop) -> None:
    digest = hashlib.sha256(b"alice@example.com").hexdigest()
    assert json.loads(shop.ads.received[0].body) == {"em": digest}
    assert [json.loads(call.body) for call in shop.carrier.received] == [{"parcel": {"to": ALICE["address"]}}]
    calls = shop.rows("SELECT request_id IS NULL, count(*) FROM share_events WHERE channel = 'http' GROUP BY 1")
    assert calls == [(1, 3)], "no call was made in a request"
    assert shop.rows("SELECT count(*) FROM requests") == [(2,)]
    assert shop.rows("SELECT count(*) FROM processes")[0][0] >= 4, "two web processes, the worker, the script"
    assert shop.rows("SELECT count(*) FROM losses") == [(0,)]


def test_the_life_of_an_address_that_was_changed_before_it_was_stored_and_hashed_before_it_was_sent(
    shop: Shop,
) -> None:
    life = shop.data("trace", "-", stdin="alice@example.com\n")
    (entered,) = life["steps"]
    (stored,) = entered["then"]
    (sent,) = stored["then"]
    assert (entered["what"], entered["place"], entered["path"]) == ("entered", "form email", "/signup")
    assert (stored["what"], stored["place"], stored["transform"]) == ("stored", "users.email", "trim>lower")
    assert (sent["what"], sent["place"]) == ("sent", f"127.0.0.2:{shop.ads.port}")
    assert (sent["kind"], sent["transform"], sent["request_id"]) == ("digest", "hex>sha256", None)
    via = shop.rows(
        "SELECT DISTINCT m.via_event_id FROM tag_matches m JOIN share_events h USING (event_id)"
        f" WHERE h.event_id = '{sent['event_id']}'"
    )
    assert via == [(stored["event_id"],)]


def test_the_life_of_an_address_that_a_script_read_wrote_elsewhere_and_sent_after_a_restart(shop: Shop) -> None:
    life = shop.data("trace", "-", stdin=f"{ALICE['address']}\n")
    (entered,) = life["steps"]
    (stored,) = entered["then"]
    assert stored["place"] == "users.address"
    assert [(step["what"], step["place"], step["request_id"]) for step in stored["then"]] == [
        ("stored", "parcels.destination", None),
        ("sent", f"127.0.0.3:{shop.carrier.port}", None),
    ]
    told = shop.ask("trace", "-", stdin=f"{ALICE['address']}\n")
    assert f"→ sent 127.0.0.3:{shop.carrier.port}" in told
    assert "outside requests" in told


def test_who_received_something_of_each_and_of_nobody_else(shop: Shop) -> None:
    ads, carrier = f"127.0.0.2:{shop.ads.port}", f"127.0.0.3:{shop.carrier.port}"
    alice = shop.data("subject", "-", stdin="alice@example.com\n")
    assert [(to["recipient"], to["fields"], to["calls"]) for to in alice["recipients"]] == [
        (ads, ["email"], 1),
        (carrier, ["address"], 1),
    ]
    assert {(row["table"], row["primary_key"]) for row in alice["rows"]} == {
        ("users", '{"id": 1}'),
        ("parcels", '{"id": 1}'),
    }
    bob = shop.data("subject", "-", stdin="bob@example.net\n")
    assert [(to["recipient"], to["fields"], to["calls"]) for to in bob["recipients"]] == [(ads, ["email"], 1)]
    assert [(row["table"], row["primary_key"]) for row in bob["rows"]] == [("users", '{"id": 2}')]
    assert not {r["request_id"] for r in alice["requests"]} & {r["request_id"] for r in bob["requests"]}


def test_the_flows_of_all(shop: Shop) -> None:
    ads, carrier = f"127.0.0.2:{shop.ads.port}", f"127.0.0.3:{shop.carrier.port}"
    flows = {(f["field"], f["via"], f["goes"], f["place"], f["times"]) for f in shop.data("flows")}
    assert flows == {
        ("email", None, "store", "users.email", 2),
        ("email", "users.email", "share", ads, 2),
        ("address", None, "store", "users.address", 2),
        ("address", "users.address", "store", "parcels.destination", 1),
        ("address", "users.address", "share", carrier, 1),
    }
