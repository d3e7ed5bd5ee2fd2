"""The hash under which a record knows a value."""

from __future__ import annotations

import sqlite3

from otel_provenance import keys
from otel_provenance.settings import Settings
from otel_provenance.tables import RecordError
from otel_provenance.values import hash_value


def hash_in(connection: sqlite3.Connection, value: str, settings: Settings, db_path: str) -> str:
    """The keyed hash of a value, by the salt at hand; RecordError where that is not the record's salt."""
    try:
        salt = keys.existing_salt(settings.hash_salt, db_path)
    except FileNotFoundError:
        raise RecordError(
            f"{keys.key_file(db_path)} is missing, and values are only known by their keyed hash:"
            " restore it, or set PROVENANCE_HASH_SALT"
        ) from None
    except ValueError as error:
        raise RecordError(str(error)) from None
    made_with = made_with_keys(connection)
    if made_with and keys.key_id(salt) not in made_with:
        raise RecordError(
            "this record was written with another salt than the one at hand: set PROVENANCE_HASH_SALT,"
            " or restore the key file, as the application has it"
        )
    return hash_value(value, salt)


def salt_at_hand(settings: Settings, db_path: str) -> bytes | None:
    """The salt, for what is better with it and goes on without."""
    try:
        return keys.existing_salt(settings.hash_salt, db_path)
    except (OSError, ValueError):
        return None


def made_with_keys(connection: sqlite3.Connection) -> list[str]:
    """The fingerprints of the salts that the record was written with."""
    rows = connection.execute("SELECT name FROM meta WHERE name >= 'key:' AND name < 'key;' ORDER BY value, name")
    return [str(name).removeprefix("key:") for (name,) in rows]
