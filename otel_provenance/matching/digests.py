"""Digests are the only needles: they cannot be undone, so values are digested where a payload holds candidates."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import groupby, islice

from otel_provenance.matching import forms
from otel_provenance.matching.budget import Budget
from otel_provenance.matching.sightings import Sightings
from otel_provenance.matching.specificity import specificity
from otel_provenance.matching.undo import Digest
from otel_provenance.tags import Tag

MOST_HASHES = 20_000
"""Digests that are computed for one set of tags; each takes half a microsecond."""
SHORTEST = 8
"""Bytes of a truncated digest: sixteen hexadecimal digits."""

_Algorithm = Callable[[bytes], bytes]


ALGORITHMS: dict[str, tuple[int, _Algorithm]] = {
    "md5": (16, lambda d: hashlib.md5(d, usedforsecurity=False).digest()),
    "sha1": (20, lambda d: hashlib.sha1(d, usedforsecurity=False).digest()),
    "sha256": (32, lambda d: hashlib.sha256(d).digest()),
    "sha512": (64, lambda d: hashlib.sha512(d).digest()),
    "sha224": (28, lambda d: hashlib.sha224(d).digest()),
    "sha384": (48, lambda d: hashlib.sha384(d).digest()),
    "sha3-256": (32, lambda d: hashlib.sha3_256(d).digest()),
    "sha3-512": (64, lambda d: hashlib.sha3_512(d).digest()),
    "sha3-224": (28, lambda d: hashlib.sha3_224(d).digest()),
    "sha3-384": (48, lambda d: hashlib.sha3_384(d).digest()),
    "blake2b": (64, lambda d: hashlib.blake2b(d).digest()),
    "blake2s": (32, lambda d: hashlib.blake2s(d).digest()),
    "blake2b-256": (32, lambda d: hashlib.blake2b(d, digest_size=32).digest()),
    "blake2b-128": (16, lambda d: hashlib.blake2b(d, digest_size=16).digest()),
    "blake2b-160": (20, lambda d: hashlib.blake2b(d, digest_size=20).digest()),
}
"""Name → (bytes, function); the likeliest first."""
_TWICE = ("md5", "sha1", "sha256", "sha512")
_TWICE_RARELY = ("sha224", "sha384", "sha3-256", "sha3-512", "blake2b", "blake2s")
"""Inner digests of a whole outer one, tried for few tags only."""
FEW_TAGS = 32
_USUAL = ("", "trim", "lower", "phone")


class DigestNeedles:
    """Digests of the tags' values by their first eight bytes; each algorithm is computed when first needed."""

    def __init__(self, tags: list[Tag]) -> None:
        self._tags = [t for t in tags if t.source != "upstream" and t.value is not None and t.normal]
        self._plain: list[tuple[Tag, str, bytes]] | None = None
        self._few: list[tuple[Tag, str, bytes]] | None = None
        self._tables: dict[str, dict[bytes, list[tuple[Tag, str, bytes]]]] = {}
        self._left = MOST_HASHES

    def find(self, data: bytes, budget: Budget) -> list[tuple[Tag, str]]:
        """(tag, transform) of the values that a digest, perhaps a truncated one, is of."""
        size = len(data)
        whole = [name for name, (length, _) in ALGORITHMS.items() if length == size]
        cut = [name for name, (length, _) in ALGORITHMS.items() if length > size]
        twice = [f"{outer}>{inner}" for outer in whole + cut if outer in _TWICE for inner in _TWICE]
        twice += [f"{name}>{name}" for name in whole if name not in _TWICE]
        if len(self._tags) <= FEW_TAGS:
            twice += [f"{outer}>{inner}" for outer in whole if outer in _TWICE for inner in _TWICE_RARELY]
        for name in whole + cut + twice:
            if budget.expired():
                break
            found = [
                (tag, ">".join(filter(None, (name, step))))
                for tag, step, digest in self._table(name, budget).get(data[:SHORTEST], ())
                if digest.startswith(data)
            ]
            if found:
                return found
        return []

    def _table(self, name: str, budget: Budget) -> dict[bytes, list[tuple[Tag, str, bytes]]]:
        table = self._tables.get(name)
        if table is None:
            table = self._tables[name] = {}
            outer, _, inner = name.partition(">")
            for tag, step, data in self._few_spellings() if inner else self._spellings():
                if self._left <= 0:
                    budget.cut("too_large")
                    break
                self._left -= 1
                if inner:
                    once = ALGORITHMS[inner][1](data)
                    digests = [ALGORITHMS[outer][1](once.hex().encode()), ALGORITHMS[outer][1](once)]
                else:
                    digests = [ALGORITHMS[outer][1](data)]
                for digest in digests:
                    table.setdefault(digest[:SHORTEST], []).append((tag, step, digest))
        return table

    def _spellings(self) -> list[tuple[Tag, str, bytes]]:
        if self._plain is None:
            self._plain = [(tag, step, data) for tag in self._tags for step, data in spellings(tag)]
        return self._plain

    def _few_spellings(self) -> list[tuple[Tag, str, bytes]]:
        """Those that a digest of a digest is looked for in: there are many pairs of algorithms."""
        if self._few is None:
            self._few = []
            for _, spelled in groupby(self._spellings(), lambda spelling: spelling[0].tag_id):
                self._few += islice((one for one in spelled if one[1] in _USUAL), 5)
        return self._few


