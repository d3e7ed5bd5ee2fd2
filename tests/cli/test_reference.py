"""The reference of the command line is what the command line says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_it_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "docs.generate", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_and_option_is_in_it() -> None:
    from otel_provenance.cli import COMMANDS
    from otel_provenance.cli.run import parser_of

    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    common, *_ = page.partition("\n## ")
    for command in COMMANDS:
        section = page.partition(f"\n## {command}\n")[2].partition("\n## ")[0]
        _, parser = parser_of(command)
        for action in parser._actions:
            assert action.help
            for option in action.option_strings:
                assert re.search(rf"^\| `([^`]*, )?{option}[, `]", section or "", re.MULTILINE) or re.search(
                    rf"^\| `([^`]*, )?{option}[, `]", common, re.MULTILINE
                ), (command, option)


def test_flags_that_may_stand_before_the_command_are_known() -> None:
    from otel_provenance import cli
    from otel_provenance.cli.run import parser_of

    flags = {
        option
        for command in cli.COMMANDS
        for action in parser_of(command)[1]._actions
        if action.nargs == 0
        for option in action.option_strings
    }
    assert flags <= cli._FLAGS
