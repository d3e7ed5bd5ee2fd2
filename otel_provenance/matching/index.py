"""The tags of a request, made ready to be looked for: every spelling of a value by the key they share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from otel_provenance.matching import forms
from otel_provenance.matching.bulk import words_of
from otel_provenance.matching.specificity import specificity
from otel_provenance.tags import Tag

LONGEST = 65_536
"""Characters of a value that are looked for; of a longer one, the beginning is."""
CONTAINED_BITS = 7.0
"""What is less specific is looked for as a whole leaf only, never inside a text."""
LONG = 40
"""Characters from which on an excerpt or a changed copy of a value is looked for."""


class Needle(NamedTuple):
    """One spelling of a tag's value, or a piece of it."""

    tag: Tag
    text: str
    kind: str
    transform: str
    bits: float


class Needles:
    """Look-up tables over the tags; built once, read only."""

    def __init__(self, tags: Iterable[Tag]) -> None:
        self.whole: dict[str, list[Needle]] = {}
        """Normal form of a leaf → what it is if it is all of it."""
        self.contained: list[Needle] = []
        """What may stand inside a text."""
        self.by_anchor: dict[bytes, list[Needle]] = {}
        """A word of each of them → them."""
        self.wide: list[Needle] = []
        """Those without a word to find them by: other scripts than ASCII."""
        self.compact: dict[str, list[Tag]] = {}
        self.numbers: dict[str, list[Tag]] = {}
        self.dates: dict[str, list[Tag]] = {}
        self.phones: dict[str, list[tuple[str, Tag]]] = {}
        self.mailboxes: dict[str, list[Needle]] = {}
        self.beginnings: dict[str, list[Tag]] = {}
        """The first four characters → tags that a truncated value may be of."""
        self.last_four: dict[str, list[Tag]] = {}
        self.unaccented: dict[str, list[Tag]] = {}
        self.booleans: list[Tag] = []
        self.long: list[Tag] = []
        self.upstream: dict[str, list[Tag]] = {}
        self.exact_count: dict[str, int] = {}
        for tag in tags:
            self._add(tag)
        self.whole_keys = frozenset(self.whole)
        self.anchors = frozenset(self.by_anchor)
        self.compact_keys = frozenset(self.compact)
        self.spelled_keys = _spelled_keys(self.numbers, self.dates)
        self.digit_keys = frozenset(self.spelled_keys) | self.phones.keys()

    def _add(self, tag: Tag) -> None:
        normal = tag.normal[:LONGEST]
        if tag.source == "upstream":
            self.upstream.setdefault(tag.value_hash, []).append(tag)
            return
        if not normal or tag.value is None:
            return
        bits = specificity(normal)
        exact = Needle(tag, normal, "exact", "", bits)
        self.whole.setdefault(normal, []).append(exact)
        if normal in forms.TRUE or normal in forms.FALSE:
            self.booleans.append(tag)
        if bits >= CONTAINED_BITS:
            self._contain(exact)
            if not normal.isascii():
                plain = forms.without_accents(normal)
                if plain != normal:
                    self._contain(Needle(tag, plain, "exact", "accents", bits - 1))
                    self.whole.setdefault(plain, []).append(Needle(tag, plain, "exact", "accents", bits - 1))
        if len(normal) >= 5:
            self.beginnings.setdefault(normal[:4], []).append(tag)
        if len(normal) >= LONG:
            self.long.append(tag)
        if len(normal) <= 64:
            self._add_spellings(tag, normal, bits)

    def _add_spellings(self, tag: Tag, normal: str, bits: float) -> None:
        plain = normal.isalpha()
        if not plain:
            bare = forms.compact(normal)
            if len(bare) >= 6:
                self.compact.setdefault(bare, []).append(tag)
            if "@" in normal:
                self._add_mailbox(tag, normal)
            elif " " in normal:
                self._add_words(tag, normal)
            if any(map(str.isdigit, normal)):
                self._add_digits(tag, normal, bare)

    def _add_mailbox(self, tag: Tag, normal: str) -> None:
        local, at, domain = normal.rpartition("@")
        if not at or not local or "." not in domain:
            return
        for piece, name in ((local, "local-part"), (domain, "domain")):
            self.whole.setdefault(piece, []).append(Needle(tag, piece, "part", name, specificity(piece)))
        keys = forms.mailbox_keys(normal)
        for address, transform in (*keys, (normal, "")):
            self.mailboxes.setdefault(address, []).append(Needle(tag, address, "exact", transform, 28.0))

    def _add_words(self, tag: Tag, normal: str) -> None:
        pieces = normal.split()
        if len(pieces) <= 6:
            for piece in dict.fromkeys([p.strip(",.;:()\"'") for p in pieces]):
                if len(piece) >= 3 and piece != normal:
                    self.whole.setdefault(piece, []).append(Needle(tag, piece, "part", "word", specificity(piece)))

    def _add_digits(self, tag: Tag, normal: str, bare: str) -> None:
        number = forms.number_key(normal)
        if number is not None:
            self.numbers.setdefault(number, []).append(tag)
        for key in forms.date_keys(normal):
            self.dates.setdefault(key, []).append(tag)
        phone = forms.phone_digits(normal)
        if phone is not None:
            self.phones.setdefault(phone[-forms.PHONE_TAIL :], []).append((phone, tag))
        only = bare if bare.isdigit() else forms.digits(normal)
        if len(only) >= 8:
            self.last_four.setdefault(only[-4:], []).append(tag)

    def _contain(self, needle: Needle) -> None:
        self.contained.append(needle)
        if needle.text.isascii():
            words = words_of(needle.text[:200])
            if words:
                self.by_anchor.setdefault(max(words, key=len), []).append(needle)
                return
        self.wide.append(needle)


def _spelled_keys(numbers: Iterable[str], dates: Iterable[str]) -> tuple[str, ...]:
    """The digits, alone, of the spellings that numbers and dates have."""
    found: dict[str, None] = {}
    for number in numbers:
        whole, point, fraction = number.lstrip("-").partition(".")
        digits = whole + fraction
        for spelled in (digits, digits + "0", digits + "00"):
            if point or len(digits) > 1 or len(spelled) > 1:
                found[spelled] = None
    for date in dates:
        if date[:1] == "t":
            found[forms.digits(date)[:4]] = None
            continue
        year, month, day = date[:4], date[5:7], date[8:10]
        for d in {day, day.lstrip("0")}:
            for m in {month, month.lstrip("0"), ""}:
                for y in (year, year[2:]):
                    for spelled in (y + m + d, d + m + y, m + d + y):
                        if len(spelled) >= 5:
                            found[spelled] = None
    return tuple(found)
