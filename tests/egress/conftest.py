"""A Flask application whose views let data out, third parties that keep what they got, and the record of it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest
from egress.sharing import Kept, Sharing
from egress.wire import WireServer

from otel_provenance import guard, status
from otel_provenance.boundaries.base import install
from otel_provenance.boundaries.registry import BOUNDARIES
from otel_provenance.settings import Settings
from otel_provenance.spans import runtime as runtimes
from otel_provenance.spans.trace_context import is_tracing_asked


@pytest.fixture
def settings() -> Settings:
    return Settings(hash_salt="a salt for tests", body_limit=100_000)


@pytest.fixture
def sharing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sharing]:
    exporter = Kept()
    former = runtimes.replace(runtimes.Runtime(settings, lambda _settings, _salt: exporter))
    monkeypatch.setattr(guard, "strict", True)
    is_tracing_asked.cache_clear()
    status.hooked.clear()  # a test may have taken the hooks out
    for module, target in BOUNDARIES:
        try:
            importlib.import_module(module)
            place, _, name = target.partition(":")
            boundary = getattr(importlib.import_module(place), name)
        except ImportError:
            continue
        install(boundary)
    yield Sharing(exporter, settings)
    runtimes.replace(former)
    is_tracing_asked.cache_clear()


@pytest.fixture
def wire() -> Iterator[WireServer]:
    server = WireServer()
    yield server
    server.stop()


@pytest.fixture
def other_wire() -> Iterator[WireServer]:
    server = WireServer()
    yield server
    server.stop()
