"""Is this environment recorded, by which way, what is hooked, what was lost, and what to do about it?"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from otel_provenance import keys, status
from otel_provenance.reports.losses import losses
from otel_provenance.reports.salt import made_with_keys
from otel_provenance.settings import VARIABLES, Retention, Settings
from otel_provenance.tables import SCHEMA_VERSION, RecordError, connect_readonly
from otel_provenance.tables.room import shortage, size_text
from otel_provenance.tables.spool import spools_of
from otel_provenance.version import __version__

State = Literal["good", "note", "warning", "problem"]
_LIBRARIES: Final = (("flask", "Flask"), ("sqlalchemy", "SQLAlchemy"), ("requests", "requests"))
_PROCESSES_SHOWN: Final = 5


class Check(NamedTuple):
    """One thing that was looked at."""

    section: str
    about: str
    state: State
    """``problem`` keeps facts from being recorded or read; ``warning`` is worth a look."""
    says: str
    advice: str = ""
    """What to do, where something is to be done."""


def doctor(settings: Settings, db_path: str) -> list[Check]:
    """All checks of this interpreter, its environment and the record at ``db_path``; none raises."""
    checks = [*_environment(settings), *_variables(settings)]
    checks += _record(settings, db_path, any(check.state == "problem" for check in checks))
    return checks


def _environment(settings: Settings) -> Iterator[Check]:
    section = "this environment"
    python = ".".join(map(str, sys.version_info[:3]))
    yield Check(section, "interpreter", "note", f"Python {python}, {sys.executable}; otel-provenance {__version__}")
    if settings.disabled:
        yield Check(
            section, "recording", "problem", "switched off: PROVENANCE_DISABLE is set", "unset it for the application"
        )
    elif status.ways:
        yield Check(section, "recording", "good", f"on in every process here, by {', '.join(map(_way, status.ways))}")
    else:
        pth = _on_path("otel_provenance.pth")
        ignored = f": it did not run {pth} (python -S, -I, or not a site folder?)" if pth else ""
        yield Check(
            section,
            "recording",
            "problem",
            f"this interpreter was started without it{ignored}",
            "install otel-provenance with this Python's pip, or start the application with opentelemetry-instrument",
        )
    for name, shown in _LIBRARIES:
        version = _installed(name)
        if version is not None:
            yield Check(section, shown, "good", version)
        elif name == "flask":
            yield Check(
                section,
                shown,
                "problem",
                "not installed here, so no request can be recorded here",
                "run doctor with the Python of the application",
            )
        else:
            yield Check(section, shown, "note", "not installed here")

    yield _speedups(section, settings)


def _speedups(section: str, settings: Settings) -> Check:
    version = _installed("otel-provenance-speedups")
    if version is None:
        return Check(section, "speedups", "note", "not installed: large payloads are searched in Python")
    if not settings.speedups:
        return Check(section, "speedups", "note", f"{version}, not used: PROVENANCE_SPEEDUPS is off")
    from otel_provenance.speedups import compiled

    if compiled is None:
        advice = "install the versions of both that were released together"
        return Check(section, "speedups", "warning", f"{version} does not fit this interpreter or version", advice)
    return Check(section, "speedups", "good", version)


def _way(way: str) -> str:
    if way == "pth":
        found = _on_path("otel_provenance.pth")
        return f"the .pth file {found}" if found else "a .pth file"
    if way == "sitecustomize":
        found = _on_path("sitecustomize.py")
        return f"sitecustomize ({found})" if found else "sitecustomize"
    return "opentelemetry-instrument" if way == "distro" else way


def _on_path(name: str) -> str | None:
    for folder in sys.path[1:]:  # the first is the program's own, and was not there when Python looked
        if os.path.isfile(os.path.join(folder, name)):
            return os.path.join(folder, name)
    return None


def _installed(name: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _variables(settings: Settings) -> Iterator[Check]:
    section = "settings"
    for variable, (field, _) in VARIABLES.items():
        if os.environ.get(variable):
            shown = "(set)" if field == "hash_salt" else os.environ[variable]
            yield Check(section, variable, "note", shown)
    for warning in settings.warnings:
        yield Check(section, "environment", "warning", warning, "correct the variable")


def _record(settings: Settings, path: str, trouble: bool) -> Iterator[Check]:
    section = "the record"
    yield from _file(section, path, settings.retention)
    if not os.path.exists(path):
        advice = "first mend what is marked above" if trouble else "start the application and send it a request"
        if "PROVENANCE_DB_PATH" not in os.environ:
            advice += "; without PROVENANCE_DB_PATH the record is in the folder in which it is started"
        yield Check(section, "content", "warning", "nothing is recorded yet", advice)
        return
    try:
        connection = connect_readonly(path)
    except (RecordError, sqlite3.Error, OSError) as error:
        yield Check(section, "content", "problem", str(error))
        return
    try:
        yield from _content(section, connection)
        yield from _salt(section, settings, path, connection)
        yield from _spools(section, path)
        yield from _losses(connection)
        yield from _processes(connection)
    except sqlite3.Error as error:
        yield Check(
            section, "content", "problem", f"{path} cannot be read: {error}", "run 'otel-provenance verify' on it"
        )
    finally:
        connection.close()


def _file(section: str, path: str, retention: Retention) -> Iterator[Check]:
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        yield Check(section, "file", "problem", f"{path}: its folder is missing", f"make it: mkdir -p {folder}")
        return
    if not os.access(folder, os.W_OK):
        yield Check(
            section,
            "folder",
            "problem",
            f"{folder} may not be written by this user, and SQLite keeps files beside the record",
            "let the application's user write there, or set PROVENANCE_DB_PATH",
        )
    if (found := shortage(path, retention)) is not None:
        yield Check(section, "free space", "warning", *found)
    if not os.path.exists(path):
        yield Check(section, "file", "note", f"{path} (not there yet)")
        return
    about = os.stat(path)
    size = about.st_size + (os.path.getsize(f"{path}-wal") if os.path.exists(f"{path}-wal") else 0)
    mode = stat.S_IMODE(about.st_mode)
    yield Check(section, "file", "good", f"{path}, {size_text(size)}, mode {mode:04o}")
    if mode & 0o077:
        yield Check(section, "mode", "warning", "others than its owner may read or write it", f"chmod 600 {path}*")
    if not os.access(path, os.W_OK):
        yield Check(section, "file", "warning", "this user may only read it", "the application's user must write it")


def _content(section: str, connection: sqlite3.Connection) -> Iterator[Check]:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version < SCHEMA_VERSION:
        said = f"{version}, this version writes {SCHEMA_VERSION}"
        yield Check(section, "schema", "note", said, "it is migrated when the application writes again")
    else:
        yield Check(section, "schema", "good", str(version))
    newest = connection.execute("SELECT started_at FROM requests ORDER BY request_id DESC LIMIT 1").fetchone()
    if newest is None:
        yield Check(
            section,
            "content",
            "warning",
            "no request is recorded yet",
            "send the application a request, and look again",
        )
    else:
        yield Check(section, "content", "good", f"the newest request began at {newest[0][:19].replace('T', ' ')} UTC")


def _salt(section: str, settings: Settings, path: str, connection: sqlite3.Connection) -> Iterator[Check]:
    made_with = made_with_keys(connection)
    if len(made_with) > 1:
        yield Check(
            section,
            "salt",
            "warning",
            f"written with {len(made_with)} salts: values of one are not recognised under another",
            "give all processes the same PROVENANCE_HASH_SALT",
        )
    try:
        mine = keys.key_id(keys.existing_salt(settings.hash_salt, path))
    except FileNotFoundError:
        lacks = f"{keys.key_file(path)} is missing, and PROVENANCE_HASH_SALT is not set"
        state: State = "problem" if made_with else "note"
        yield Check(section, "salt", state, lacks, "restore it: without it 'trace VALUE' finds nothing")
        return
    except (OSError, ValueError) as error:
        yield Check(section, "salt", "problem", str(error))
        return
    if made_with and mine not in made_with:
        yield Check(
            section,
            "salt",
            "problem",
            "the record was written with another salt than the one at hand",
            "set PROVENANCE_HASH_SALT, or restore the key file, as the application has it",
        )
    else:
        yield Check(section, "salt", "good", f"fits (fingerprint {mine})")


def _spools(section: str, path: str) -> Iterator[Check]:
    sizes = [os.path.getsize(spool) for spool in spools_of(path) if os.path.exists(spool)]
    if sum(sizes):
        said = f"{size_text(sum(sizes))} in {len(sizes)} spool file{'s' if len(sizes) > 1 else ''} beside it"
        yield Check(section, "waiting", "note", f"{said}: of processes that run, or that could not be taken in")


def _losses(connection: sqlite3.Connection) -> Iterator[Check]:
    section = "losses"
    known = losses(connection)
    if not known:
        yield Check(section, "known losses", "good", "none")
    for loss in known:
        when = f"last at {loss.last_at[:19].replace('T', ' ')} UTC"
        yield Check(
            section, loss.reason, "warning", f"{loss.facts:,} × {loss.kind}, {when}", _REMEDY.get(loss.reason, "")
        )


_REMEDY: Final = {
    "queue_full": "raise PROVENANCE_QUEUE_BYTES, or put the record on a faster disk",
    "disk_full": "free the disk, or let the oldest go in time: PROVENANCE_RETENTION=free=1GB",
    "error": "a fault of otel-provenance: please report the place and type named here",
}


def _processes(connection: sqlite3.Connection) -> Iterator[Check]:
    rows = connection.execute(
        "SELECT pid, coalesce(last_seen_at, started_at), service, version, python, ways, hooked, skipped"
        " FROM processes ORDER BY 2 DESC LIMIT ?",
        (_PROCESSES_SHOWN,),
    )
    for pid, seen, service, version, python, ways, hooked, skipped in rows:
        section = f"process {pid}"
        by = (ways or "?").replace(",", ", ")
        said = f"{service or 'no service name'}, Python {python}, otel-provenance {version}, by {by}"
        yield Check(section, "seen", "note", f"{seen[:19].replace('T', ' ')} UTC: {said}")
        for name, detail in _pairs(hooked):
            yield Check(section, name, "good", f"hooked ({detail})" if detail else "hooked")
        for name, why in _pairs(skipped):
            yield Check(section, name, "warning", f"not hooked: {why}")


def _pairs(text: str | None) -> list[tuple[str, str]]:
    parsed = _parsed(text)
    return [(str(name), str(detail)) for name, detail in parsed.items()] if isinstance(parsed, dict) else []


def _parsed(text: str | None) -> object:
    try:
        return json.loads(text or "null")
    except ValueError:
        return None
