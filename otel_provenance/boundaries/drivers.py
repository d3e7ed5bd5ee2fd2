"""What a database driver's connection says about its transaction, without asking the server.

SQLAlchemy's and the application's own notion of a transaction can differ from the driver's: autocommit
set on the connection, SQLite's SAVEPOINT outside a transaction, a DDL statement of MySQL that commits, a
PostgreSQL transaction that an error has aborted. The driver's is the truth.
"""

from __future__ import annotations

from typing import Any

IDLE, OPEN, ABORTED = "idle", "open", "aborted"

_IN_TRANSACTION = 0x0001  # SERVER_STATUS_IN_TRANS of the MySQL protocol
_POSTGRES = {0: IDLE, 1: OPEN, 2: OPEN, 3: ABORTED}  # libpq's PGTransactionStatusType; 4 is unknown


def transaction_of(connection: Any) -> str | None:
    """``idle`` (all is committed), ``open``, ``aborted`` (only a rollback can follow), or None: it does not say."""
    within = getattr(connection, "in_transaction", None)  # sqlite3, aiosqlite and their kin
    if isinstance(within, bool):
        return OPEN if within else IDLE
    info = getattr(connection, "info", None)  # psycopg 2 and 3
    status = getattr(info, "transaction_status", None)
    if status is not None:
        return _POSTGRES.get(int(status))
    ask = getattr(connection, "is_in_transaction", None)  # asyncpg
    if callable(ask):
        return OPEN if ask() else IDLE
    flags = getattr(connection, "server_status", None)  # PyMySQL, aiomysql, asyncmy
    if isinstance(flags, int):
        return OPEN if flags & _IN_TRANSACTION else IDLE
    return None
