"""One layer undone: from the leaves of a batch to what their encoded parts hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from otel_provenance.matching import binary, escapes, runs
from otel_provenance.matching.batch import Batch
from otel_provenance.matching.budget import MOST_LAYERS, SMALL, Budget
from otel_provenance.matching.bulk import SLICE, Bulk
from otel_provenance.matching.index import Needles
from otel_provenance.matching.opening import looks_like_form, unwrapped_json
from otel_provenance.matching.places import Origin, Place, origin_of, within
from otel_provenance.speedups import compiled

MOST_DIGESTS = 1024
_JSON_BEGINS = ("{", "[", '"')
LONGEST_JOINED = 4096
"""Characters of a run whose parts may be runs by themselves."""


class Digest(NamedTuple):
    """Something in a payload that can be a digest of a value."""

    data: bytes
    origin: Origin
    share: float
    """Of its leaf's characters, how many it makes up."""


class Source(NamedTuple):
    """What an undone layer yielded, to be opened next."""

    content: Any
    origin: Origin


def take_large(batch: Batch) -> list[Source]:
    """Take out leaves that are so long that they are opened and searched by themselves: joined to others, or parsed at
    once, they would be copied many times over."""
    texts = batch.texts
    if len(batch.raw) <= SMALL or max(map(len, texts), default=0) <= SMALL:
        return []
    batch.forget()
    found = []
    for at, text in enumerate(texts):
        if len(text) > SMALL:
            place = batch.places[at]
            if type(place) is tuple:  # not what came out of here
                found.append(Source(text, within(place)))
                texts[at] = ""
    return found


def open_nested_json(batch: Batch, needles: Needles, budget: Budget) -> None:
    """Leaves that are JSON themselves give way to their own leaves; one that came in so is looked for as it is too."""
    raw = batch.raw
    if not ("{" in raw or "[" in raw or '"' in raw):
        return
    opened = False
    at = 0
    while at < len(batch.texts):  # grows: JSON inside JSON inside JSON
        if at % 256 == 255 and budget.expired():
            break
        text = batch.texts[at]
        if text[:1] in _JSON_BEGINS and len(text) > 1 and type(batch.places[at]) is tuple:
            if len(origin_of(batch.places[at]).layers) >= MOST_LAYERS:
                budget.cut("too_deep")
            else:
                try:
                    value = json.loads(text)
                except (ValueError, RecursionError):
                    at += 1
                    continue
                if needles.structured_text(text) is None:
                    batch.texts[at] = ""
                batch.walk_json(*unwrapped_json(value, within(batch.places[at], "json"), budget), budget)
                opened = True
        at += 1
    if opened:
        batch.forget()


def undo_layers(batch: Batch, digests: list[Digest], budget: Budget) -> Iterator[Source]:
    """Everything that the leaves and bytes of a batch hold one layer down; its normal form is let go of."""
    raw = batch.raw
    if compiled and not batch.binaries and len(raw) <= SLICE and raw.isascii() and compiled.is_plain(raw):
        return
    where = Bulk(raw, len(batch.texts), batch.texts)
    batch.forget()
    yield from _escaped(where.text, batch, budget)
    yield from _encoded(where, batch, digests, budget)
    for data, place in batch.binaries:
        if budget.expired():
            return
        budget.look_at(len(data))
        yield from _inside(data, place, (), digests, budget, 1.0)


def _escaped(raw: str, batch: Batch, budget: Budget) -> Iterator[Source]:
    texts = batch.texts
    close: dict[int, None] = {}
    for sign in escapes.SIGNS:
        if sign[0] in raw and sign in raw:  # one character is found many times as fast as two
            close.update(dict.fromkeys([at for at, text in enumerate(texts) if sign in text]))
    for at in sorted(close):
        text = texts[at]
        place = batch.places[at]
        if _too_deep(place, budget) or budget.expired():
            continue
        if type(place) is tuple and looks_like_form(text):
            yield Source(text, within(place))
        elif "?" in text and text.startswith(_ADDRESSES) and origin_of(place).layers[-1:] != ("percent",):
            query = text.partition("?")[2].partition("#")[0]
            if looks_like_form(query):  # each parameter is a value with a name of its own
                yield Source(query, within(place))
        if "</" in text and origin_of(place).layers[-1:] not in (("html",), ("sql",)):  # there, it has been opened
            for found in escapes.elements(text.strip()):
                yield Source(found, within(place, "xml"))
        for layer, plain in escapes.undo_escapes(text, budget):
            if plain != text:
                yield Source(plain[: budget.grant(len(plain))], within(place, layer))


