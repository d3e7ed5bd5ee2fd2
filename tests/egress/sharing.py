"""Code that runs as a view of a request which brought FORM in, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flask
from kept import Kept

from otel_provenance.attributes import Facts, read_facts
from otel_provenance.settings import Settings

FORM = {
    "email": "ada.lovelace@example.com",
    "name": "Ada Lovelace",
    "phone": "+44 20 7946 0958",
    "city": "Saint-Étienne",
    "note": "please ring the bell twice",
}


@dataclass
class Sharing:
    """Runs code as a view of a request that brought FORM in, and tells what was recorded."""

    exporter: Kept
    settings: Settings

    def serve(self, view: Callable[[], Any], form: dict[str, str] | None = None, **options: Any) -> Any:
        """What the view returned; what it raised is raised."""
        result: list[Any] = []
        app = flask.Flask("shop")
        app.testing = True

        @app.post("/")
        def endpoint() -> str:
            dict(flask.request.form)
            result.append(view())
            return "ok"

        app.test_client().post("/", data=FORM if form is None else form, **options)
        return result[0]

    @property
    def facts(self) -> list[Facts]:
        return self.exporter.facts

    @property
    def shares(self) -> list[Facts]:
        """Facts of each share, in the order in which the calls began."""
        found = [facts for facts in self.facts if facts.share]
        return sorted(found, key=lambda facts: facts.share.occurred_at)  # type: ignore[union-attr]

    @property
    def share(self) -> Facts:
        (only,) = self.shares
        return only

    @property
    def request(self) -> Any:
        (request,) = [facts.request for facts in self.facts if facts.request]
        return request

    @property
    def fields(self) -> dict[str, str]:
        """tag id → the form field that it came from."""
        return {tag.tag_id: tag.field for facts in self.facts for tag in facts.tags}

    def edges(self, share: Facts | None = None, least: float = 0.5) -> set[tuple[str, str, str]]:
        """(form field, location, field) of each match that is likely."""
        share = share or self.share
        return {
            (self.fields[m.tag_id], m.location, m.field)
            for m in share.matches
            if m.confidence >= least and m.tag_id in self.fields
        }

    def matched(self, share: Facts | None = None) -> set[tuple[str, str]]:
        """(form field, location), whatever the path inside."""
        return {(field, location) for field, location, _ in self.edges(share)}

    def span_of(self, share: Facts) -> Any:
        (span,) = [s for s in self.exporter.spans if share.share and read_facts(s.attributes).share == share.share]
        return span
