"""What a boundary saw leave the application: a write to a database, or a call to someone else.

Frozen, and free of matching, hashing and storing: a boundary makes one of these from its library's
objects, and the shared calls of ``spans`` do the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
    payload: Any = None
    """What went out as one piece, where no body part is all of it (a MIME message): for size, hash, preview."""


@dataclass(frozen=True, slots=True)
class Expression:
    """Stands for a column's value that the database computes, of which only bound values are known."""

    values: tuple[Any, ...]


_COMPARABLE = frozenset({str, int, float, bool, bytes, type(None)})


def the_same_or_both(inserted: Any, updated: Any) -> Any:
    """The value that a column has if either of two was stored; their ``Expression`` where they differ."""
    if inserted is updated:
        return inserted
    # objects of the application's own are not compared: that would run its code
    if type(inserted) is type(updated) and type(inserted) in _COMPARABLE and inserted == updated:
        return inserted
    return Expression((inserted, updated))


class StorageEvent(NamedTuple):
    """What one statement wrote to one table: its rows where they are known, else how many there were."""

    operation: str
    """``insert``, ``update``, ``delete``."""
    db_system: str
    db_name: str | None
    table_name: str
    columns: tuple[str, ...] = ()
    """Written columns, as the database knows them; none for a deletion."""
    rows: Sequence[Sequence[Any]] = ()
    """For each row its values, in the order of ``columns``, as the application gave them."""
    key_columns: tuple[str, ...] = ()
    keys: Sequence[Sequence[Any] | None] = ()
    """For each row (or each deleted row) its primary key, in the order of ``key_columns``; None where unknown."""
    model: str | None = None
    row_count: int | None = None
    """How many rows were written, where ``rows`` and ``keys`` do not say it; -1 if the database does not tell."""
    inspected: str = "full"
    is_certain: bool = True
    """False where the database does not tell which of the rows it wrote: a commit leaves the outcome unknown."""
    as_sent: Callable[[int, str], Any] | None = None
    """(place of a row, column) → the value as the driver got it: asked where the application's own is of a class
    of its own, which is not looked at."""
    unsure: frozenset[str] = frozenset()
    """Columns that may not have been written, where the others were: an upsert inserts them or updates without them."""
