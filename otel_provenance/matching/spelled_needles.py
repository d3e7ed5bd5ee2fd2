"""The values of a request that have many spellings, by what they mean: numbers, dates and phone numbers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from otel_provenance.matching import dates, forms
from otel_provenance.matching.countries import calling_codes
from otel_provenance.matching.lazily import lazily
from otel_provenance.speedups import compiled
from otel_provenance.tags import Tag


class SpelledNeedles:
    """Values that have many spellings: by what they mean, and by the digits that their spellings have."""

    def __init__(self, tags: Iterable[tuple[Tag, str]], whole: dict[str, list[Tag]]) -> None:
        self._whole = whole
        self.numbers: dict[str, list[Tag]] = {}
        self.dates: dict[str, list[Tag]] = {}
        self.phones: dict[str, list[tuple[str, Tag]]] = {}
        self.last_four: dict[str, list[Tag]] = {}
        self.digits: dict[str, None] = {}
        for tag, digits in tags:
            self._add(tag, tag.normal, digits)
        self.keys = self.digits.keys()
        self.inside = [key for key in (*self.digits, *self.phones) if len(key) >= 5]
        """Digits by which a spelling inside a longer text is noticed."""
        self.tails = self.phones.keys()
        self.any = bool(self.digits or self.phones)

    @lazily
    def endings(self) -> frozenset[bytes]:
        """The last four digits, as words."""
        return frozenset(map(str.encode, self.last_four))

    @lazily
    def codes(self) -> frozenset[str]:
        """Country codes of phone numbers of the countries that the request tells."""
        return calling_codes(tag for tags in self._whole.values() for tag in tags)

    def _add(self, tag: Tag, normal: str, digits: str) -> None:
        count = len(digits)
        if count >= 8:
            self.last_four.setdefault(digits[-4:], []).append(tag)
        if 5 <= count <= 8 or ":" in normal:
            for key in dates.date_keys(normal):
                self.dates.setdefault(key, []).append(tag)
                self.digits |= dict.fromkeys(dates.date_digits(key))
        if count * 2 < len(normal):
            return
        if 7 <= count <= 16:
            phone = forms.phone_digits(normal)
            if phone is not None:
                self.phones.setdefault(phone[-forms.PHONE_TAIL :], []).append((phone, tag))
        number = forms.number_key(normal)
        if number is not None:
            self.numbers.setdefault(number, []).append(tag)
            bare = forms.digits(number)  # canonical: no zeros behind a fraction, no exponent
            self.digits.update({bare: None, bare + "0": None, bare + "00": None})
            telling = bare.rstrip("0")
            if len(bare) > len(telling) + 1:
                self.digits[telling + str(len(bare) - 1)] = None  # 7e3; of 7.5e3 the power is one less
                self.digits[telling + str(len(bare) - len(telling))] = None


def digits_of(tags: list[Tag]) -> list[tuple[Tag, str]]:
    """Each tag with its digits, where it has so many that it may have other spellings."""
    found: list[tuple[Tag, str]] = []
    add = partial(_add_digits, found)
    if compiled:
        compiled.add_spelled(tags, found, add)
    else:
        for tag in tags:
            add(tag)
    return found


def _add_digits(found: list[tuple[Tag, str]], tag: Tag) -> None:
    normal = tag.normal
    digits = forms.digits(normal)
    count = len(digits)
    if count >= 5 or (count >= 3 and ":" in normal) or (count * 2 >= len(normal) and (count >= 3 or "e" in normal)):
        found.append((tag, digits))
