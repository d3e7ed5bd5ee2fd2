"""What a boundary saw leave the application: a write to a database, or a call to someone else.

Frozen, and free of matching, hashing and storing: a boundary makes one of these from its library's
objects, and the shared calls of ``spans`` do the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Part(NamedTuple):
    """One part of an outgoing call, to be searched for tags."""

    location: str
    """``body``, ``query``, ``path``, ``header``, ``cookie``, ``auth``, ``recipient``, …"""
    payload: Any
    """``str``, ``bytes``, or a structure of dicts, lists and scalars."""
    field: str = ""
    """Name inside the location, where the part has one (a header's name)."""
    media_type: str | None = None
    """Of a body: its content type as declared, parameters included."""


class ShareEvent(NamedTuple):
    """An outgoing call: what went out, to whom, and how it ended."""

    channel: str
    """``http``, ``smtp``, ``queue``, ``log``, ``response``."""
    library: str
    method: str | None = None
    host: str | None = None
    port: int | None = None
    url: str | None = None
    """As called; the recorder takes out user info and redacts query values."""
    parts: tuple[Part, ...] = ()
    payload_type: str | None = None
    payload_bytes: int | None = None
    """Size of the body in bytes, where it is known."""
    status_code: int | None = None
    outcome: str = "sent"
    """``sent``, ``failed``, ``blocked``."""
    inspected: str = "full"
    """What the boundary could show: ``full``, ``partial`` or ``none``; matching may lower it."""
    inspected_reason: str | None = None
    attributes: Mapping[str, Any] = {}
    """OpenTelemetry attributes for the span beside ours (``gen_ai.request.model``)."""


class StorageEvent(NamedTuple):
    """A row that was written, or a writing statement whose rows are not known one by one."""

    operation: str
    """``insert``, ``update``, ``delete``."""
    db_system: str
    db_name: str | None
    table_name: str
    values: tuple[tuple[str, Any], ...] = ()
    """(column as the database knows it, value as the application gave it); empty for a deleted row."""
    primary_key: Mapping[str, Any] | None = None
    model: str | None = None
    row_count: int = 1
    inspected: str = "full"
    deleted_row: bool = False
    """True where this is one deleted row whose key is known."""
