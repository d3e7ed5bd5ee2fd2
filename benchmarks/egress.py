"""What watching calls costs, as CPU time of this process, beside bare and plain OpenTelemetry in the same run.

python -m benchmarks.egress [--rounds N] [--calls N]

A call is a POST by ``requests`` over a kept connection, of a 1 KB JSON body that holds 4 of the 12 values that the
request brought in. Plain OpenTelemetry is its own instrumentor with a recording provider and no exporter.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import requests
from opentelemetry.context import Context, attach, detach
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, set_span_in_context

from benchmarks.matching import made_tags
from benchmarks.measure import print_table, rounds, shown_ratio
from otel_provenance import status
from otel_provenance.boundaries.base import install, unwrap_all
from otel_provenance.boundaries.http_client import BOUNDARY as HTTP_CLIENT
from otel_provenance.boundaries.logging import BOUNDARY as LOGGING
from otel_provenance.boundaries.requests import BOUNDARY as REQUESTS
from otel_provenance.boundaries.urllib3 import BOUNDARY as URLLIB3
from otel_provenance.settings import Settings
from otel_provenance.spans import runtime as runtimes
from otel_provenance.spans.scope import RequestScope

TAGS = made_tags(12)
FIELDS = {tag.field: tag.value for tag in TAGS[:4]}


def body_of(size: int) -> bytes:
    """A JSON body of about ``size`` bytes, as an application sends to its CRM."""
    lines = [f"line {n}: an ordinary sentence about the order" for n in range((size - 200) // 48)]
    return json.dumps({"customer": FIELDS, "note": lines}).encode()


class Nowhere(SpanExporter):
    def export(self, spans: Any) -> SpanExportResult:
        return SpanExportResult.SUCCESS


class Setups:
    """The ways in which the same calls are made: ``enter`` one, run, and it is taken out again."""

    def __init__(self, folder: str) -> None:
        from otel_provenance_exporters import SqliteSpanExporter

        settings = Settings(db_path=f"{folder}/runtime_provenance.db", hash_salt="benchmark")
        self.nowhere = runtimes.Runtime(settings, lambda *_: Nowhere())
        self.stored = runtimes.Runtime(settings, SqliteSpanExporter)
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.names = {
            "bare": self.bare,
            "bare again": self.bare,
            "plain OpenTelemetry": self.plain,
            "ours, no store": lambda stack: self.ours(stack, self.nowhere),
            "ours": lambda stack: self.ours(stack, self.stored),
        }

    def bare(self, stack: ExitStack) -> None:
        """Nothing is hooked."""

    def plain(self, stack: ExitStack) -> None:
        """OpenTelemetry's instrumentor, below a server span."""
        RequestsInstrumentor().instrument(tracer_provider=self.provider)
        stack.callback(RequestsInstrumentor().uninstrument)
        span = self.provider.get_tracer("benchmark").start_span("POST /", kind=SpanKind.SERVER)
        stack.callback(detach, attach(set_span_in_context(span)))

    def ours(self, stack: ExitStack, runtime: runtimes.Runtime) -> None:
        """Our boundaries, in a request that brought in 12 values."""
        former = runtimes.replace(runtime)
        stack.callback(runtimes.replace, former)
        status.hooked.clear()
        for boundary in (REQUESTS, URLLIB3, HTTP_CLIENT, LOGGING):
            install(boundary)
        stack.callback(unwrap_all)
        scope = RequestScope(runtime.salt)
        scope.tags.tags.extend(TAGS)
        span = runtime.tracer.start_span("POST /", Context(), SpanKind.SERVER)
        stack.callback(detach, attach(scope.open(span, Context())))


def measured(setups: Setups, work: Callable[[], None], calls: int, count: int) -> dict[str, list[float]]:
    """Name of a setup → CPU seconds of one call, chunk by chunk."""

    def chunk(name: str) -> float:
        with ExitStack() as stack:
            setups.names[name](stack)
            work()  # what is made at the first use
            gc.collect()
            started = time.process_time()
            for _ in range(calls):
                work()
            return (time.process_time() - started) / calls

    return rounds(count, list(setups.names), chunk)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--calls", type=int, default=60)
    asked = parser.parse_args()

    peer = subprocess.Popen([sys.executable, "-m", "benchmarks.peer"], stdout=subprocess.PIPE, text=True)
    try:
        assert peer.stdout is not None
        url = f"http://127.0.0.1:{peer.stdout.readline().strip()}/contacts"
        with tempfile.TemporaryDirectory() as folder, requests.Session() as session:
            setups = Setups(folder)
            session.trust_env = False
            for size in (1024, 65_536):
                body = body_of(size)
                headers = {"Content-Type": "application/json"}
                work = lambda: session.post(url, data=body, headers=headers).content  # noqa: B023, E731
                show(f"POST of {len(body):,} bytes", measured(setups, work, asked.calls, asked.rounds))
            logger = logging.Logger("benchmark", logging.INFO)
            logger.addHandler(logging.FileHandler(f"{folder}/log"))
            work = lambda: logger.info("order %d of %s was shipped", 7, "somebody else")  # noqa: E731
            show("log record to a file, without a match", measured(setups, work, asked.calls * 20, asked.rounds))
            setups.stored.exporter.force_flush(60_000)  # the folder goes away
            setups.stored.exporter.shutdown()
    finally:
        peer.terminate()
        peer.wait()


def show(title: str, given: dict[str, list[float]]) -> None:
    """A table: ratio to bare, and what each adds to bare and to plain OpenTelemetry."""
    print(f"\n{title} (CPU of the process; a ratio to bare with its quartiles)")
    bare, plain = given["bare"], given["plain OpenTelemetry"]
    print_table(
        [
            {
                "": name,
                "ratio to bare": shown_ratio(series, bare),
                "µs over bare": _over(series, bare),
                "µs over plain OpenTelemetry": _over(series, plain),
            }
            for name, series in given.items()
        ]
    )


def _over(of: list[float], to: list[float]) -> str:
    return f"{statistics.median(a - b for a, b in zip(of, to, strict=True)) * 1e6:.1f}"


if __name__ == "__main__":
    main()
