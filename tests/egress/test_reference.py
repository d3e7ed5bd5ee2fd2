"""docs/reference/boundaries.md names every library that is watched."""

from __future__ import annotations

from pathlib import Path

from otel_provenance.boundaries.registry import BOUNDARIES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "boundaries.md"


def test_every_boundary_is_documented():
    text = PAGE.read_text()
    modules = [module.removesuffix(".endpoint").removesuffix(".app.amqp") for module, _ in BOUNDARIES]
    assert [module for module in modules if f"`{module}`" not in text] == []
