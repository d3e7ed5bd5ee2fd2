"""Recall, precision and cost of matching on the labelled corpus, by class of transform; and of plain hash equality.

python -m benchmarks.matching_accuracy                what each class reaches
python -m benchmarks.matching_accuracy --failures 50  and the first cases that went wrong
python -m benchmarks.matching_accuracy --transforms   a line for each transform
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from dataclasses import dataclass, field

from otel_provenance.matching import TagIndex, match_tags
from otel_provenance.values import normal_form
from tests.matching.corpus import Case, cases

SURE = 0.5
"""What reports show unless told otherwise."""


@dataclass
class Score:
    """Counts of one class."""

    found: int = 0
    missed: int = 0
    wrong: int = 0
    seconds: list[float] = field(default_factory=list)
    equal: int = 0
    """How many plain hash equality of leaves would find."""

    def line(self, name: str) -> str:
        """A line of the table."""
        wanted = max(1, self.found + self.missed)
        recall, precision = self.found / wanted, self.found / max(1, self.found + self.wrong)
        middle = sorted(self.seconds)[len(self.seconds) // 2] * 1e6
        return f"{name:34} {wanted:6} {recall:8.4f} {precision:10.4f} {middle:9.0f} {self.equal / wanted:14.4f}"


def score(case: Case, index: TagIndex) -> tuple[bool, set[str], float]:
    """(whether the expected tag was found, tags that were wrongly found, seconds)."""
    start = time.thread_time()
    result = match_tags(case.payload, index, **case.options)
    took = time.thread_time() - start
    sure = {match.tag_id for match in result if match.confidence >= SURE}
    return case.expected in sure, sure - {case.expected}, took


def is_equal(case: Case) -> bool:
    """Whether comparing hashes of the payload's leaves would find the tag."""
    leaves = case.payload.values() if isinstance(case.payload, dict) else [case.payload]
    normals = {normal_form(leaf) for leaf in leaves if not isinstance(leaf, (list, dict))}
    return any(tag.normal in normals for tag in case.tags if tag.tag_id == case.expected)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--failures", type=int, default=0, metavar="N", help="show the first N that went wrong")
    parser.add_argument("--transforms", action="store_true", help="a line for each transform")
    arguments = parser.parse_args()
    scores: dict[str, Score] = defaultdict(Score)
    indexes: dict[int, TagIndex] = {}
    shown = 0
    for case in cases():
        index = indexes.get(case.person) or indexes.setdefault(case.person, TagIndex(case.tags))
        found, wrong, took = score(case, index)
        names = ["all", case.group] + ([f"{case.group}: {case.transform}"] if arguments.transforms else [])
        for name in names:
            counted = scores[name]
            counted.seconds.append(took)
            counted.wrong += len(wrong)
            if case.expected:
                counted.found += found
                counted.missed += not found
                counted.equal += is_equal(case)
        if (wrong or (case.expected and not found)) and shown < arguments.failures:
            shown += 1
            missed = "MISSED" if case.expected and not found else "      "
            print(f"{missed} {'WRONG' if wrong else ''} {' '.join(sorted(wrong))} {case.name} {case.payload!r:.150}")
    print(f"{'class':34} {'cases':>6} {'recall':>8} {'precision':>10} {'median µs':>9} {'hash equality':>14}")
    for name in sorted(scores, key=lambda n: (n == "all", n)):
        print(scores[name].line(name))


if __name__ == "__main__":
    main()
