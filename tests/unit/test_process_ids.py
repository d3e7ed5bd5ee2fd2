"""Ids of what a process does outside requests."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from otel_provenance import identifiers
from otel_provenance.identifiers import ProcessIds


def test_they_are_of_a_new_origin_each_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(identifiers.time, "monotonic", lambda: clock[0])
    ids = ProcessIds()
    first, second = ids.new("w"), ids.new("s")
    clock[0] += 1.0
    third = ids.new("w")
    assert first.partition(".")[0] == second.partition(".")[0] != third.partition(".")[0]
    assert third > first


def test_threads_that_renew_them_at_once_never_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count()
    monkeypatch.setattr(identifiers.time, "monotonic", lambda: next(ticks) * 0.25)
    ids = ProcessIds()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ids.new("w"), range(4000)))
    assert len(set(made)) == 4000
