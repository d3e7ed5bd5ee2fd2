"""Of several sitecustomize modules on the path each runs once, whoever hides whom."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from environments import ROOT
from processes import clean_environment

COUNT = "import sys; sys.ran = getattr(sys, 'ran', ()) + (__file__,)\n"


def run(*folders: Path) -> str:
    environ = clean_environment(PYTHONPATH=os.pathsep.join(map(str, folders)))
    command = [sys.executable, "-S", "-c", "import sitecustomize, sys; print(len(getattr(sys, 'ran', ())))"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    return done.stdout.strip()


def test_two_checkouts_do_not_call_each_other_for_ever(tmp_path: Path) -> None:
    others = tmp_path / "other"
    others.mkdir()
    (others / "sitecustomize.py").write_text(COUNT)
    copies = []
    for name in ("one", "two"):
        copy = tmp_path / name
        copy.mkdir()
        shutil.copy(ROOT / "sitecustomize.py", copy)
        copies.append(copy)
    assert run(*copies, others) == "1"
    assert run(copies[0], copies[1], copies[0], others) == "1"
