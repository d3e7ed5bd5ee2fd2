"""Kills writers at random points: `python -m tests.store.killing DB KILLS PROCESSES DURABILITY SEED`.

Prints, as JSON, the requests that were acknowledged, that is whose export had returned.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from otel_provenance_exporters import SqliteSpanExporter

from otel_provenance.settings import Settings
from tests.store.facts import SALT, request_attributes_of

TAGS = 3


def work(path: str, durability: str, acknowledge: int) -> None:
    """Export requests for ever; say which, once export has returned."""
    exporter = SqliteSpanExporter(Settings(db_path=path, durability=durability), SALT)  # type: ignore[arg-type]
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tests")
    while True:
        request_id, attributes = request_attributes_of({f"field{n}": f"value {n}" for n in range(TAGS)})
        with tracer.start_as_current_span("request") as span:
            span.set_attributes(attributes)
        os.write(acknowledge, f"{request_id}\n".encode())
        time.sleep(0.0005)


def start(path: str, durability: str) -> tuple[int, int]:
    """(process id, end of a pipe) of a new worker."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        try:
            work(path, durability, theirs)
        finally:
            os._exit(1)
    os.close(theirs)
    return pid, ours


def main(path: str, kills: int, processes: int, durability: str, seed: int) -> None:
    """Keep so many workers running, and kill the one whose time has come, until enough were killed."""
    random.seed(seed)
    acknowledged: dict[int, bytes] = {}
    living: dict[int, tuple[int, float]] = {}
    text = b""
    killed = 0
    while killed < kills or living:
        while len(living) < processes and killed + len(living) < kills:
            pid, pipe = start(path, durability)
            # at any point of its life for one in four, at any point of its work for the others
            living[pipe] = pid, time.monotonic() + (random.uniform(0.0, 0.08) if random.random() < 0.25 else 10.0)
            acknowledged[pipe] = b""
        for pipe in select.select(list(living), [], [], 0.001)[0]:
            if not acknowledged[pipe]:
                living[pipe] = living[pipe][0], min(living[pipe][1], time.monotonic() + random.uniform(0.0, 0.05))
            acknowledged[pipe] += os.read(pipe, 65536)
        for pipe, (pid, due) in list(living.items()):
            if time.monotonic() >= due:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                while chunk := os.read(pipe, 65536):
                    acknowledged[pipe] += chunk
                os.close(pipe)
                text += acknowledged.pop(pipe).rpartition(b"\n")[0] + b"\n"
                del living[pipe]
                killed += 1
    json.dump({"killed": killed, "acknowledged": text.decode().split()}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
