"""Virtual environments beside the project's own, for tests against other versions and other people's applications.

They are made when a test first asks, in ``.venvs/`` (ignored by git), and kept for as long as their
requirements stay the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_VENVS = ROOT / ".venvs"


def environment(name: str, requirements: Sequence[str], python: str = sys.executable) -> Path:
    """The folder with the executables (``python``, ``flask``, …) of an environment that has ``requirements``.

    A requirement is as pip takes it on its command line. One of a local wheel is told apart by its content.
    Raises subprocess.CalledProcessError, with pip's own words in its output, where they cannot be installed.
    """
    digest = hashlib.sha256(repr((python, sys.version_info[:2])).encode())
    for requirement in requirements:
        path = requirement.partition("[")[0]
        digest.update(Path(path).read_bytes() if path.endswith(".whl") else requirement.encode())
    folder = _VENVS / f"{name}-{digest.hexdigest()[:12]}"
    binaries = folder / ("Scripts" if os.name == "nt" else "bin")
    ready = folder / ".ready"
    if not ready.exists():
        for stale in _VENVS.glob(f"{name}-*"):
            if len(stale.name) == len(name) + 13:
                shutil.rmtree(stale, ignore_errors=True)
        _run([python, "-m", "venv", *(["--without-pip"] if _uv() else []), folder])
        _run([*_install(binaries), *requirements])
        ready.touch()
    return binaries


def project_wheel() -> Path:
    """A wheel of the project as it is now, built once for each state of its files."""
    return _wheel(ROOT, "wheels", ("otel_provenance", "exporters", "runtime_provenance", "activation"))


def speedups_wheel() -> Path:
    """A wheel of the speedups; subprocess.CalledProcessError where no C compiler builds them."""
    return _wheel(ROOT / "speedups", "speedups", ("otel_provenance_speedups", "src"))


def _wheel(project: Path, name: str, folders: Sequence[str]) -> Path:
    sources = sorted(
        path
        for folder in folders
        for path in (project / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    digest = hashlib.sha256((project / "pyproject.toml").read_bytes())
    for path in sources:
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    folder = _VENVS / name / digest.hexdigest()[:12]
    if not list(folder.glob("*.whl")):
        shutil.rmtree(folder.parent, ignore_errors=True)
        isolation = ["--installer", "uv"] if _uv() else []
        _run([sys.executable, "-m", "build", "--wheel", *isolation, "--outdir", str(folder), str(project)])
    (wheel,) = folder.glob("*.whl")
    return wheel


def _uv() -> str | None:
    beside = Path(sys.executable).parent / "uv"
    return str(beside) if beside.exists() else shutil.which("uv")


def _install(binaries: Path) -> list[str]:
    uv = _uv()
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", str(binaries / "python")]
    return [str(binaries / "python"), "-m", "pip", "install", "--quiet"]


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr)  # pytest shows it with the failing test
        done.check_returncode()
