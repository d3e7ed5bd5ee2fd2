"""Open the record: make it, migrate it, refuse what is not ours, set aside what is damaged.

The file is 0600 from its first moment. It is opened in WAL mode, so that readers and the writers of many
processes do not keep each other waiting (https://sqlite.org/wal.html).
"""

from __future__ import annotations

import os
import sqlite3
import time

from otel_provenance.tables.schema import APPLICATION_ID, MIGRATIONS, SCHEMA, SCHEMA_VERSION, statements

_HEADER = b"SQLite format 3\x00"


class RecordError(Exception):
    """The record cannot be used as it is: one line that says what, where and what to do."""


class RefusedRecord(RecordError):
    """The file is not ours to write: a newer schema, another application's database, no database at all."""


class OlderRecord(RecordError):
    """The file has an older schema: opening it for writing brings it up."""


class CorruptRecord(RecordError):
    """The file is a record, but damaged."""


def connect(path: str, *, timeout_s: float = 5.0) -> sqlite3.Connection:
    """Open the record for writing: made if absent (mode 0600), migrated if older (a copy is kept).

    Raises RefusedRecord where the file is no database, another application's, or has a newer schema;
    CorruptRecord where it is damaged; sqlite3.Error and OSError as they come otherwise.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        pass
    connection = sqlite3.connect(path, timeout=timeout_s, isolation_level=None, check_same_thread=False)
    try:
        _configure(connection)
        version = _version(connection, path)
        if version == 0:
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")  # only a file without pages takes it
        connection.execute("PRAGMA journal_mode=WAL")
        if version < SCHEMA_VERSION:
            _bring_up(connection, path)
    except sqlite3.DatabaseError as error:
        connection.close()
        if is_corruption(error):
            raise _damaged(path) from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def connect_existing(path: str) -> sqlite3.Connection:
    """Open the record for reading; RecordError, one clear line, where there is none or it is not ours."""
    if not os.path.exists(path):
        raise RecordError(f"{path}: no such file; run the application first, or name the file with --db")
    if os.path.isdir(path):
        raise RecordError(f"{path} is a folder: name the file in it with --db")
    if not os.access(path, os.R_OK):
        raise RecordError(f"{path} cannot be read: its owner is another user")
    # a reader makes -wal and -shm files; where it may not, a file that nobody writes can be read as it lies
    frozen = not os.access(os.path.dirname(os.path.abspath(path)), os.W_OK) and not os.path.exists(f"{path}-wal")
    uri = f"{_file_uri(path)}?{'immutable=1' if frozen else 'mode=ro'}"
    connection = sqlite3.connect(uri, uri=True, timeout=5.0, isolation_level=None)
    try:
        version = _version(connection, path)
        if version == 0:
            raise RefusedRecord(f"{path} is a database, but not a record of otel-provenance: name another with --db")
        if version < SCHEMA_VERSION:
            raise OlderRecord(
                f"{path} has schema {version}, and cannot be brought to {SCHEMA_VERSION}: copy it to "
                f"a folder that can be written"
            )
    except sqlite3.DatabaseError as error:
        connection.close()
        if is_corruption(error):
            raise _damaged(path) from error
        raise RecordError(f"{path} cannot be read: {error}") from error
    except BaseException:
        connection.close()
        raise
    return connection


def is_corruption(error: BaseException) -> bool:
    """Whether SQLite says that the file is damaged, or no database."""
    text = str(error)
    return isinstance(error, sqlite3.DatabaseError) and ("malformed" in text or "not a database" in text)


def set_aside(path: str, inode: int | None = None) -> str | None:
    """Move a damaged record, with what SQLite keeps beside it, to a name with the time in it; the new name.

    ``inode`` is the damaged file's: where another process has put a new file in its place, None is returned
    and nothing is done.
    """
    aside = f"{path}.corrupt-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}"
    if inode is not None and _inode(path) != inode:
        return None
    os.rename(path, aside)
    if inode is not None and _inode(aside) != inode:  # replaced between the two lines: put it back
        os.link(aside, path)
        os.unlink(aside)
        return None
    for suffix in ("-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.rename(path + suffix, aside + suffix)
    return aside


def _inode(path: str) -> int | None:
    try:
        return os.stat(path).st_ino
    except OSError:
        return None


def _file_uri(path: str) -> str:
    from urllib.parse import quote

    return "file:" + quote(os.path.abspath(path))


def _damaged(path: str) -> RecordError:
    with open(path, "rb") as file:
        start = file.read(len(_HEADER))
    if start != _HEADER:
        return RefusedRecord(f"{path} is not a SQLite database: move it away, or name another file")
    return CorruptRecord(f"{path} is damaged: copy it, and try `sqlite3 {path} .recover`")


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA journal_size_limit=0")  # so that the WAL's size says what is in it
    connection.execute("PRAGMA cache_size=-4096")


def _version(connection: sqlite3.Connection, path: str) -> int:
    """The file's schema; 0 where it is empty. Raises RefusedRecord where it is not ours."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    ours = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not ours and not {"requests", "data_events", "tag_matches"} <= tables:
        if tables or version:
            raise RefusedRecord(
                f"{path} is a database of another application: set PROVENANCE_DB_PATH to a file of its own"
            )
        return 0
    if version > SCHEMA_VERSION:
        raise RefusedRecord(
            f"{path} has schema {version}, this otel-provenance knows up to {SCHEMA_VERSION}: upgrade it"
        )
    return version


def _bring_up(connection: sqlite3.Connection, path: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection, path)  # another process may have been first
        if version == 0:
            for statement in statements(SCHEMA):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO meta VALUES ('created_at', ?)", (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),)
            )
        elif version < SCHEMA_VERSION:
            _keep_copy(path, version)
            for step in range(version + 1, SCHEMA_VERSION + 1):
                MIGRATIONS[step](connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _keep_copy(path: str, version: int) -> None:
    """Copy the record as it is now, while the caller's transaction keeps every writer away."""
    copy = f"{path}.schema-{version}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    source = sqlite3.connect(path)
    target = sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
