"""Transformed values put where applications put them: the sinks, and the cases they make."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from otel_provenance.matching import MatchResult, TagIndex, match_tags
from otel_provenance.tags import Tag
from tests.matching.corpus.people import FIELDS, PEOPLE, decoy_of, tags_of
from tests.matching.corpus.transforms import TRANSFORMS, Transform


@dataclass(frozen=True)
class Case:
    """One payload, the tags that are looked for in it, and those whose data it has (None in a decoy)."""

    person: int
    group: str
    transform: str
    kind: str
    sink: str
    payload: Any
    tags: tuple[Tag, ...] = field(repr=False)
    expected: str | None
    options: dict[str, Any]
    expected_too: frozenset[str] = frozenset()
    """Further tags whose data it has."""
    arguable: frozenset[str] = frozenset()
    """Tags that are neither right nor wrong to find: a part of what flowed is theirs, too."""

    @property
    def wanted(self) -> frozenset[str]:
        return self.expected_too | ({self.expected} if self.expected else set())

    def look(self, index: TagIndex) -> MatchResult:
        """What of the index is in it."""
        return match_tags(self.payload, index, **self.options)

    @property
    def name(self) -> str:
        return f"{self.group}/{self.transform}/{self.kind}/{self.sink}{'' if self.expected else ' (decoy)'}"


def _json_body(value: Any, name: str) -> tuple[Any, dict[str, Any]]:
    data = {"event": "signup", "id": 2, "page": 7, "user": {"x_" + name: value, "active": True, "lang": "fr"}}
    return json.dumps(data).encode(), {"media_type": "application/json"}


def _structure(value: Any, name: str) -> tuple[Any, dict[str, Any]]:
    return {"items": [{"sku": "B-2", "count": 2}], "note": value, "ok": True}, {}


def _form_body(value: Any, name: str) -> tuple[Any, dict[str, Any]]:
    body = urllib.parse.urlencode([("id", "2"), ("step", "1"), (name, value)])
    return body.encode(), {"media_type": "application/x-www-form-urlencoded"}


def _column(value: Any, name: str) -> tuple[Any, dict[str, Any]]:
    return value, {"field": name}


def _odd_column(value: Any, name: str) -> tuple[Any, dict[str, Any]]:
    return value, {"field": "payload"}


def _text(value: Any, name: str) -> tuple[Any, dict[str, Any]]:
    return f"Some text before, {value} and some after it.", {}


def _path(value: Any, name: str) -> tuple[Any, dict[str, Any]]:
    return f"/v1/things/{urllib.parse.quote(value, safe='')}/edit", {}


def _header(value: Any, name: str) -> tuple[Any, dict[str, Any]]:
    return value, {"field": "X-Custom"}


def _multipart(value: Any, name: str) -> tuple[Any, dict[str, Any]]:
    content = value if isinstance(value, bytes) else value.encode()
    body = (
        b'--b0undary\r\nContent-Disposition: form-data; name="id"\r\n\r\n2\r\n'
        b'--b0undary\r\nContent-Disposition: form-data; name="doc"; filename="a.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--b0undary--\r\n"
    )
    return body, {"media_type": "multipart/form-data; boundary=b0undary"}


Sink = Callable[[Any, str], tuple[Any, dict[str, Any]]]
SINKS: dict[str, Sink] = {
    "column": _column, "other column": _odd_column, "JSON body": _json_body, "structure": _structure,
    "form body": _form_body, "text": _text, "URL path": _path, "header": _header, "multipart": _multipart,
}  # fmt: skip
_FOR_BYTES = ("column", "other column", "structure", "multipart")
_FOR_OBJECTS = ("column", "other column", "structure")
_NEEDS_NAME = {"first_name", "last_name", "last_four", "first_10", "local_part"}
"""Pieces so short that only a name like their own tells them from chance."""
_COLUMNS = {"first_name": "first_name", "last_name": "last_name"}


def _sinks_for(transform: Transform, value: Any, kind: str) -> list[str]:
    if isinstance(value, bytes):
        return list(_FOR_BYTES)
    if not isinstance(value, str):
        return ["column"] if kind == "birthday" else list(_FOR_OBJECTS)
    if transform.name in _NEEDS_NAME:
        return ["column"]
    if transform.group in ("embedded",) or kind == "message" or "\n" in value:
        return ["column", "other column", "JSON body", "structure", "form body", "multipart"]
    if kind == "birthday":  # a date alone, under another name, is chance as likely as not
        return ["column", "JSON body", "form body"]
    if transform.group == "cut":
        return ["column", "JSON body", "structure"]
    return list(SINKS)


def cases(people: int = len(PEOPLE)) -> Iterator[Case]:
    """Every case, in a fixed order: each value of each person, changed, in each sink; and its decoy."""
    for person in range(people):
        tags = tuple(tags_of(person))
        for transform in TRANSFORMS:
            for kind in transform.kinds:
                yield from _of_value(person, tags, transform, kind)


def _of_value(person: int, tags: tuple[Tag, ...], transform: Transform, kind: str) -> Iterator[Case]:
    own, other = PEOPLE[person][kind], decoy_of(person, kind)
    value, decoy = transform.apply(own), transform.apply(other)
    name = (
        f"{kind}_last4"
        if transform.name == "last_four"
        else _COLUMNS.get(transform.name, FIELDS[kind][1].rpartition(".")[2])
    )
    for sink in _sinks_for(transform, value, kind):
        for content, expected in ((value, f"t-{kind}"), (decoy, None)):
            payload, options = SINKS[sink](content, name)
            yield Case(person, transform.group, transform.name, kind, sink, payload, tags, expected, options)
