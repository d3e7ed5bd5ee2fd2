"""Tag: a value that a request brought in; and the tags of one request.

A tag holds the value itself only in memory, for matching, and only as long as the request's scope
lives; what leaves the process is its record, which has the keyed hash and a redacted preview.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from otel_provenance.categories import category_of, category_of_text, rules_of
from otel_provenance.fieldnames import LONGEST_NAME, kept_name
from otel_provenance.identifiers import IdSequence
from otel_provenance.records import TagRecord
from otel_provenance.values import (
    SHAPES_OF_ASCII,
    hash_normal,
    hash_value,
    is_sensitive,
    keyed_state,
    normal_ascii,
    normal_form,
    normal_text,
    redact,
    shown_field,
)


class Tag(NamedTuple):
    """One value that came in: where from, and what identifies it."""

    tag_id: str
    source: str
    """``query``, ``form``, ``json``, ``cookie``, ``path``, ``header``, ``file``, ``body``; ``upstream`` for a
    tag of another service, of which only the hash is known."""
    field: str
    value: Any
    """As it came: ``str``, ``int``, ``float``, ``bool``, ``None`` or ``bytes``."""
    normal: str
    """``values.normal_form`` of it."""
    value_hash: str
    occurred_at: int
    """Unix nanoseconds."""
    category: str | None = None

    def __repr__(self) -> str:  # the value is personal data: it must not reach a log
        return f"Tag({self.tag_id!r}, {self.source!r}, {self.field!r})"

    def to_record(self, capture_limit: int) -> TagRecord:
        """What of the tag is recorded."""
        return records_of((self,), capture_limit)[0]


_TYPE_NAMES = {bool: "bool", int: "int", float: "float", type(None): "null"}
_new: Any = tuple.__new__
"""Of a named tuple without the Python function that its class has for it."""


@lru_cache(maxsize=8192)
def _shown(field: str) -> tuple[str, bool]:
    """A field's name as it is recorded, and whether its values have no preview."""
    return shown_field(field), is_sensitive(field)


def records_of(tags: Iterable[Tag], capture_limit: int) -> list[TagRecord]:
    """What of tags is recorded."""
    records: list[TagRecord] = []
    for tag_id, source, field, value, normal, value_hash, occurred_at, category in tags:
        name, is_secret = _shown(field)
        kind = "str"
        text = normal
        if isinstance(value, str):
            size = len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
            text = value
        elif isinstance(value, bytes):
            size, kind = len(value), "bytes"
        else:
            size, kind = len(normal), _TYPE_NAMES.get(type(value), "str")
        shown = "" if is_secret or capture_limit <= 0 else text[:capture_limit]
        if shown.isascii():  # the quick way of redact()
            preview = shown.encode("ascii").translate(SHAPES_OF_ASCII).decode("ascii") or None
        else:
            preview = redact(shown)
        record = (tag_id, occurred_at, source, name, value_hash, size, kind, preview, category)
        records.append(_new(TagRecord, record))
    return records


def make_tag(source: str, field: str, value: Any, salt: bytes, tag_id: str, occurred_at: int | None = None) -> Tag:
    """A tag of one value; pure but for the clock."""
    normal = normal_form(value)
    field = kept_name(field)
    return Tag(
        tag_id,
        source,
        field,
        value,
        normal,
        hash_normal(normal, salt),
        time.time_ns() if occurred_at is None else occurred_at,
        category_of(source, field, value),
    )


class TagSet:
    """The tags of one request, growing as the application reads the request's parts.

    A part that is at hand but not parsed yet (a raw body) waits in ``pending`` as a function that adds its
    tags: it runs when a sink asks which tags there are, or when the request ends, whichever is first.
    """

    __slots__ = ("_ids", "hashes", "index", "indexed", "pending", "salt", "tags", "upstream")

    def __init__(self, ids: IdSequence, salt: bytes) -> None:
        self.tags: list[Tag] = []
        self.upstream: list[Tag] = []
        """Tags of the services that called this one, known by hash only."""
        self.pending: list[Callable[[], None]] = []
        self.salt = salt
        self.hashes: dict[str, str] = {}
        """Of the texts that came in, ``values.hash_value`` of each."""
        self._ids = ids
        self.index: Any = None
        """What is searched for them, made of the first ``indexed``."""
        self.indexed = -1

    def add(self, source: str, field: str, value: Any, occurred_at: int | None = None) -> None:
        """Make a tag of a value that came in, and know it from now on."""
        self.add_all(source, ((field, value),), time.time_ns() if occurred_at is None else occurred_at)

    def add_all(self, source: str, values: Iterable[tuple[str, Any]], occurred_at: int) -> None:
        """As ``add``, of (field, value) each."""
        copy_of_state = keyed_state(self.salt).copy
        begin, number = self._ids.prefix + ".t", self._ids.next
        tags, hashes = self.tags, self.hashes
        for field, value in values:
            if len(field) > LONGEST_NAME:
                field = kept_name(field)
            is_text = type(value) is str
            if not is_text:
                normal = normal_form(value)
            elif normal_ascii and value.isascii() and "\0" not in value:  # the quick way of normal_text()
                normal = normal_ascii(value)
            else:
                normal = normal_text(value)
            state = copy_of_state()
            state.update(normal.encode("utf-8", "surrogatepass"))
            value_hash = state.hexdigest()
            category = (
                category_of_text(rules_of(source, field), value) if is_text else category_of(source, field, value)
            )
            tag = (f"{begin}{number()}", source, field, value, normal, value_hash, occurred_at, category)
            tags.append(_new(Tag, tag))
            if is_text:
                hashes[value] = value_hash

    def hash_of(self, value: str) -> str:
        """``values.hash_value`` of a text; known already where a tag has this very text."""
        return self.hashes.get(value) or hash_value(value, self.salt)

    def known(self) -> list[Tag]:
        """All tags known now; reads what is pending first."""
        while self.pending:
            self.pending.pop()()
        return self.tags
