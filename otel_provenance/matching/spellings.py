"""Numbers, dates, phone numbers and e-mail addresses in other spellings than the request's.

By their digits first, at the speed of C; then each leaf that has them is looked at closely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice

from otel_provenance.matching import dates, forms
from otel_provenance.matching.batch import Batch
from otel_provenance.matching.bulk import NOT_DIGITS
from otel_provenance.matching.index import Needles
from otel_provenance.matching.sightings import Sightings
from otel_provenance.matching.specificity import specificity
from otel_provenance.matching.spelled_needles import SpelledNeedles
from otel_provenance.tags import Tag
from otel_provenance.values import normal_text

MOST_CLOSE = 512
"""Leaves of a batch that are looked at closely."""

_GROUP = re.compile(
    r"[-+(]{0,2}\d(?:[\d.,:/()'\u2019 \-]{0,30}\d)?"
    r"(?:t\d[\d:.]{2,14}\d(?:z|[-+]\d\d:?\d\d)?|e[-+]?\d{1,3}| ?[ap]m\b)?",
    re.ASCII,
)
_CELLS = re.compile(r"[')]*,(?: ['(]*|(?=\d{4,}|00))")
_NAMED_DATE = re.compile(rf"({dates.NAMED_DATE})(?:{dates.BEFORE_TIME}{dates.TIME})?")
_LOCAL_MOMENT = re.compile(rf"\d{{1,4}}([./-])\d{{1,2}}\1\d{{2,4}}{dates.BEFORE_TIME}{dates.TIME}", re.ASCII)
_BREAKS = re.compile(r"[\t\r\n]+")
_COMMAS = re.compile(r"[,;|]")
_DIGIT = re.compile(r"[0-9]")
_LOCAL = re.compile(r"[\w.+%'-]{1,64}\Z")
_MASKED_LOCAL = re.compile(r"([\w.+%-]{0,8})\*{2,}(\w?)\Z")
_NAMED = re.compile(
    r"((?:[^\W\d_][\w.'\u2019-]{0,30} ){1,3}[^\W\d_][\w.'\u2019-]{0,30})\"? <[\w.+%'-]{1,64}@[\w.-]{1,200}>"
)
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,8}[a-z][\w-]{1,62}")


def find_spellings(batch: Batch, needles: SpelledNeedles, sightings: Sightings, direct: bool) -> None:
    """Add the numbers, dates and phone numbers that leaves are, or (where ``direct``) hold."""
    if not needles.any:
        return
    only = batch.without(NOT_DIGITS)
    leaves = only.leaves
    close: dict[int, None] = {}
    tails = needles.tails
    if not needles.keys.isdisjoint(leaves) or not tails.isdisjoint([leaf[-forms.PHONE_TAIL :] for leaf in leaves]):
        for at, leaf in enumerate(leaves):
            if leaf and (leaf in needles.keys or leaf[-forms.PHONE_TAIL :] in tails):
                close[at] = None
    if direct:
        for key in needles.inside:
            if key in only.text:
                for start in only.find_all(key, 16):
                    close[only.leaf_at(start)] = None
    for at in islice(close, MOST_CLOSE):
        _spelled(batch, at, needles, sightings)


def _spelled(batch: Batch, at: int, needles: SpelledNeedles, sightings: Sightings) -> None:
    leaf = batch.bulk.leaves[at]
    for group in chain(_groups(leaf), _cells(batch.texts[at])):
        share = len(group) / len(leaf)
        kind = "exact" if group == leaf else "contains"
        found: list[tuple[Tag, str]] = []
        for key in dates.date_keys(group):
            found += [(tag, "date") for tag in needles.dates.get(key, ())]
        phone = None if found else forms.phone_digits(group)
        if phone is not None:
            near = needles.phones.get(phone[-forms.PHONE_TAIL :], ())
            found += [(tag, "phone") for other, tag in near if _is_same(phone, other, needles)]
        number = None if found else forms.number_key(group)
        if number is not None and (kind == "exact" or len(group) >= 5):
            found += [(tag, "number") for tag in needles.numbers.get(number, ())]
        for tag, transform in found:
            if tag.normal != group:
                bits = specificity(tag.normal) - 0.5
                sightings.add(tag, batch.places[at], kind, transform, bits, group, share)


def _cells(raw: str) -> Iterator[str]:
    """Cells of tables with digits, in normal form: in that of the whole text, nothing tells them apart."""
    if "\t" not in raw and "\n" not in raw:
        return
    for cell in islice(_BREAKS.split(raw), 1024):
        if 5 <= len(cell) <= 80 and _DIGIT.search(cell):
            yield normal_text(cell)
        if "," in cell or ";" in cell:  # short ones may be parts of a number
            yield from [
                normal_text(part) for part in _COMMAS.split(cell) if 8 <= len(part) <= 40 and _DIGIT.search(part)
            ]


def _is_same(phone: str, other: str, needles: SpelledNeedles) -> bool:
    if not forms.same_phone(phone, other):
        return False
    # +44 171 2345678 is not the 0171 2345678 of somebody in Germany
    return other[0] == "+" or not needles.codes or not forms.is_abroad(phone, other, needles.codes)


def _groups(leaf: str) -> Iterator[str]:
    if len(leaf) <= 80:
        yield leaf
    for found in islice(_GROUP.finditer(leaf), 256):
        group = found[0]
        if group != leaf:
            yield group
        if "," in group or " " in group:
            for cell in _CELLS.split(group):
                if cell and cell != group:
                    yield cell
                if " " in cell:
                    yield from cell.split(" ")
        if ":" in group:  # the amount of EDIFACT's ``moa+77:227634.20``
            yield from [piece for piece in group.split(":") if len(piece) >= 5]
    if not leaf.isascii():
        yield from [found[0] for found in islice(dates.CJK.finditer(leaf), 64) if found[0] != leaf]
    for named in islice(_NAMED_DATE.finditer(leaf[:8192]), 64):
        if named[1] != leaf:
            yield named[1]
        if named[0] not in (named[1], leaf):
            yield named[0]
    if ":" in leaf or "h" in leaf:
        for moment in islice(_LOCAL_MOMENT.finditer(leaf[:8192]), 64):
            yield moment[0]


def find_mailboxes(batch: Batch, needles: Needles, sightings: Sightings) -> None:
    """Add e-mail addresses that differ from a tag's in plus tag and dots."""
    text = batch.bulk.text
    for domain, tags in islice(needles.domains.items(), 64):
        after = "@" + domain
        for start in batch.bulk.find_all(after):
            end = start + len(after)
            local = _LOCAL.search(text[max(0, start - 64) : start])
            if text[start - 1 : start] == "*" or text[start - 2 : start - 1] == "*":
                _masked_mailbox(batch, start, end, tags, sightings)
                continue
            if local is None or local[0] + after in needles.whole or text[end : end + 1].isalnum():
                continue
            found = local[0].lstrip("'") + after  # an apostrophe before an address is a quote
            for tag in tags:
                step = forms.same_mailbox(found, tag.normal)
                if step:
                    at = batch.bulk.leaf_at(start)
                    share = len(found) / len(batch.bulk.leaves[at])
                    kind = "exact" if share == 1 else "contains"
                    sightings.add(tag, batch.places[at], kind, step, 28.0, found, share)


