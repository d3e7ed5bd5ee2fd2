"""The salt that keys every hash: from the environment, or from a key file beside the database.

The salt is never in the database, a span, a log line or a preview; only its fingerprint is.
"""

from __future__ import annotations

import os
from hashlib import blake2b

_SALT_BYTES = 32


def salt_of(hash_salt: str | None, db_path: str) -> bytes:
    """The salt: PROVENANCE_HASH_SALT where set, else of the key file, which is made if absent.

    Raises OSError where the key file can neither be read nor made, ValueError where it is damaged.
    """
    if hash_salt:
        return hash_salt.encode("utf-8", "surrogateescape")
    return _read_or_make(key_file(db_path))


def existing_salt(hash_salt: str | None, db_path: str) -> bytes:
    """As ``salt_of``, but FileNotFoundError where there is no key file: a reader makes none."""
    if hash_salt:
        return hash_salt.encode("utf-8", "surrogateescape")
    return _read(key_file(db_path))


def key_file(db_path: str) -> str:
    """Where the random salt of a database lives."""
    return f"{db_path}.key"


def key_id(salt: bytes) -> str:
    """Fingerprint of a salt, 16 hex digits: tells a file made with another salt apart."""
    return blake2b(salt, digest_size=8, person=b"otel-prov-key-id").hexdigest()


def _read_or_make(path: str) -> bytes:
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    # written whole under a name of its own, then linked: of many first processes one wins, none reads half
    draft = f"{path}.{os.getpid()}.{os.urandom(4).hex()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(_SALT_BYTES).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            if not os.path.exists(path):
                os.replace(draft, path)
    finally:
        if os.path.exists(draft):
            os.unlink(draft)
    return _read(path)


def _read(path: str) -> bytes:
    with open(path, encoding="ascii", errors="strict") as file:
        text = file.read().strip()
    try:
        salt = bytes.fromhex(text)
    except ValueError:
        salt = b""
    if len(salt) < 16:
        raise ValueError(f"{path} is not a key file of otel-provenance: restore it, or set PROVENANCE_HASH_SALT")
    return salt
