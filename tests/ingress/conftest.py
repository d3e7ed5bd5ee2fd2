"""A Flask application served in this process, and the facts that its requests leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import flask
import pytest
from kept import Kept

from otel_provenance import guard, ingress
from otel_provenance.attributes import Facts
from otel_provenance.boundaries.base import install
from otel_provenance.boundaries.flask import BOUNDARY
from otel_provenance.settings import Settings
from otel_provenance.spans import runtime as runtimes


@dataclass
class Recording:
    """What was recorded so far."""

    exporter: Kept
    settings: Settings
    app: flask.Flask = field(default_factory=lambda: flask.Flask("shop"))

    @property
    def facts(self) -> list[Facts]:
        return self.exporter.facts

    @property
    def request(self) -> Any:
        """The only request's record."""
        (request,) = [facts.request for facts in self.facts if facts.request]
        return request

    @property
    def tags(self) -> dict[tuple[str, str], Any]:
        """(source, field) → the tag's record."""
        return {(tag.source, tag.field): tag for facts in self.facts for tag in facts.tags}


@pytest.fixture
def settings() -> Settings:
    return Settings(hash_salt="a salt for tests", body_limit=100_000)


@pytest.fixture
def recording(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    exporter = Kept()
    former = runtimes.replace(runtimes.Runtime(settings, lambda _settings, _salt: exporter))
    monkeypatch.setattr(guard, "strict", True)
    install(BOUNDARY)
    yield Recording(exporter, settings)
    runtimes.replace(former)


@pytest.fixture(autouse=True)
def _as_long_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many values are taken must not depend on how busy the machine is."""
    monkeypatch.setattr(ingress, "MOST_SECONDS", 60.0)
