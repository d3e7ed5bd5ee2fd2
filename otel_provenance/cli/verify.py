"""Is the record whole? Integrity of the file, what hangs together, what is known to be missing.

Reads the whole file. Exit status 1 if it is damaged, with --strict also if facts are missing.
"""

from __future__ import annotations

import argparse
from typing import Final

from otel_provenance.cli.options import FORMATS, add_common
from otel_provenance.cli.output import write_data, write_table
from otel_provenance.cli.phrases import cell
from otel_provenance.cli.record import opened
from otel_provenance.cli.table import Column
from otel_provenance.cli.text import note
from otel_provenance.tables import Finding, verify

_STYLES: Final = {"damage": "red", "gap": "yellow", "note": "dim"}


ROW: Final = Finding
"""What a row is made of in the formats for machines."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """How strict."""
    parser.add_argument("--strict", action="store_true", help="exit status 1 also where facts are missing")
    add_common(parser, FORMATS)


def run(options: argparse.Namespace) -> int:
    """Look, and print what was found."""
    with opened(options) as record:
        findings = verify(record)
    if options.format == "table":
        columns = (
            Column("FINDING", lambda f: cell((f.severity, _STYLES[f.severity]))),
            Column("HOW MANY", lambda f: cell(f"{f.number:,}"), right=True),
            Column("WHAT", lambda f: cell(f.text), wrapped=True, least=30),
        )
        write_table(findings, columns, options)
    else:
        write_data(findings, Finding, options.format)
    if not findings:
        note("the record is whole")
    bad = {"damage", "gap"} if options.strict else {"damage"}
    return 1 if any(finding.severity in bad for finding in findings) else 0
