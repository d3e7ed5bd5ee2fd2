"""Column values of written rows: most hold nothing of the request, and are told so in a microsecond or two.

Each check is a look-up in a table of the needles; a value that passes none of them goes the whole way
through ``match_tags``. Nothing is found here that is not found there.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from otel_provenance.matching import dates, forms, runs
from otel_provenance.matching.batch import PLAIN
from otel_provenance.matching.bulk import NOT_DIGITS, SEPARATORS, WORDS, words_of
from otel_provenance.matching.escapes import SIGNS
from otel_provenance.matching.index import BOOLEANS, Needles
from otel_provenance.matching.lazily import lazily
from otel_provenance.matching.pieces import EXCERPT
from otel_provenance.speedups import compiled
from otel_provenance.values import normal_form, normal_text

_OPENING = frozenset('{["')
_SIGNS = "".join(SIGNS).encode()


class ColumnFilter:
    """Says of a scalar whether it can have anything of the needles."""

    def __init__(self, needles: Needles) -> None:
        self._needles = needles

    @lazily
    def keys(self) -> frozenset[str]:
        """What a value is looked into for as a whole."""
        needles = self._needles
        if not needles.booleans and not needles.unaccented:
            return needles.keys
        return needles.keys.union(BOOLEANS if needles.booleans else (), [bare for _, bare in needles.unaccented])

    @lazily
    def _fours(self) -> frozenset[bytes]:
        return frozenset(map(str.encode, self._needles.spelled.last_four))

    @lazily
    def _digits(self) -> frozenset[bytes]:
        return frozenset(map(str.encode, self._needles.spelled.digits))

    @lazily
    def _tails(self) -> frozenset[bytes]:
        return frozenset(map(str.encode, self._needles.spelled.tails))

    @lazily
    def _digit_keys(self) -> list[bytes]:
        return [key for key in (*self._digits, *self._tails) if len(key) >= 5]

    @lazily
    def _bare(self) -> list[bytes]:
        """Values without their accents, which a digit may stand beside."""
        return [bare.encode() for _, bare in self._needles.unaccented if bare.isascii()]

    @lazily
    def _compact(self) -> frozenset[bytes]:
        return frozenset(map(str.encode, self._needles.compact))

    @lazily
    def _coded(self) -> list[bytes]:
        """Numbers and codes, which may stand in a text with other separators."""
        return [key for key in self._compact if len(key) >= 8 and len(key.translate(None, NOT_DIGITS)) >= 4]

    @lazily
    def _anchors(self) -> frozenset[bytes]:
        """The rarest word of each value, and of each piece that texts mention: where it is not, they are not."""
        needles = self._needles
        texts = [words for _, words in needles.words]
        texts += [frozenset(words_of(bare)) for _, bare in needles.unaccented]
        counts: dict[bytes, int] = {}
        for words in texts:
            for word in words:
                counts[word] = counts.get(word, 0) + 1
        mentioned = [words_of(piece) for piece in needles.mentioned.pieces if piece not in needles.mentioned.domains]
        return frozenset(
            [min(words, key=lambda w: (counts[w], -len(w), w)) for words in texts if words]
            + [max(words, key=len) for words in mentioned if words]
        )

    def may_match(self, value: Any, normal: str) -> bool:
        """Whether the value, whose normal form is given, needs to be looked into."""
        if normal in self.keys:
            return True
        kind = type(value)
        if kind is str:
            return self._text_may(value, normal)
        if kind is bool:
            return False
        if kind is int or kind is float or kind is Decimal:
            if normal[:4] in self._needles.beginnings and self._is_beginning(normal):
                return True
            data = normal.encode()
            return self._digits_may(data, data.translate(None, NOT_DIGITS), False)
        if kind is UUID:
            return normal.replace("-", "").encode() in self._compact
        if isinstance(value, date):
            return any(key in self._needles.spelled.dates for key in dates.date_keys(normal))
        return True

    def _text_may(self, value: str, normal: str) -> bool:
        size = len(normal)
        if size < 3:
            return False
        needles = self._needles
        if normal[:4] in needles.beginnings and self._is_beginning(normal):
            return True
        if not value.isascii():
            return bool(needles.wide) or self._unaccented_may(normal) or self._other_text_may(value, normal, size)
        if value.isalpha() and (size < 13 or (size < EXCERPT and not needles.long)):
            # one word, and no key of the needles: what is left is that it is encoded
            if size < 8 or value.islower() or value.istitle():
                return False
            return normal.encode() in self._compact or runs.may_hold(value)
        return self._other_text_may(value, normal, size)

    def _other_text_may(self, value: str, normal: str, size: int) -> bool:
        data = normal.encode("utf-8", "replace")
        words = data.translate(WORDS).split()
        if not self._anchors.isdisjoint(words):
            return True
        if self._fours and not self._fours.isdisjoint([word[-4:] for word in words]):
            return True  # perhaps behind a mask, or words that say so
        if self._fours and len(data) > size and _any_in(list(self._fours), data):
            return True
        bare = data.translate(None, SEPARATORS)
        if bare in self._compact:
            return True
        if "*" in value:
            return True  # what is left of a value that is masked
        spaced = " " in normal
        digits = data.translate(None, NOT_DIGITS)
        if digits and (self._digits_may(data, digits, spaced) or _any_in(self._bare, data)):
            return True
        if spaced and len(digits) >= 4 and _any_in(self._coded, bare):
            return True
        needles = self._needles
        if size >= EXCERPT and needles.long and (size >= 100 or needles.fingerprints.may_share(normal)):
            return True
        if "@" in value:
            if self._mailbox_may(normal):
                return True
            if spaced and self._domain_may(normal):
                return True
            if not spaced and "%" not in value and size < 64:
                return False  # an address, of someone else
        elif "." in value and self._domain_may(normal):
            return True
        raw = value.encode("ascii", "replace").lstrip(b"+")  # a phone number's: its digits have been looked up
        return len(raw.translate(None, _SIGNS)) != len(raw) or value[0] in _OPENING or runs.may_hold(value)

    def _digits_may(self, data: bytes, digits: bytes, spaced: bool) -> bool:
        if data[-4:] in self._fours:
            return True
        if digits in self._digits or digits[-forms.PHONE_TAIL :] in self._tails:
            return True
        count = len(digits)
        return count >= 5 and (spaced or count > 16) and _any_in(self._digit_keys, digits)

    def _is_beginning(self, normal: str) -> bool:
        shown = normal.rstrip(".\u2026 ")
        return any(tag.normal.startswith(shown) for tag in self._needles.begun_by(shown))

    def _mailbox_may(self, normal: str) -> bool:
        domain = normal.rpartition("@")[2]
        if " " in normal or domain not in self._needles.domains:
            return any("@" + known in normal for known in self._needles.domains) if " " in normal else False
        return any(forms.same_mailbox(normal, tag.normal) for tag in self._needles.domains[domain])

    def _domain_may(self, normal: str) -> bool:
        for domain in self._needles.mentioned.domains:  # noqa: SIM110 - as in _any_in
            if domain in normal:
                return True
        return False

    def _unaccented_may(self, normal: str) -> bool:
        plain = forms.without_accents(normal)
        return plain in self.keys or not self._anchors.isdisjoint(words_of(plain))


def normal_of(value: Any) -> str:
    """The normal form of a scalar, of text and whole numbers the fast way."""
    kind = type(value)
    if kind is str:
        return " ".join(value.lower().split()) if value.isascii() else normal_text(value)
    spell = PLAIN.get(kind, normal_form)
    return spell(value)


def is_bare(value: str) -> bool:
    """Whether a text is ASCII, no JSON, and nothing in it is escaped or encoded; False also where only C would tell."""
    return (
        bool(compiled)
        and value.isascii()
        and value[:1] not in _OPENING
        and "\0" not in value
        and compiled.is_plain(value)
    )


def _any_in(keys: list[bytes], text: bytes) -> bool:
    for key in keys:  # noqa: SIM110 - a generator would cost more than what it asks
        if key in text:
            return True
    return False
