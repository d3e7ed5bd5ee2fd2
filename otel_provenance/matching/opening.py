"""Opening a source: the format of a text or bytes as a whole, declared or guessed → leaves of a batch."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from otel_provenance.matching import binary
from otel_provenance.matching.batch import Batch
from otel_provenance.matching.budget import Budget
from otel_provenance.matching.json_pieces import json_pieces
from otel_provenance.matching.places import Origin

PIECEWISE = 200_000
"""Characters from which on JSON is parsed piece by piece: parsed at once it takes six times its size."""

_FORM = re.compile(r"[\w.\-\[\]%+~]{1,200}=(?:[^&\s=]+|(?=&))(?:&[\w.\-\[\]%+~]{1,200}=[^&\s]*)*\Z")


def looks_like_form(text: str) -> bool:
    """Whether a text is ``a=1&b=2`` (application/x-www-form-urlencoded) as a whole."""
    return "=" in text[:200] and len(text) < 65_536 and _FORM.match(text) is not None


def open_source(content: Any, origin: Origin, media_type: str | None, batch: Batch, budget: Budget) -> Iterator[None]:
    """Fill ``batch`` from a source; pauses whenever the batch may be searched and emptied."""
    if isinstance(content, (bytes, bytearray, memoryview)):
        yield from _open_bytes(bytes(content), origin, media_type, batch, budget)
    elif type(content) is str:
        yield from _open_text(content, origin, media_type, batch, budget)
    else:
        batch.walk(content, origin, budget)


def _open_bytes(data: bytes, origin: Origin, media_type: str | None, batch: Batch, budget: Budget) -> Iterator[None]:
    essence = _essence(media_type)
    if essence.startswith("multipart/"):
        yield from _open_multipart(data, origin, media_type or "", batch, budget)
        return
    text = binary.text_of(data, media_type)
    if text is not None:
        name, decoded = text
        if name:
            origin = Origin(origin.path, (*origin.layers, name))
        yield from _open_text(decoded, origin, media_type, batch, budget)
        return
    batch.binaries.append((data, origin))


def _open_text(text: str, origin: Origin, media_type: str | None, batch: Batch, budget: Budget) -> Iterator[None]:
    essence = _essence(media_type)
    declared_json = essence.endswith(("/json", "+json"))
    if declared_json or (text and text[:64].lstrip()[:1] in ("{", "[", '"')):
        inner = origin if declared_json else Origin(origin.path, (*origin.layers, "json"))
        opened = yield from _open_json(text, inner, batch, budget)
        if opened:
            return
    lines = "json" in essence or (not essence and text[:1] == "{" and "\n" in text)
    if lines and _open_lines(text, origin, batch, budget):
        return
    if essence == "application/x-www-form-urlencoded" or (not essence and looks_like_form(text)):
        _open_form(text, origin, batch, budget, declared=bool(essence))
        return
    if essence.startswith("multipart/"):
        yield from _open_multipart(text.encode("utf-8", "replace"), origin, media_type or "", batch, budget)
        return
    batch.add(text, origin)


def _open_json(text: str, origin: Origin, batch: Batch, budget: Budget) -> Any:
    try:
        if len(text) < PIECEWISE:
            batch.walk(json.loads(text), origin, budget)
            return True
        for place, value in json_pieces(text, origin):
            batch.walk(value, place, budget)
            if len(batch.texts) >= 4096:
                yield
                if budget.expired():
                    return True
        return True
    except RecursionError:
        budget.cut("too_deep")
    except ValueError:
        pass
    return False


def _open_lines(text: str, origin: Origin, batch: Batch, budget: Budget) -> bool:
    values = []
    try:
        for line in text.splitlines():
            line = line.strip("\x1e \t\r")
            if line:
                values.append(json.loads(line))
    except (ValueError, RecursionError):
        return False
    batch.walk(values, origin, budget)
    return True


def _open_form(text: str, origin: Origin, batch: Batch, budget: Budget, *, declared: bool) -> None:
    inner = origin if declared else Origin(origin.path, (*origin.layers, "form"))
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=10_000)
    except ValueError:
        budget.cut("too_many_leaves")
        batch.add(text, origin)
        return
    for name, value in pairs:
        batch.add(value, (inner, name))


def _open_multipart(data: bytes, origin: Origin, media_type: str, batch: Batch, budget: Budget) -> Iterator[None]:
    from email import policy
    from email.parser import BytesParser

    head = b"Content-Type: " + media_type.encode("latin-1", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=policy.HTTP).parsebytes(head + data)
    opened = False
    for part in message.walk():
        if part.is_multipart():
            continue
        opened = True
        content = part.get_payload(decode=True)
        name = part.get_param("name", header="content-disposition")
        filename = part.get_filename()
        here = Origin(f"{origin.path}.{name}" if origin.path and name else str(name or origin.path), origin.layers)
        encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
        if encoding in ("base64", "quoted-printable"):
            here = Origin(here.path, (*here.layers, encoding))
        if filename:
            batch.add(filename, (here, "filename"))
        if isinstance(content, bytes) and content:
            kind = part.get_content_type() if part.get("content-type") else None
            yield from open_source(content, here, None if kind == "text/plain" else kind, batch, budget)
    if not opened:
        batch.add(data.decode("utf-8", "replace"), origin)


def _essence(media_type: str | None) -> str:
    return media_type.partition(";")[0].strip().lower() if media_type else ""
