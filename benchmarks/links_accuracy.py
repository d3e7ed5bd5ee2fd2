"""Recall and precision of links across requests and processes, on the labelled corpus: each pair of people, and all.

python -m benchmarks.links_accuracy [--failures]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.measure import print_table
from tests.store.lives import PAIRS, Score, score_of_pair


def main() -> None:
    """Play each pair's story in processes of its own, and print what the record tells of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--failures", action="store_true", help="show what went wrong")
    options = parser.parse_args()
    scores: dict[str, Score] = {}
    for pair in PAIRS:
        with tempfile.TemporaryDirectory(prefix="bench-links-") as folder:
            scores[" and ".join(person["name"] for person in pair)] = score_of_pair(Path(folder), pair)
    scores["all"] = sum(scores.values(), Score(0, 0, 0, ()))
    print_table(
        [
            {
                "people": name,
                "values sent": str(score.right + score.missed),
                "told": str(score.right),
                "told wrongly": str(score.wrong),
                "recall": f"{score.recall:.3f}",
                "precision": f"{score.precision:.3f}",
            }
            for name, score in scores.items()
        ]
    )
    if options.failures:
        for line in scores["all"].failures:
            print(line)


if __name__ == "__main__":
    main()
