"""Ids of what a process does outside requests."""

from __future__ import annotations

import itertools
import types
from concurrent.futures import ThreadPoolExecutor

import pytest

from otel_provenance import identifiers
from otel_provenance.identifiers import ProcessIds


def test_they_are_of_a_new_origin_each_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    clock = types.SimpleNamespace(monotonic=lambda: now[0], time_ns=lambda: int(now[0] * 1e9))
    monkeypatch.setattr(identifiers, "time", clock)
    ids = ProcessIds()
    first, second = ids.new("w"), ids.new("s")
    now[0] += 1.0
    third = ids.new("w")
    assert first.partition(".")[0] == second.partition(".")[0] != third.partition(".")[0]
    assert third > first


def test_threads_that_renew_them_at_once_never_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count()
    clock = types.SimpleNamespace(monotonic=lambda: next(ticks) * 0.25, time_ns=lambda: 1_700_000_000_000_000_000)
    monkeypatch.setattr(identifiers, "time", clock)
    ids = ProcessIds()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ids.new("w"), range(4000)))
    assert len(set(made)) == 4000
