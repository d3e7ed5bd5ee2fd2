"""What starting costs: any Python, a Flask application, and the command line tool.

python -m benchmarks.startup [--rounds 30]

CPU of whole processes (user and system), started in random order, in two environments: the application's with
OpenTelemetry's stock distribution and instrumentors, and the application's with the project's wheel (its .pth
starts the agent). In the first, the checkout on PYTHONPATH starts it too (its sitecustomize does).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import print_table, rounds, shown_ratio
from benchmarks.server import APPLICATION, NO_EXPORTERS, STOCK
from demo.processes import clean_environ
from tests.environments import ROOT, environment, project_wheel

STARTED = "import benchmarks.app"


class Start:
    """A program that is started again and again."""

    def __init__(self, command: list[str | Path], **environ: str) -> None:
        self.command = [str(part) for part in command]
        self.environ = {**clean_environ(), **environ}

    def run(self, folder: Path) -> float:
        """Milliseconds of CPU from start to end."""
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(self.command, env=self.environ, cwd=folder, stdout=output, stderr=output)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = status
        if status:
            raise SystemExit(f"{' '.join(self.command)} failed: {(folder / 'output').read_text()[-500:]}")
        return (used.ru_utime + used.ru_stime) * 1000


def starts(folder: Path) -> dict[str, Start]:
    """Name → program."""
    stock = environment("bench-stock", [*APPLICATION, *STOCK])
    ours = environment("startup-ours", [*APPLICATION, str(project_wheel())])
    empty = folder / "empty"
    empty.mkdir()
    app = ["-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {STARTED}"]
    prefix = "opentelemetry-instrument"
    return {
        "pass": Start([stock / "python", "-c", "pass"], PYTHONPATH=str(empty)),
        "pass again": Start([stock / "python", "-c", "pass"], PYTHONPATH=str(empty)),
        "pass, .pth": Start([ours / "python", "-c", "pass"], PYTHONPATH=str(empty)),
        "pass, sitecustomize": Start([stock / "python", "-c", "pass"], PYTHONPATH=str(ROOT)),
        "app": Start([stock / "python", *app]),
        "app, plain OpenTelemetry": Start([stock / prefix, stock / "python", *app], **NO_EXPORTERS),
        "app, otel-provenance prefixed": Start([ours / prefix, ours / "python", *app]),
        "app, otel-provenance by .pth": Start([ours / "python", *app]),
        "otel-provenance --help": Start([ours / "otel-provenance", "--help"]),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--only", nargs="+", default=[], help="part of a program's name")
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-startup-") as name:
            folder = Path(name)
            programs = starts(folder)
            wanted = [n for n in programs if not arguments.only or any(part in n for part in arguments.only)]
            for program in wanted:
                programs[program].run(folder)  # compiled and cached
            given = rounds(arguments.rounds, wanted, lambda one: programs[one].run(folder))
    except subprocess.CalledProcessError as error:
        print(f"benchmarks.startup: {error}", file=sys.stderr)
        return 1
    rows = []
    for program, costs in given.items():
        row = {
            "started": program,
            "CPU": f"{statistics.median(costs):.1f} ms",
            "to pass": "",
            "to plain OpenTelemetry": "",
        }
        if program.startswith("pass,") and "pass" in given:
            more = statistics.median([a - b for a, b in zip(costs, given["pass"], strict=True)])
            row["to pass"] = f"{more:+.1f} ms"
        if program.startswith("app") and "app, plain OpenTelemetry" in given:
            row["to plain OpenTelemetry"] = shown_ratio(costs, given["app, plain OpenTelemetry"])
        rows.append(row)
    print_table(rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
