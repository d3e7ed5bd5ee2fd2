"""A batch of leaves × the index: which values stand in them, as a whole, inside, in another spelling, or in part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from otel_provenance.matching import forms
from otel_provenance.matching.batch import Batch
from otel_provenance.matching.boundaries import bounded
from otel_provenance.matching.budget import Budget
from otel_provenance.matching.bulk import END, Bulk
from otel_provenance.matching.index import Needle, Needles
from otel_provenance.matching.names import likeness
from otel_provenance.matching.places import path_of
from otel_provenance.matching.respelling import respelling
from otel_provenance.matching.sightings import Sightings
from otel_provenance.matching.specificity import specificity
from otel_provenance.tags import Tag

DIRECT = 2_000_000
"""Characters times needles up to which every needle is looked for everywhere; past it, at words only."""
WEAK_BITS = 8.0
SPELLED = 64
"""How many values with digits are looked for inside texts in spellings other than their own."""

_NOT_DIGITS = bytes(set(range(256)) - set(b"0123456789\0"))
_SEPARATORS = bytes(i for i in range(1, 128) if not chr(i).isalnum())
_GROUP = re.compile(
    r"[-+(]{0,2}\d(?:[\d.,:/()'\u2019 \-]{0,30}\d)?(?:t\d[\d:.]{3,15}(?:z|[-+]\d\d:?\d\d)?|e[-+]?\d{1,3})?", re.ASCII
)
_NAMED_DATE = re.compile(
    r"(?:\d{1,2}(?:st|nd|rd|th)?[. \-]+)?[a-zä]{3,9}[. ,\-]+(?:\d{1,2}(?:st|nd|rd|th)?[, ]+)?\d{4}"
)


def search(batch: Batch, needles: Needles, sightings: Sightings, budget: Budget) -> None:
    """Add to ``sightings`` what of the needles the leaves of a batch hold."""
    bulk = batch.bulk
    direct = len(bulk.text) * len(needles.contained) <= DIRECT
    _whole_leaves(batch, needles, sightings)
    if not budget.expired():
        _contained(batch, bulk, needles, sightings, direct)
    if needles.compact and not budget.expired():
        _respaced(batch, needles, sightings, direct)
    if needles.digit_keys and not budget.expired():
        _digits(batch, needles, sightings)
    if needles.mailboxes and "@" in bulk.text:
        _mailboxes(batch, needles, sightings)
    if not bulk.text.isascii() and needles.contained and not budget.expired():
        _unaccented(batch, needles, sightings)
    if not budget.expired():
        _pieces(batch, needles, sightings, budget)


def _whole_leaves(batch: Batch, needles: Needles, sightings: Sightings) -> None:
    leaves = batch.bulk.leaves
    hits = needles.whole_keys.intersection(leaves)
    if hits:
        for at, leaf in enumerate(leaves):
            if leaf in hits:
                for needle in needles.whole[leaf]:
                    _sight_whole(batch, at, needle, sightings)
    for at in batch.booleans if needles.booleans else ():
        _sight_boolean(batch, at, needles, sightings)


def _sight_whole(batch: Batch, at: int, needle: Needle, sightings: Sightings) -> None:
    tag, place = needle.tag, batch.places[at]
    if needle.bits < WEAK_BITS and likeness(tag.field, path_of(place)) < 0.3 and needle.bits < 5:
        return
    transform = needle.transform or respelling(tag.value, batch.texts[at])
    sightings.add(tag, place, needle.kind, transform, needle.bits, needle.text, 1.0)


def _sight_boolean(batch: Batch, at: int, needles: Needles, sightings: Sightings) -> None:
    truth = forms.TRUE if batch.texts[at] == "true" else forms.FALSE
    for tag in needles.booleans:
        if tag.normal in truth and tag.normal != batch.texts[at]:
            path = path_of(batch.places[at])
            if likeness(tag.field, path) == 1.0:
                sightings.add(tag, batch.places[at], "exact", "boolean", 1.0, tag.normal, 1.0)


def _contained(batch: Batch, bulk: Bulk, needles: Needles, sightings: Sightings, direct: bool) -> None:
    text = bulk.text
    if direct:
        candidates: Iterator[Needle] | list[Needle] = iter(needles.contained)
    else:
        words = bulk.common_words(needles.anchors)
        candidates = [n for w in needles.by_anchor if w in words for n in needles.by_anchor[w]] + needles.wide
    for needle in candidates:
        if needle.text in text:
            _occurrences(batch, bulk, needle, sightings)


def _occurrences(batch: Batch, bulk: Bulk, needle: Needle, sightings: Sightings) -> None:
    length = len(needle.text)
    seen = -1
    for start in bulk.find_all(needle.text):
        if not bounded(bulk.text, start, start + length):
            continue
        at = bulk.leaf_at(start)
        leaf = len(bulk.leaves[at])
        if leaf == length or at == seen:
            continue
        seen = at
        transform = needle.transform or respelling(needle.tag.value, batch.texts[at])
        sightings.add(needle.tag, batch.places[at], "contains", transform, needle.bits, needle.text, length / leaf)


def _respaced(batch: Batch, needles: Needles, sightings: Sightings, direct: bool) -> None:
    """Card numbers, IBANs, UUIDs, codes and names with other separators between their parts, or none."""
    bare = batch.without(_SEPARATORS)
    hits = needles.compact_keys.intersection(bare.leaves)
    if hits:
        for at, leaf in enumerate(bare.leaves):
            if leaf in hits:
                for tag in needles.compact[leaf]:
                    if tag.normal != batch.bulk.leaves[at]:
                        _sight_respaced(batch, at, tag, leaf, "exact", sightings)
    if direct:
        for key, tags in needles.compact.items():
            if len(key) < 8:
                continue
            for start in bare.find_all(key, 8):
                at = bare.leaf_at(start)
                leaf = batch.bulk.leaves[at]
                if len(bare.leaves[at]) > len(key):
                    for tag in tags:
                        if tag.normal not in leaf and _spaced_out(key, leaf):
                            _sight_respaced(batch, at, tag, key, "contains", sightings)


def _sight_respaced(batch: Batch, at: int, tag: Tag, key: str, kind: str, sightings: Sightings) -> None:
    share = 1.0 if kind == "exact" else len(key) / max(1, len(batch.bulk.leaves[at]))
    bits = specificity(tag.normal) - 1
    if any(map(str.isdigit, key)) and "." in tag.normal and forms.number_key(tag.normal):
        return  # 12.50 is not 1250
    sightings.add(tag, batch.places[at], kind, "separators", bits, tag.normal, share)


def _spaced_out(key: str, leaf: str) -> bool:
    pattern = r"[\s\-_./:,()]{0,3}".join(map(re.escape, key))
    return re.search(rf"(?<![^\W_]){pattern}(?![^\W_])", leaf) is not None


def _digits(batch: Batch, needles: Needles, sightings: Sightings) -> None:
    """Numbers, dates and phone numbers in any spelling: by their digits first, then looked at closely."""
    only = batch.without(_NOT_DIGITS)
    whole = needles.digit_keys.intersection(only.leaves)
    tails = needles.phones.keys()
    close: dict[int, None] = {}
    if whole or tails:
        for at, leaf in enumerate(only.leaves):
            if leaf and (leaf in whole or (tails and leaf[-forms.PHONE_TAIL :] in tails)):
                close[at] = None
    if len(needles.digit_keys) <= SPELLED * 8:
        for key in (*needles.spelled_keys, *tails):
            for start in only.find_all(key, 16):
                close[only.leaf_at(start)] = None
    for at in close:
        _spelled(batch, at, needles, sightings)


def _spelled(batch: Batch, at: int, needles: Needles, sightings: Sightings) -> None:
    leaf = batch.bulk.leaves[at]
    for group in _groups(leaf):
        share = len(group) / len(leaf)
        kind = "exact" if group == leaf else "contains"
        found: list[tuple[Tag, str]] = []
        for key in forms.date_keys(group):
            found += [(tag, "date") for tag in needles.dates.get(key, ())]
        phone = None if found else forms.phone_digits(group)
        if phone is not None:
            near = needles.phones.get(phone[-forms.PHONE_TAIL :], ())
            found += [(tag, "phone") for other, tag in near if forms.same_phone(phone, other)]
        number = None if found else forms.number_key(group)
        if number is not None and (kind == "exact" or len(group) >= 5):
            found += [(tag, "number") for tag in needles.numbers.get(number, ())]
        for tag, transform in found:
            if tag.normal != group:
                bits = specificity(tag.normal) - 0.5
                sightings.add(tag, batch.places[at], kind, transform, bits, group, share)


def _groups(leaf: str) -> Iterator[str]:
    if len(leaf) <= 40:
        yield leaf
    for found in islice(_GROUP.finditer(leaf), 256):
        group = found[0]
        if group != leaf:
            yield group
        if " " in group or "," in group:
            for piece in re.split(r", |,(?=\d{4,})| ", group):
                if piece and piece != group:
                    yield piece
    for named in _NAMED_DATE.finditer(leaf[:8192]):
        if named[0] != leaf:
            yield named[0]


def _mailboxes(batch: Batch, needles: Needles, sightings: Sightings) -> None:
    """E-mail addresses that differ in plus tag and dots."""
    text = batch.bulk.text
    for found in addresses(text):
        for address, step in (*forms.mailbox_keys(found), (found, "")):
            for needle in needles.mailboxes.get(address, ()):
                if needle.tag.normal == found:
                    continue
                transform = needle.transform or step
                for start in batch.bulk.find_all(found, 16):
                    at = batch.bulk.leaf_at(start)
                    share = len(found) / len(batch.bulk.leaves[at])
                    kind = "exact" if share == 1 else "contains"
                    sightings.add(needle.tag, batch.places[at], kind, transform, needle.bits, found, share)


_LOCAL = re.compile(r"[\w.+%'-]{1,64}\Z")
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,8}[a-z][\w-]{1,62}")


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


def _unaccented(batch: Batch, needles: Needles, sightings: Sightings) -> None:
    plain = Bulk(forms.without_accents(batch.bulk.text))
    if plain.text == batch.bulk.text:
        return
    for needle in needles.contained:
        if needle.text.isascii() and needle.text in plain.text:
            for start in plain.find_all(needle.text):
                at = plain.leaf_at(start)
                leaf = plain.leaves[at]
                if needle.text in batch.bulk.leaves[at] or not bounded(plain.text, start, start + len(needle.text)):
                    continue
                kind = "exact" if len(leaf) == len(needle.text) else "contains"
                share = len(needle.text) / len(leaf)
                sightings.add(needle.tag, batch.places[at], kind, "accents", needle.bits - 1, needle.text, share)


def _pieces(batch: Batch, needles: Needles, sightings: Sightings, budget: Budget) -> None:
    """Leaves that are the beginning, the last four digits, or an excerpt of a value."""
    leaves = batch.bulk.leaves
    hits = needles.beginnings.keys() & {leaf[:4] for leaf in leaves}
    fours = needles.last_four.keys() & {leaf[-4:] for leaf in leaves} if needles.last_four else set()
    if not (hits or fours or needles.long):
        return
    for at, leaf in enumerate(leaves):
        if len(leaf) < 4:
            continue
        if leaf[:4] in hits:
            shown = leaf.rstrip(".\u2026 ")
            for tag in needles.beginnings[leaf[:4]]:
                if len(shown) < len(tag.normal) and tag.normal.startswith(shown) and len(shown) >= 4:
                    sightings.add(tag, batch.places[at], "part", "truncate", specificity(shown), shown, 1.0)
        if leaf[-4:] in fours and len(leaf) <= 24 and _MASKED.fullmatch(leaf):
            for tag in needles.last_four[leaf[-4:]]:
                step = "last-4" if len(leaf) == 4 else "mask"
                sightings.add(tag, batch.places[at], "part", step, 8.0 if step == "last-4" else 12.0, leaf[-4:], 1.0)
        if needles.long and len(leaf) >= 20:
            shown = leaf.strip(".\u2026 ")
            for tag in needles.long:
                if len(shown) < len(tag.normal) and shown in tag.normal and not tag.normal.startswith(shown):
                    sightings.add(tag, batch.places[at], "part", "excerpt", specificity(shown), shown, 1.0)


_MASKED = re.compile(r"(?:[*x\u2022\u00b7#.\u2026 -]*)\d{4}")

__all__ = ["END", "addresses", "search"]