def _encoded(where: Bulk, batch: Batch, digests: list[Digest], budget: Budget) -> Iterator[Source]:
    for start, end, run in runs.wrapped_runs(where.text):
        yield from _decoded(run, end - start, [start], where, batch, digests, budget)
    for run in runs.runs_of(where.text, budget):
        if budget.runs <= 0 or budget.expired():
            budget.cut("too_many_leaves")
            return
        yield from _decoded(run, len(run), None, where, batch, digests, budget)


def _decoded(
    run: str,
    length: int,
    starts: Iterable[int] | None,
    where: Bulk,
    batch: Batch,
    digests: list[Digest],
    budget: Budget,
) -> Iterator[Source]:
    """What a run holds, at each place where it stands, in so many characters; looked for unless they are told."""
    if not budget.take_run() or budget.expired():
        return
    any_text = False
    for number, (layer, data) in enumerate(runs.decode_run(run)):
        if number and len(data) > SMALL and budget.expired():
            return
        is_text = runs.is_text(data)
        any_text = any_text or is_text
        if not is_text and (len(data) < 8 or not runs.looks_random(run)):
            continue
        for start in starts or where.find_all(run, 8):
            at = where.leaf_at(start)
            place = batch.places[at]
            if _too_deep(place, budget):
                continue
            name = _named(layer, where.text, start)
            share = length / max(1, len(where.leaves[at]))
            yield from _inside(data, place, name, digests, budget, share, run)
    if not any_text and len(run) <= LONGEST_JOINED:
        for piece in runs.pieces_of(run):
            yield from _decoded(piece, len(piece), None, where, batch, digests, budget)


def _named(layer: str, text: str, start: int) -> tuple[str, ...]:
    if text[max(0, start - 8) : start].lower() == ";base64,":
        return ("data-url", layer)
    if layer in ("base64", "base64url") and text.startswith("eyJ", start):
        end = text.find(".", start)
        if end > 0 and text.startswith("eyJ", end + 1):
            return ("jwt",)
    if layer in ("base64", "base64url") and start and text[start - 1] == ".":
        before = text.rfind("eyJ", max(0, start - 2048), start)
        if before >= 0 and not text[before : start - 1].count("."):
            return ("jwt",)
    return (layer,)


def _inside(
    data: bytes,
    place: Place,
    layers: tuple[str, ...],
    digests: list[Digest],
    budget: Budget,
    share: float,
    run: str = "",
) -> Iterator[Source]:
    origin = within(place, *layers)
    text = binary.text_of(data)
    if len(data) == 16 and text is None and len(run) not in (32, 36):  # a UUID as MySQL keeps it
        yield Source(str(UUID(bytes=data)), within(place, *layers, "uuid"))
    if text is not None:
        layer, plain = text
        if layer:
            origin = within(place, *layers, layer)
        yield Source(plain[: budget.grant(len(plain))], origin)
        if layer == "" or (layer == "utf-16" and len(data) not in binary.DIGEST_SIZES):
            return
    if len(data) in binary.DIGEST_SIZES and len(digests) < MOST_DIGESTS and (not run or runs.looks_random(run)):
        digests.append(Digest(data, origin, share))
    if (
        len(data) >= 4
        and (len(data) not in (16, 20, 28, 32, 48, 64) or data[:2] in _BEGINNINGS or binary.has_strings(data))
        and not budget.expired()
    ):
        for layer, content in binary.unpack(data, budget):
            yield Source(content, within(place, *layers, layer))


_ADDRESSES = ("https://", "http://", "/")
_BEGINNINGS = (b"\x1f\x8b", b"\x78\x9c", b"\x78\x01", b"\x78\xda", b"\x78\x5e", b"\x28\xb5")


def _too_deep(place: Place, budget: Budget) -> bool:
    if len(origin_of(place).layers) < MOST_LAYERS:
        return False
    budget.cut("too_deep")
    return True
