"""Tag: a value that a request brought in; and the tags of one request.

A tag holds the value itself only in memory, for matching, and only as long as the request's scope
lives; what leaves the process is its record, which has the keyed hash and a redacted preview.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from otel_provenance.categories import category_of
from otel_provenance.fieldnames import kept_name
from otel_provenance.identifiers import IdSequence
from otel_provenance.records import TagRecord
from otel_provenance.values import hash_normal, hash_value, normal_form, preview_of, shown_field


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
        value = self.value
        if isinstance(value, str):
            size = len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
            kind = "str"
        elif isinstance(value, bytes):
            size, kind = len(value), "bytes"
        else:
            size, kind = len(self.normal), _TYPE_NAMES.get(type(value), "str")
        return TagRecord(
            self.tag_id,
            self.occurred_at,
            self.source,
            shown_field(self.field),
            self.value_hash,
            size,
            kind,
            preview_of(value, self.field, capture_limit),
            self.category,
        )


_TYPE_NAMES = {bool: "bool", int: "int", float: "float", type(None): "null"}


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

    __slots__ = ("_hashes", "_ids", "_index", "_indexed", "pending", "salt", "tags", "upstream")

    def __init__(self, ids: IdSequence, salt: bytes) -> None:
        self.tags: list[Tag] = []
        self.upstream: list[Tag] = []
        """Tags of the services that called this one, known by hash only."""
        self.pending: list[Callable[[], None]] = []
        self.salt = salt
        self._ids = ids
        self._hashes: dict[str, str] = {}
        self._index: Any = None
        self._indexed = -1

    def add(self, source: str, field: str, value: Any, occurred_at: int | None = None) -> Tag:
        """Make a tag of a value that came in, and know it from now on."""
        tag = make_tag(source, field, value, self.salt, self._ids.new("t"), occurred_at)
        self.tags.append(tag)
        if type(value) is str:
            self._hashes[value] = tag.value_hash
        return tag

    def hash_of(self, value: str) -> str:
        """``values.hash_value`` of a text; known already where a tag has this very text."""
        return self._hashes.get(value) or hash_value(value, self.salt)

    def known(self) -> list[Tag]:
        """All tags known now; reads what is pending first."""
        while self.pending:
            self.pending.pop()()
        return self.tags

    def index(self, build: Callable[[list[Tag]], Any]) -> Any:
        """What ``build`` makes of the known tags, kept until there are more."""
        tags = self.known()
        if self._indexed != len(tags):
            self._index = build(tags)
            self._indexed = len(tags)
        return self._index
