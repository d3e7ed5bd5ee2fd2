"""python -m benchmarks [NAME …]: run the benchmarks, one after another."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import benchmarks

_PARTS = {"__main__", "app", "peer", "measure", "profile"}


def main() -> int:
    found = sorted({module.name for module in pkgutil.iter_modules(benchmarks.__path__)} - _PARTS)
    wanted = sys.argv[1:] or found
    unknown = set(wanted) - set(found)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(found)}", file=sys.stderr)
        return 2
    failed = 0
    for name in wanted:
        print(f"\n=== {name} ===", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
