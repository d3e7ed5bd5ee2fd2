"""The record, or a period of it, in the words of others.

  jsonl         every row of every table, one JSON object a line
  csv           every edge: a value that came in, and where it went
  prov-json     W3C PROV
  openlineage   a run event with column lineage for each request, one a line

Previews, hashes and addresses of people are in it where they are in the record: handle it as such.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final, TextIO

from otel_provenance.cli.options import add_common, add_confidence, add_period
from otel_provenance.cli.record import opened
from otel_provenance.reports.export.period import Period

_FORMATS: Final = {
    "jsonl": "flat:jsonl",
    "csv": "flat:edges_csv",
    "prov-json": "prov:prov_json",
    "openlineage": "openlineage:openlineage",
}
_TOLD_EVERY_S: Final = 0.2


def add_options(parser: argparse.ArgumentParser) -> None:
    """What, and where to."""
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write to this file (mode 0600) instead of standard output"
    )
    add_period(parser)
    add_confidence(parser)
    add_common(parser, tuple(_FORMATS))


def run(options: argparse.Namespace) -> int:
    """Write it."""
    module, _, name = _FORMATS[options.format].partition(":")
    write: Callable[..., Iterator[str]] = getattr(import_module(f"otel_provenance.reports.export.{module}"), name)
    with opened(options) as record, _target(options.output) as target, _progress() as progress:
        record.execute("BEGIN")  # one state of the record, whatever is written meanwhile
        for text in write(record, Period(options.since, options.until, options.min_confidence, progress)):
            target.write(text)
    return 0


@contextmanager
def _target(path: str | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    draft = f"{path}.part"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        yield file
    os.replace(draft, path)


@contextmanager
def _progress() -> Iterator[Callable[[int], None] | None]:
    """Tells a person at a terminal how many rows were read."""
    if not sys.stderr.isatty():
        yield None
        return
    state: dict[str, Any] = {"rows": 0, "told": time.monotonic(), "shown": False}

    def tell(rows: int) -> None:
        state["rows"] += rows
        now = time.monotonic()
        if now - state["told"] >= _TOLD_EVERY_S:
            state["told"], state["shown"] = now, True
            print(f"\r{state['rows']:,} rows read", end="", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        if state["shown"]:
            print(f"\r{state['rows']:,} rows read", file=sys.stderr, flush=True)
