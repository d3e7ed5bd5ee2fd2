"""Which flows are new, gone or changed between two records, periods or releases?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from otel_provenance.reports.flows import Flow, key_of


class Change(NamedTuple):
    """What happened to a flow between two records, periods or releases."""

    change: str
    """``new``, ``gone``, ``changed``."""
    route: str | None
    """This and what follows: of the flow as it is in the new one; as it was, where it is gone."""
    source: str | None
    field: str | None
    category: str | None
    via: str | None
    goes: str
    place: str | None
    changes: tuple[str, ...]
    was: tuple[str, ...] | None
    """The changes on the way that the old one had, where they are others."""
    times: int
    first_at: str
    last_at: str


def changes(old: Iterable[Flow], new: Iterable[Flow]) -> list[Change]:
    """Flows that are new, gone or changed on the way: what a release did to the flows of data."""
    before = {key_of(flow): flow for flow in old}
    after = {key_of(flow): flow for flow in new}
    found = [_change("new", flow) for key, flow in after.items() if key not in before]
    found += [
        _change("changed", flow, before[key].changes)
        for key, flow in after.items()
        if key in before and set(before[key].changes) != set(flow.changes)
    ]
    return found + [_change("gone", flow) for key, flow in before.items() if key not in after]


def _change(change: str, flow: Flow, was: tuple[str, ...] | None = None) -> Change:
    return Change(
        change,
        flow.route,
        flow.source,
        flow.field,
        flow.category,
        flow.via,
        flow.goes,
        flow.place,
        flow.changes,
        was,
        flow.times,
        flow.first_at,
        flow.last_at,
    )
