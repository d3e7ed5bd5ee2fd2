"""Which flows are new, gone or changed between two records, periods or releases?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from otel_provenance.reports.flows import Flow, key_of


class Change(NamedTuple):
    """What happened to a flow between two records, periods or releases."""

    change: str
    """``new``, ``gone``, ``changed``."""
    flow: Flow
    """As it is in the new one; as it was, where it is gone."""
    was: tuple[str, ...] | None = None
    """The changes on the way that the old one had, where they are others."""


def changes(old: Iterable[Flow], new: Iterable[Flow]) -> list[Change]:
    """Flows that are new, gone or changed on the way: what a release did to the flows of data."""
    before = {key_of(flow): flow for flow in old}
    after = {key_of(flow): flow for flow in new}
    found = [Change("new", flow) for key, flow in after.items() if key not in before]
    found += [
        Change("changed", flow, before[key].changes)
        for key, flow in after.items()
        if key in before and set(before[key].changes) != set(flow.changes)
    ]
    found += [Change("gone", flow) for key, flow in before.items() if key not in after]
    return found