def _masked_mailbox(batch: Batch, start: int, end: int, tags: list[Tag], sightings: Sightings) -> None:
    at = batch.bulk.leaf_at(start)
    shown = _MASKED_LOCAL.search(batch.bulk.text[max(0, start - 64) : start])
    if shown is None or batch.bulk.text[end : end + 1].isalnum():
        return
    begins, ends = shown[1], shown[2]
    for tag in tags:
        local = tag.normal.rpartition("@")[0]
        if begins + ends and len(local) > len(begins + ends) and local.startswith(begins) and local.endswith(ends):
            bits = 6.0 + 2.5 * len(begins + ends)
            sightings.add(tag, batch.places[at], "part", "mask", bits, batch.bulk.text[start:end], 1.0)


def addresses(text: str, most: int = 256) -> list[str]:
    """The e-mail addresses in a normal text, each once."""
    found: dict[str, None] = {}
    at = text.find("@")
    while at >= 0 and most:
        most -= 1
        local = _LOCAL.search(text[max(0, at - 64) : at])
        domain = _DOMAIN.match(text, at + 1)
        if local and domain:
            found[f"{local[0]}@{domain[0]}"] = None
        at = text.find("@", at + 1)
    return list(found)


def names_beside_addresses(text: str, most: int = 64) -> list[str]:
    """What may be the name in ``name <address>`` (RFC 5322, section 3.4): the last two, three and four words."""
    found: dict[str, None] = {}
    for named in islice(_NAMED.finditer(text), most):
        words = named[1].split(" ")
        found.update(dict.fromkeys([" ".join(words[-count:]) for count in range(2, len(words) + 1)]))
    return list(found)
