"""What recording costs: python -m benchmarks.store [--known 1000000] [--rounds 15]

On the request path, and in all, for one sign-up: 12 tags, 10 written columns, one call out, 20 edges, 4 leaves.
Export beside ``executemany`` alone on the same rows and indexes; with and without links, in a file that knows
many values already. All ratios are of chunks that took turns in one run.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from otel_provenance_exporters import SqliteSpanExporter

from benchmarks.measure import print_table, rounds, shown_ratio
from otel_provenance.attributes import request_attributes, share_attributes, storage_attributes, tag_attributes
from otel_provenance.identifiers import IdSequence, new_request_id
from otel_provenance.records import LeafRecord, MatchRecord, RequestRecord, ShareRecord, StorageRecord, TagRecord
from otel_provenance.settings import Settings
from otel_provenance.spans.facts import put_facts
from otel_provenance.tables import connect, recording
from otel_provenance.tables.adoption import batches, rows_of
from otel_provenance.tables.inserting import insert_rows
from otel_provenance.tables.rows import Rows
from otel_provenance.tables.spool import encode

TAGS, COLUMNS, EDGES, LEAVES = 12, 10, 20, 4
CHUNK = 200
"""Requests in a chunk."""
Spans = list[dict[str, Any]]


def sign_up(choose: random.Random, known: int) -> Spans:
    """The attributes of the spans of one request; one leaf in four is a value that came in before."""
    now = time.time_ns()
    request_id = new_request_id()
    ids = IdSequence(request_id)
    hashes = [f"{choose.getrandbits(128):032x}" for _ in range(TAGS)]
    tags = [
        TagRecord(ids.new("t"), now, "form", f"field{n}", hashes[n], 12, "str", "Xxxx xxxxxx", "user.contact.email")
        for n in range(TAGS)
    ]
    writes = [
        StorageRecord(
            ids.new("w"),
            now,
            "insert",
            "sqlite",
            "shop",
            "users",
            f"field{n}",
            '{"id": 7}',
            "shop.models.User",
            hashes[n],
            1,
            "committed",
            "full",
        )
        for n in range(COLUMNS)
    ]
    share = ShareRecord(
        ids.new("s"),
        now,
        "http",
        "requests",
        "POST",
        "crm.example.com",
        443,
        "https://crm.example.com/contacts",
        "application/json",
        512,
        f"{choose.getrandbits(128):032x}",
        '{"email": "xxx@xxxxxxx.xxx"}',
        200,
        "sent",
        "full",
        None,
    )
    edges = [
        MatchRecord(w.event_id, tags[n].tag_id, "column", f"field{n}", "exact", "", 0.98) for n, w in enumerate(writes)
    ]
    edges += [
        MatchRecord(share.event_id, tags[n].tag_id, "body", f"field{n}", "exact", "", 0.98)
        for n in range(EDGES - COLUMNS)
    ]
    leaves = [
        LeafRecord(
            share.event_id,
            "body",
            f"leaf{n}",
            known_hash(choose.randrange(known)) if n == 0 and known else hashes[n][::-1],
        )
        for n in range(LEAVES)
    ]
    server = RequestRecord(
        request_id, None, "POST", "/signup", "/signup", None, "127.0.0.1", 201, "application/json", 40, '{"id": 0}'
    )
    return [
        storage_attributes(request_id, writes, edges[:COLUMNS]),
        share_attributes(request_id, share, edges[COLUMNS:], leaves),
        request_attributes(server) | tag_attributes(request_id, tags),
    ]


def known_hash(number: int) -> str:
    """The hash of the value with this number, evenly spread as hashes are."""
    return f"{(number * 0x9E3779B97F4A7C15F39CC0605CEDC835) % 2**128:032x}"


def know(connection: sqlite3.Connection, many: int) -> None:
    """Fill the record with so many values, each brought in and stored by a request."""
    connection.execute("PRAGMA synchronous=OFF")
    for start in range(0, many, 50_000):
        rows = Rows()
        for number in range(start, min(start + 50_000, many)):
            prefix = f"0000000000{number // 10:010d}"
            rows.data_events.append(
                (
                    f"{prefix}.t{number % 10}",
                    prefix,
                    "2026-01-01T00:00:00.000000Z",
                    "form",
                    "email",
                    known_hash(number),
                    12,
                    "str",
                    "x",
                    None,
                )
            )
            rows.storage_events.append(
                (
                    f"{prefix}.w{number % 10}",
                    prefix,
                    "2026-01-01T00:00:00.000000Z",
                    "insert",
                    "sqlite",
                    "shop",
                    "users",
                    "email",
                    f'{{"id": {number}}}',
                    None,
                    known_hash(number),
                    1,
                    "committed",
                    "full",
                )
            )
            rows.tag_matches.append(
                (f"{prefix}.w{number % 10}", f"{prefix}.t{number % 10}", "column", "email", "exact", "", 0.98, None)
            )
        connection.execute("BEGIN")
        insert_rows(connection, rows)
        connection.execute("COMMIT")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def frames_of(requests: list[Spans]) -> list[bytes]:
    """As they wait for the writer."""
    return [encode(("p", "shop", "0" * 32, "0" * 16, 0, 1_000_000, span)) for spans in requests for span in spans]


def writing(connection: sqlite3.Connection, frames: list[bytes], record: Callable[..., Any]) -> float:
    """CPU seconds that it takes to decode and commit them, in transactions as the writer makes."""
    began = time.process_time()
    for batch in batches(frames):
        rows = rows_of(batch)
        connection.execute("BEGIN IMMEDIATE")
        record(connection, rows)
        connection.execute("COMMIT")
    return time.process_time() - began


def executing(connection: sqlite3.Connection, frames: list[bytes]) -> float:
    """CPU seconds of ``executemany`` alone on the same rows."""
    made = [rows_of(batch) for batch in batches(frames)]
    began = time.process_time()
    for rows in made:
        connection.execute("BEGIN IMMEDIATE")
        insert_rows(connection, rows)
        connection.execute("COMMIT")
    return time.process_time() - began


def compare_writing(folder: str, known: int, count: int) -> None:
    """Throughput of the writer beside executemany, and with links beside without."""
    names = ("executemany", "no links", "links")
    connections = {}
    for name in names:
        connections[name] = connect(os.path.join(folder, f"{name.replace(' ', '-')}.db"))
        connections[name].execute("PRAGMA wal_autocheckpoint=4000")
        know(connections[name], known)
    choose = random.Random(1)

    def chunk(name: str) -> float:
        frames = frames_of([sign_up(choose, known) for _ in range(CHUNK)])
        if name == "executemany":
            return executing(connections[name], frames)
        return writing(connections[name], frames, recording.record_rows if name == "links" else insert_rows)

    taken = rounds(count, names, chunk)
    linked = connections["links"].execute("SELECT count(*) FROM tag_matches WHERE via_event_id NOT NULL").fetchone()[0]
    print(f"\nWriter, {known:,} values known, {linked / (count * CHUNK):.2f} links a request\n")
    print_table(
        [
            {
                "way": name,
                "CPU a request": f"{sorted(taken[name])[count // 2] / CHUNK * 1e6:.0f} µs",
                "throughput / executemany": shown_ratio(taken["executemany"], taken[name]),
                "throughput / no links": shown_ratio(taken["no links"], taken[name]),
            }
            for name in names
        ]
    )


def compare_exports(folder: str, count: int) -> None:
    """CPU of a request's export: what the request waits for, and with the writing of it."""
    choose = random.Random(2)
    tracers = {}
    exporters = {}
    for name in ("batch", "sync"):
        settings = Settings(db_path=os.path.join(folder, f"{name}.db"), durability=name)  # type: ignore[arg-type]
        exporters[name] = SqliteSpanExporter(settings, b"a salt for measuring")
        tracers[name] = TracerProvider(shutdown_on_exit=False)
        tracers[name].add_span_processor(SimpleSpanProcessor(exporters[name]))
    tracers["no exporter"] = TracerProvider(shutdown_on_exit=False)
    waited: dict[str, list[float]] = {name: [] for name in tracers}

    def chunk(name: str) -> float:
        requests = [sign_up(choose, 0) for _ in range(CHUNK)]
        tracer = tracers[name].get_tracer("benchmark")
        cpu = time.process_time()
        began = time.perf_counter()
        for spans in requests:
            for attributes in spans:
                span = tracer.start_span("span")
                put_facts(span, attributes)
                span.end()
        waited[name].append(time.perf_counter() - began)
        if name in exporters:
            exporters[name].force_flush()
        return time.process_time() - cpu

    taken = rounds(count, tuple(tracers), chunk)
    print("\nExport of one sign-up (three spans), without what the spans themselves cost\n")
    bare_cpu, bare_wait = sorted(taken["no exporter"])[count // 2], sorted(waited["no exporter"])[count // 2]
    print_table(
        [
            {
                "durability": name,
                "request waits": f"{(sorted(waited[name])[count // 2] - bare_wait) / CHUNK * 1e6:.0f} µs",
                "CPU, writing included": f"{(sorted(taken[name])[count // 2] - bare_cpu) / CHUNK * 1e6:.0f} µs",
            }
            for name in exporters
        ]
    )
    for exporter in exporters.values():
        exporter.shutdown()


def main() -> None:
    """Run all of it in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--known", type=int, default=1_000_000, help="values in the record before")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare_exports(folder, options.rounds)
        compare_writing(folder, 0, options.rounds)
    with tempfile.TemporaryDirectory() as folder:
        compare_writing(folder, options.known, options.rounds)


if __name__ == "__main__":
    main()