def spellings(tag: Tag) -> Iterator[tuple[str, bytes]]:
    """(step, bytes) of the forms in which a value is digested: as it came, trimmed, lower-cased, digits alone."""
    value = tag.value
    if isinstance(value, bytes):
        yield "", value
        return
    text = value if isinstance(value, str) else tag.normal
    seen: set[str] = set()
    stripped = text.strip()
    phone = forms.phone_digits(tag.normal)
    for step, form in (
        ("", text),
        ("trim", stripped),
        ("lower", stripped.lower()),
        ("normal", tag.normal),
        ("upper", stripped.upper()),
        *(_phones(phone) if phone else ()),
        *(_compacts(stripped) if len(text) < 64 and not text.isalnum() else ()),
        *(forms_of_mailbox(tag.normal) if "@" in text else ()),
    ):
        if form and form not in seen:
            seen.add(form)
            yield step, form.encode("utf-8", "surrogatepass")


def forms_of_mailbox(normal: str) -> Iterator[tuple[str, str]]:
    """Addresses without plus tag and dots, as advertising platforms digest those of Gmail."""
    for address, step in forms.mailbox_keys(normal):
        yield step, address


def _compacts(text: str) -> Iterator[tuple[str, str]]:
    bare = "".join([c for c in text if c.isalnum()])
    yield "separators", bare
    yield "separators>lower", bare.lower()


def _phones(phone: str) -> Iterator[tuple[str, str]]:
    digits = phone.lstrip("+")
    yield "phone", "+" + digits
    yield "phone", digits
    if len(digits) == 11 and digits[0] in "78":  # in Russia and Kazakhstan +7 and 8 are the same
        yield from (("phone", form) for form in ("+7" + digits[1:], "7" + digits[1:], "8" + digits[1:]))
    if not phone.startswith("+"):
        national = digits.lstrip("0")
        for code in _CODES:
            yield "phone", f"+{code}{national}"
            yield "phone", f"{code}{national}"


_CODES = ("1", "44", "49", "33", "39", "34", "31", "43", "41", "46", "47", "45", "48", "32", "351", "353", "358", "7",
          "61", "64", "91", "81", "82", "86", "55", "52", "54", "27", "90", "30", "420", "36", "40", "380", "972",
          "971", "65", "60", "62", "63", "66", "84", "20", "234", "254", "56", "57", "51")  # fmt: skip
"""Countries tried for a number that does not say its own."""


def look_up(digests: list[Digest], needles: DigestNeedles, sightings: Sightings, budget: Budget) -> None:
    """Add what of the tags the digests of a payload are of."""
    seen: dict[bytes, list[tuple[Tag, str]]] = {}
    for digest in digests:
        if digest.data not in seen:
            if budget.expired():
                return
            seen[digest.data] = needles.find(digest.data, budget)
        for tag, transform in seen[digest.data]:
            sightings.add(tag, digest.origin, "digest", transform, specificity(tag.normal), tag.normal, digest.share)
