"""What starting costs: any Python, a Flask application, and the command line tool.

python -m benchmarks.startup [--rounds 30]

CPU of whole processes (user and system), started in random order. The environments are alike but for the
project's wheel: `without` it, `with` it (its .pth starts the agent), and without it but with the checkout on
PYTHONPATH (its sitecustomize does).
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
from benchmarks.server import NO_EXPORTERS, PLAIN
from demo.processes import clean_environ
from tests.environments import ROOT, environment, project_wheel

REQUIREMENTS = (
    "flask==3.1.*",
    "sqlalchemy==2.0.*",
    "requests==2.*",
    "opentelemetry-distro",
    "opentelemetry-instrumentation-flask",
    "opentelemetry-instrumentation-sqlalchemy",
    "opentelemetry-instrumentation-requests",
    "opentelemetry-instrumentation-threading",
)
APPLICATION = "import benchmarks.app"


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
    without = environment("startup-without", [*REQUIREMENTS])
    with_it = environment("startup-with", [str(project_wheel()), *REQUIREMENTS])
    empty = folder / "empty"
    empty.mkdir()
    app = ["-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {APPLICATION}"]
    ours = {"OTEL_PYTHON_DISTRO": "otel_provenance"}
    prefix = with_it / "opentelemetry-instrument"
    return {
        "pass": Start([without / "python", "-c", "pass"], PYTHONPATH=str(empty)),
        "pass again": Start([without / "python", "-c", "pass"], PYTHONPATH=str(empty)),
        "pass, .pth": Start([with_it / "python", "-c", "pass"], PYTHONPATH=str(empty)),
        "pass, sitecustomize": Start([without / "python", "-c", "pass"], PYTHONPATH=str(ROOT)),
        "app": Start([without / "python", *app]),
        "app, plain OpenTelemetry": Start([prefix, with_it / "python", *app], **PLAIN),
        "app, otel-provenance prefixed": Start([prefix, with_it / "python", *app], **NO_EXPORTERS, **ours),
        "app, otel-provenance by .pth": Start([with_it / "python", *app]),
        "otel-provenance --help": Start([with_it / "otel-provenance", "--help"]),
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
