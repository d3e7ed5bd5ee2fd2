"""What recording writes costs, as ratios to SQLAlchemy alone on an in-memory SQLite, in one process.

python -m benchmarks.storage [--rounds N] [--no-store] [WORKLOAD …]

flush     a session adds 1,000 rows of 10 columns and commits, in a request that brought in 20 values
update    1,000 loaded rows are changed and committed
small     one row is added and committed
reading   what a read-only request does: a row by key, a list of 20, a count
select    10,000 rows by one SELECT

CPU time of the process, the store's thread included (``--no-store`` leaves the store out).
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from opentelemetry.context import Context, attach, detach
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from sqlalchemy.orm import Session, declarative_base
from sqlalchemy.pool import StaticPool

from benchmarks.matching import made_tags
from benchmarks.measure import print_table, rounds, shown_ratio
from otel_provenance.boundaries.base import unwrap_all
from otel_provenance.boundaries.sqlalchemy import BOUNDARY
from otel_provenance.settings import Settings
from otel_provenance.spans import runtime as runtimes
from otel_provenance.spans.scope import RequestScope

Base = declarative_base()
ROWS = 1000


class Customer(Base):  # type: ignore[misc, valid-type]
    __tablename__ = "customers"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String)
    email = sa.Column(sa.String)
    phone = sa.Column(sa.String)
    street = sa.Column(sa.String)
    city = sa.Column(sa.String)
    visits = sa.Column(sa.Integer)
    balance = sa.Column(sa.Float)
    active = sa.Column(sa.Boolean)
    note = sa.Column(sa.Text)
    code = sa.Column(sa.String)


class Nowhere(SpanExporter):
    def export(self, spans: Any) -> SpanExportResult:
        return SpanExportResult.SUCCESS


def customers(start: int, tags: list[Any]) -> list[Customer]:
    known = {tag.field.rpartition(".")[2]: tag.value for tag in tags}
    made = []
    for n in range(start, start + ROWS):
        one = Customer(
            name=f"Customer Number {n}",
            email=f"customer{n}@example.net",
            phone=f"+49 30 {n:07}",
            street=f"{n} Some Street",
            city=("Berlin", "Paris", "Rome", "Oslo")[n % 4],
            visits=n % 50,
            balance=n / 7,
            active=n % 2 == 0,
            note=f"a note about what customer {n} said on the phone the other day, which may be longer",
            code=f"C-{n:08}",
        )
        if n % 250 == 0:  # a few of the rows carry what the request brought in
            one.email, one.name = known.get("email", one.email), known.get("name", one.name)
        made.append(one)
    return made


def workloads(engine: sa.engine.Engine, tags: list[Any]) -> dict[str, Callable[[], None]]:
    counter = iter(range(10**9))

    def flush() -> None:
        with Session(engine) as session:
            session.add_all(customers(next(counter) * ROWS, tags))
            session.commit()

    def update() -> None:
        with Session(engine) as session:
            turn = next(counter)
            for one in session.scalars(sa.select(Customer).where(Customer.id <= ROWS)):
                one.note = f"changed {turn}"
            session.commit()

    def small() -> None:
        for _ in range(50):
            with Session(engine) as session:
                session.add(
                    customers(next(counter) * ROWS + 1, tags)[0] if False else Customer(name="One", email="x@y.org")
                )
                session.commit()

    def reading() -> None:
        for n in range(20):
            with Session(engine) as session:
                session.get(Customer, n + 1)
                session.scalars(sa.select(Customer).where(Customer.city == "Rome").limit(20)).all()
                session.scalar(sa.select(sa.func.count()).select_from(Customer).where(Customer.id < 100))

    def select() -> None:
        with Session(engine) as session:
            session.execute(sa.select(Customer.__table__).limit(10_000)).all()

    return {"flush": flush, "update": update, "small": small, "reading": reading, "select": select}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--no-store", action="store_true")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(options.rounds, folder, options.workloads, with_store=not options.no_store)


def measure(count: int, folder: str, wanted: list[str], *, with_store: bool) -> None:
    if with_store:
        from otel_provenance_exporters import SqliteSpanExporter

        make: Any = SqliteSpanExporter
    else:
        make = lambda settings, salt: Nowhere()  # noqa: E731
    runtime = runtimes.Runtime(Settings(db_path=f"{folder}/record.db", hash_salt="a benchmark's salt"), make)
    runtimes.replace(runtime)
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    tags = made_tags(20)
    work = workloads(engine, tags)
    for _ in range(11):
        work["flush"]()

    def chunk(name: str, job: Callable[[], None]) -> float:
        if name == "recorded":
            BOUNDARY.hook()
        scope = RequestScope(runtime.salt)
        span = runtime.tracer.start_span("POST")
        token = attach(scope.open(span, Context()))
        for tag in tags:
            scope.tags.add(tag.source, tag.field, tag.value)
        gc.collect()
        start = time.process_time()
        job()
        runtime.exporter.force_flush()
        spent = time.process_time() - start
        detach(token)
        unwrap_all()
        return spent

    rows = []
    for title, job in work.items():
        if wanted and title not in wanted:
            continue
        for name in ("bare", "recorded"):
            chunk(name, job)
        given = rounds(count, ["bare", "bare again", "recorded"], lambda name, job=job: chunk(name, job))  # type: ignore[misc]
        rows.append(
            {
                "workload": title,
                "bare, ms": f"{1000 * sorted(given['bare'])[count // 2]:.2f}",
                "bare again": shown_ratio(given["bare again"], given["bare"]),
                "recorded": shown_ratio(given["recorded"], given["bare"]),
            }
        )
    print_table(rows)


if __name__ == "__main__":
    main()
