"""The blind corpus, and part of that of people: what flowed is found, and nothing else is."""

from __future__ import annotations

from itertools import islice

import pytest

from otel_provenance.matching import TagIndex
from tests.matching import blind, people

EVERY = 17
"""Prime to the numbers of countries and of sinks of the people, so that all of them occur."""
SHOWN = 20
SURE = 0.5


@pytest.mark.parametrize(
    ("cases", "wanted"), [(lambda: islice(people.cases(), 0, None, EVERY), 790), (blind.cases, 6085)]
)
def test_recall_and_precision(cases, wanted):
    found = missed = wrong = 0
    failures = []
    for case in cases():
        sure = {match.tag_id for match in case.look(TagIndex(case.tags)) if match.confidence >= SURE}
        absent, mistaken = case.wanted - sure, sure - case.wanted - case.arguable
        found += len(case.wanted & sure)
        missed += len(absent)
        wrong += len(mistaken)
        if absent or mistaken:
            failures.append(f"missed {sorted(absent)} wrong {sorted(mistaken)} {case.name} {case.payload!r:.200}")
    told = "\n".join(failures[:SHOWN])
    assert found + missed >= wanted
    assert found / (found + missed) >= 0.98, told
    assert found / (found + wrong) >= 0.995, told
