"""The corpus that was labelled without knowing the matcher: as good as when it was measured first, and no worse."""

from __future__ import annotations

from otel_provenance.matching import TagIndex
from tests.matching.blind import cases

SHOWN = 20
SURE = 0.5


def test_recall_and_precision():
    found = missed = wrong = 0
    failures = []
    for case in cases():
        sure = {match.tag_id for match in case.look(TagIndex(case.tags)) if match.confidence >= SURE}
        absent, mistaken = case.wanted - sure, sure - case.wanted - case.arguable
        found += len(case.wanted & sure)
        missed += len(absent)
        wrong += len(mistaken)
        if absent or mistaken:
            failures.append(f"missed {sorted(absent)} wrong {sorted(mistaken)} {case.name}")
    told = "\n".join(failures[:SHOWN])
    assert found + missed == 6085
    assert found / (found + missed) >= 0.98, told
    assert found / (found + wrong) >= 0.995, told
