"""Recall, precision and cost of matching on a labelled corpus, by class of transform; and of plain hash equality.

python -m benchmarks.matching_accuracy                   what each class reaches
python -m benchmarks.matching_accuracy --corpus people   the same of whole requests of people of nine countries
python -m benchmarks.matching_accuracy --corpus blind    the same of requests labelled without knowing the matcher
python -m benchmarks.matching_accuracy --failures 50     and the first cases that went wrong
python -m benchmarks.matching_accuracy --transforms      a line for each transform
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from otel_provenance.matching import TagIndex
from otel_provenance.values import normal_form
from tests.matching import blind, corpus, people

Case = corpus.Case | blind.Case
CORPORA: dict[str, Callable[[], Iterable[Case]]] = {
    "transforms": corpus.cases,
    "people": people.cases,
    "blind": blind.cases,
}
SURE = 0.5
"""What reports show unless told otherwise."""


@dataclass
class Score:
    """Counts of one class."""

    cases: int = 0
    found: int = 0
    missed: int = 0
    wrong: int = 0
    seconds: list[float] = field(default_factory=list)
    equal: int = 0
    """How many plain hash equality of leaves would find."""

    def line(self, name: str) -> str:
        """A line of the table."""
        wanted, reported = self.found + self.missed, self.found + self.wrong
        recall = f"{self.found / wanted:.4f}" if wanted else "-"
        precision = f"{self.found / reported:.4f}" if reported else "-"
        equal = f"{self.equal / wanted:.4f}" if wanted else "-"
        middle = sorted(self.seconds)[len(self.seconds) // 2] * 1e6
        counts = f"{self.cases:6} {wanted:6} {recall:>8} {precision:>10} {self.wrong:6}"
        return f"{name:34} {counts} {middle:9.0f} {equal:>14}"


def score(case: Case, index: TagIndex) -> tuple[set[str], set[str], float]:
    """(tags that should have been found and were not, tags that were wrongly found, seconds)."""
    start = time.thread_time()
    result = case.look(index)
    took = time.thread_time() - start
    sure = {match.tag_id for match in result if match.confidence >= SURE}
    return set(case.wanted - sure), sure - case.wanted - case.arguable, took


def equal_tags(case: Case) -> int:
    """How many of the tags comparing hashes of the payload's leaves would find."""
    leaves = case.payload.values() if isinstance(case.payload, dict) else [case.payload]
    normals = {normal_form(leaf) for leaf in leaves if not isinstance(leaf, (list, dict))}
    return sum(tag.normal in normals for tag in case.tags if tag.tag_id in case.wanted)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", choices=CORPORA, default="transforms", help="default: %(default)s")
    parser.add_argument("--failures", type=int, default=0, metavar="N", help="show the first N that went wrong")
    parser.add_argument("--transforms", action="store_true", help="a line for each transform")
    arguments = parser.parse_args()
    scores: dict[str, Score] = defaultdict(Score)
    index = TagIndex([])
    tags = None
    shown = 0
    for case in CORPORA[arguments.corpus]():
        if case.tags is not tags:
            tags, index = case.tags, TagIndex(case.tags)
        missed, wrong, took = score(case, index)
        names = ["all", case.group] + ([f"{case.group}: {case.transform}"] if arguments.transforms else [])
        for name in names:
            counted = scores[name]
            counted.cases += 1
            counted.seconds.append(took)
            counted.wrong += len(wrong)
            counted.found += len(case.wanted) - len(missed)
            counted.missed += len(missed)
            counted.equal += equal_tags(case)
        if (missed or wrong) and shown < arguments.failures:
            shown += 1
            told = [f"MISSED {' '.join(sorted(missed))}"] if missed else []
            told += [f"WRONG {' '.join(sorted(wrong))}"] if wrong else []
            print(f"{', '.join(told)}: {case.name} {case.payload!r:.150}")
    header = f"{'cases':>6} {'wanted':>6} {'recall':>8} {'precision':>10} {'wrong':>6}"
    print(f"{'class':34} {header} {'median µs':>9} {'hash equality':>14}")
    for name in sorted(scores, key=lambda n: (n == "all", n)):
        print(scores[name].line(name))


if __name__ == "__main__":
    main()
