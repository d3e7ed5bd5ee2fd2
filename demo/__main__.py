"""python -m demo [FOLDER]: run the shop, play the customers, tell what was recorded, and check it."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from demo import cast, check, stage, story
from demo.processes import DidNotStart, stop_children_on_sigterm


def main() -> int:
    """0 if the record says what it should."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="where to leave the record (default: a new one)")
    folder: Path = parser.parse_args().folder or Path(tempfile.mkdtemp(prefix="otel-provenance-demo-"))
    stop_children_on_sigterm()
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        parser.error(f"{folder} is not empty: name a new folder")
    story.title("A shop, run with: opentelemetry-instrument flask --app shop run")
    try:
        with stage.third_parties(folder) as proxy, stage.shop(folder, proxy) as url:
            cast.play(url, lambda line: print(f"  {line}", flush=True))
    except BrokenPipeError:
        raise
    except (DidNotStart, AssertionError, OSError) as error:
        print(f"demo: {error}; the shop's output is in {folder / 'shop.log'}", file=sys.stderr)
        return 1
    problems = story.tell_story(folder)
    story.title("Is that what happened?")
    problems += check.problems(folder)
    for problem in problems:
        print(f"  wrong: {problem}")
    if not problems:
        print(f"  Yes: {check.SUMMARY}")
    print(f"\nThe record is {folder / check.RECORD}. Ask it more: cd {folder} && otel-provenance --help")
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except BrokenPipeError:  # the reader (``| head``) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
