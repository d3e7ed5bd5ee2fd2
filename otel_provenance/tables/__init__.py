"""The record: its schema, how to open it, and how rows come in and go out. No OpenTelemetry.

schema      what the tables are, and how older ones become these
opening     make, open, refuse, set aside
rows        facts of a span → rows
inserting   rows → the record, twice is once
spool       facts on their way, in a file that outlives the process
adoption    what dead processes left → the record
retention   no older and no larger than it may be, and the disk not full
room        what is left on the disk, and how the record gives some back
erasure     one person's values out, a proof in
verification  is the record whole?
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from otel_provenance.tables.opening import (
    CorruptRecord,
    OlderRecord,
    RecordError,
    RefusedRecord,
    connect,
    connect_existing,
)
from otel_provenance.tables.schema import SCHEMA, SCHEMA_VERSION

if TYPE_CHECKING:
    from otel_provenance.tables.erasure import Erasure as Erasure
    from otel_provenance.tables.erasure import erase as erase
    from otel_provenance.tables.erasure import erasures_of as erasures_of
    from otel_provenance.tables.retention import prune as prune
    from otel_provenance.tables.rows import time_text as time_text
    from otel_provenance.tables.verification import Finding as Finding
    from otel_provenance.tables.verification import verify as verify

# imported when they are used, so that the command line starts at once
_HOMES = {
    "Erasure": "erasure",
    "erase": "erasure",
    "erasures_of": "erasure",
    "prune": "retention",
    "time_text": "rows",
    "Finding": "verification",
    "verify": "verification",
}

__all__ = [
    "SCHEMA",
    "SCHEMA_VERSION",
    "CorruptRecord",
    "Erasure",
    "Finding",
    "RecordError",
    "RefusedRecord",
    "connect",
    "connect_readonly",
    "erase",
    "erasures_of",
    "prune",
    "time_text",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'otel_provenance.tables' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"otel_provenance.tables.{_HOMES[name]}"), name)


def connect_readonly(path: str) -> sqlite3.Connection:
    """Open the record for reading, with everything in it that has happened.

    What dead processes left in spools, and living ones have not written yet, is brought in first, where this
    user may; an older schema is brought up. Raises RecordError, one clear line, where there is no record, or it
    cannot be read.
    """
    from otel_provenance.tables.spool import spools_of

    if spools_of(path):
        from otel_provenance.tables.adoption import catch_up

        catch_up(path)
    try:
        return connect_existing(path)
    except OlderRecord:
        from otel_provenance.tables.adoption import bring_up

        bring_up(path)
        return connect_existing(path)
