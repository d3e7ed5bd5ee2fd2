"""Part of the corpus of people: what flowed is found, and nothing else is."""

from __future__ import annotations

from itertools import islice

from otel_provenance.matching import TagIndex, match_tags
from tests.matching.people import cases

EVERY = 17
"""Prime to the numbers of countries and of sinks, so that all of them occur."""
SHOWN = 20
SURE = 0.5


def test_recall_and_precision():
    found = missed = wrong = 0
    failures = []
    for case in islice(cases(), 0, None, EVERY):
        result = match_tags(case.payload, TagIndex(case.tags), **case.options)
        sure = {match.tag_id for match in result if match.confidence >= SURE}
        absent, mistaken = case.wanted - sure, sure - case.wanted - case.arguable
        found += len(case.wanted & sure)
        missed += len(absent)
        wrong += len(mistaken)
        if absent or mistaken:
            failures.append(f"missed {sorted(absent)} wrong {sorted(mistaken)} {case.name} {case.payload!r:.200}")
    told = "\n".join(failures[:SHOWN])
    assert found > 500
    assert found / (found + missed) >= 0.98, told
    assert found / (found + wrong) >= 0.995, told
