"""Column values of written rows: most hold nothing of the request, and are told so in a microsecond or two.

Each check is a look-up in a table of the needles; a value that passes none of them goes the whole way
through ``match_tags``. Nothing is found here that is not found there.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from otel_provenance.matching import forms, runs
from otel_provenance.matching.bulk import words_of
from otel_provenance.matching.escapes import SIGNS
from otel_provenance.matching.index import Needles
from otel_provenance.matching.pieces import EXCERPT
from otel_provenance.values import normal_form, normal_text

_NO_DIGITS = {code: None for code in range(128) if not 48 <= code <= 57}


class ColumnFilter:
    """Says of a scalar whether it can have anything of the needles."""

    def __init__(self, needles: Needles) -> None:
        self._needles = needles
        self._keys = needles.keys
        self._spelled = needles.spelled
        self._fours = frozenset(needles.spelled.last_four)
        self._whole_only = not (needles.contained or needles.long)

    @cached_property
    def _anchors(self) -> frozenset[bytes]:
        """The rarest word of each value: where it does not occur, the value does not."""
        counts: dict[bytes, int] = {}
        for _, words in self._needles.words:
            for word in words:
                counts[word] = counts.get(word, 0) + 1
        return frozenset(min(words, key=lambda w: (counts[w], -len(w), w)) for _, words in self._needles.words if words)

    def normal_of(self, value: Any) -> str:
        """The normal form, of text the fast way."""
        if type(value) is str:
            return " ".join(value.lower().split()) if value.isascii() else normal_text(value)
        return normal_form(value)

    def may_match(self, value: Any, normal: str) -> bool:
        """Whether the value, whose normal form is given, needs to be looked into."""
        if normal in self._keys:
            return True
        kind = type(value)
        if kind is str:
            return self._text_may(value, normal)
        if kind is bool:
            return bool(self._needles.booleans)
        if kind is int or kind is float or kind is Decimal:
            return self._digits_may(normal)
        if kind is UUID:
            return normal.replace("-", "") in self._needles.compact
        if isinstance(value, date):
            return any(key in self._spelled.dates for key in forms.date_keys(normal))
        return True

    def _text_may(self, value: str, normal: str) -> bool:
        size = len(normal)
        if size < 3:
            return False
        needles = self._needles
        if not normal.isascii() and (needles.wide or self._unaccented_may(normal)):
            return True
        if normal[:4] in needles.beginnings and self._is_beginning(normal):
            return True
        if value.isalpha():
            return size >= 8 and runs.may_hold(value)
        if self._digits_may(normal):
            return True
        if value.isalnum():
            return size >= 8 and (normal in needles.compact or runs.may_hold(value))
        if not self._anchors.isdisjoint(words_of(normal)):
            return True
        bare = forms.compact(normal)
        if bare in needles.compact or (size >= EXCERPT and self._long_may(normal, bare)):
            return True
        if "@" in normal and self._mailbox_may(normal):
            return True
        for sign in SIGNS:
            if sign in value:
                return True
        return value[:1] in ("{", "[", '"') or (size >= 8 and runs.may_hold(value))

    def _digits_may(self, normal: str) -> bool:
        spelled = self._spelled
        if not spelled.any:
            return normal[-4:] in self._fours
        digits = normal if normal.isdigit() else normal.translate(_NO_DIGITS)
        if len(digits) < 3:
            return False
        if digits in spelled.keys or digits[-forms.PHONE_TAIL :] in spelled.tails or normal[-4:] in self._fours:
            return True
        if len(normal) > 40 or len(digits) > 16 or " " in normal:
            return any(key in digits for key in spelled.digits if len(key) >= 5) or any(
                tail in digits for tail in spelled.tails
            )
        return False

    def _is_beginning(self, normal: str) -> bool:
        shown = normal.rstrip(".\u2026 ")
        return any(tag.normal.startswith(shown) for tag in self._needles.beginnings[normal[:4]])

    def _long_may(self, normal: str, bare: str) -> bool:
        needles = self._needles
        if needles.long and (normal.strip(".\u2026 ") in needles.long_text or len(normal) >= 100):
            return True
        return any(key in bare for key in needles.compact if len(key) >= 8)

    def _mailbox_may(self, normal: str) -> bool:
        domain = normal.rpartition("@")[2]
        if " " in normal or domain not in self._needles.domains:
            return any("@" + known in normal for known in self._needles.domains) if " " in normal else False
        return any(forms.same_mailbox(normal, tag.normal) for tag in self._needles.domains[domain])

    def _unaccented_may(self, normal: str) -> bool:
        plain = forms.without_accents(normal)
        return plain in self._keys or not self._anchors.isdisjoint(words_of(plain))
