"""The tags of a request, made ready to be looked for: every spelling of a value by a key that they share.

What is cheap is made at once; tables that only some payloads need are made when one needs them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import chain
from typing import Any

from otel_provenance.matching import forms
from otel_provenance.matching.batch import Telling
from otel_provenance.matching.bulk import SEPARATORS, Vocabulary, project, words_of
from otel_provenance.matching.documents import documents_among
from otel_provenance.matching.edges import Edges
from otel_provenance.matching.fingerprints import Fingerprints, K
from otel_provenance.matching.lazily import lazily
from otel_provenance.matching.masked import SAYING_WORDS
from otel_provenance.matching.mentioned import Mentioned
from otel_provenance.matching.names import Names
from otel_provenance.matching.sieve import Sieve
from otel_provenance.matching.specificity import specificity
from otel_provenance.matching.spelled_needles import SpelledNeedles, digits_of
from otel_provenance.matching.stock import is_ideographic
from otel_provenance.matching.trigrams import Trigrams
from otel_provenance.speedups import compiled
from otel_provenance.tags import Tag
from otel_provenance.values import normal_form

LONGEST = 65_536
"""Characters of a value that are looked for; of a longer one, the beginning is."""
LONG, LONG_IDEOGRAPHS = 40, 16
"""Characters from which on an excerpt or a changed copy of a value is looked for; of what has no spaces, fewer."""
LONGEST_BARE = 4_096
"""Characters up to which a value is looked for without its accents."""
SHORT = 64
"""Characters up to which a value is looked for in other spellings."""

STEMS = (4, 12, 32)
"""Lengths by which beginnings are looked up: of a leaf, the longest that it has."""

BOOLEANS = forms.TRUE | forms.FALSE
TRUTHS = {**dict.fromkeys(forms.TRUE, forms.TRUE), **dict.fromkeys(forms.FALSE, forms.FALSE)}
"""Spelling of a truth value → all spellings of the same."""

WORD, LOCAL_PART, DOMAIN = _KINDS = "word", "local-part", "domain"


class Needles:
    """Look-up tables over the tags; built once, read only."""

    def __init__(self, tags: Iterable[Tag]) -> None:
        self.whole: dict[str, list[Tag]] = {}
        """Normal form of a value → its tags."""
        self.parts: dict[str, list[tuple[Tag, str]]] = {}
        """A word, local part or domain → tags that it is a piece of, and which."""
        self.beginnings: dict[str, list[Tag]] = {}
        """The first characters, as many as STEMS says → tags that a truncated value may be of."""
        self.contained: list[Tag] = []
        """What may stand inside a text."""
        self.booleans: list[Tag] = []
        self.long: list[Tag] = []
        self.domains: dict[str, list[Tag]] = {}
        """Domain → tags that are e-mail addresses of it."""
        self.upstream: dict[str, list[Tag]] = {}
        """Hash → tags of other services."""
        self.likely: dict[tuple[str, Names], list[Tag]] = {}
        """Value that says nothing by itself, names of a place → tags that it may be of there; filled by who asks."""
        self.wide: list[Tag] = []
        """Of these, those that are not ASCII."""
        self._structured: list[str] = []
        """Values that would be opened like a payload: JSON or a form that came in as one text."""
        self.ideographs = False
        """Whether a value is one character that is not ASCII: a family name."""
        self._short: list[Tag] = []
        self._quoted: list[Tag] = []
        """Of those contained, the short ones with an apostrophe."""
        self._bits: dict[str, float] = {}
        self._paths: dict[str, dict[str, list[Tag]]] = {}
        if compiled:
            compiled.add_needles(
                list(tags), _KINDS, LONGEST, TRUTHS, self.whole, self.parts, self.beginnings, self.domains,
                self.contained, self.booleans, self.long, self._short, self._structured, self._quoted, self._add_any,
            )  # fmt: skip
        else:
            for tag in tags:
                self._add_any(tag)
        self.keys = frozenset(self.whole) | self.parts.keys()
        """What a whole leaf can be."""

    def _add_any(self, tag: Tag) -> None:
        if tag.source == "upstream":
            self.upstream.setdefault(tag.value_hash, []).append(tag)
        elif tag.value is not None and tag.normal:
            self._add(tag, tag.normal if len(tag.normal) <= LONGEST else tag.normal[:LONGEST])

    def _add(self, tag: Tag, normal: str) -> None:
        self.whole.setdefault(normal, []).append(tag)
        if normal[0] in '{["' or "=" in normal:
            self._structured.append(normal)
        if normal in BOOLEANS:
            self.booleans.append(tag)
        size = len(normal)
        if size == 1 and not normal.isascii():
            self.ideographs = True
        if size >= 4 or (size >= 2 and not normal.isascii()):
            self.contained.append(tag)
            if not tag.normal.isascii():
                self.wide.append(tag)
            if size <= SHORT and ("'" in normal or "\u2019" in normal):
                self._quoted.append(tag)
        if 3 <= size <= SHORT and not normal.isalpha():
            self._short.append(tag)
        if 3 <= size <= 6 and not normal.isascii() and "name" in tag.field.lower():
            self._add_ideographs(tag, normal)
        if size < 5:
            return
        for length in STEMS:
            if length <= size:
                self.beginnings.setdefault(normal[:length], []).append(tag)
        if size >= LONG:
            self.long.append(tag)
        if size > SHORT:
            return
        if not normal.isalpha():
            if "@" in normal:
                self._add_mailbox(tag, normal)
            elif " " in normal:
                self._add_words(tag, normal)

    def _add_mailbox(self, tag: Tag, normal: str) -> None:
        local, at, domain = normal.rpartition("@")
        if at and len(local) > 2 and "." in domain:
            self.parts.setdefault(local, []).append((tag, LOCAL_PART))
            self.parts.setdefault(domain, []).append((tag, DOMAIN))
            self.domains.setdefault(domain, []).append(tag)

    def _add_words(self, tag: Tag, normal: str) -> None:
        words = normal.split(" ")
        if len(words) <= 6:
            for word in words:
                if len(word) >= 3:
                    self.parts.setdefault(word.strip(",.;:()\"'"), []).append((tag, WORD))

    def _add_ideographs(self, tag: Tag, normal: str) -> None:
        """Family and given name of a name that has no space between them."""
        if all("\u2e80" <= c <= "\ud7ff" for c in normal):
            for cut in range(1, min(4, len(normal))):
                self.parts.setdefault(normal[cut:], []).append((tag, WORD))
                self.parts.setdefault(normal[:cut], []).append((tag, WORD))

    @lazily
    def telling(self) -> Telling:
        """What of whole leaves is looked at: truth values in other spellings too."""
        documents, settled = documents_among(self.whole), self.whole
        if documents:
            settled = {normal: tags for normal, tags in settled.items() if normal not in documents}
        return Telling(self.keys | TRUTHS.keys() if self.booleans else self.keys, settled)

    @lazily
    def trigrams(self) -> Trigrams:
        """By which a text is told that holds nothing."""
        return Trigrams(self.whole)

    @lazily
    def sieve(self) -> Sieve:
        """By which a text is told that need not be searched in some ways."""
        return Sieve(self)

    def begun_by(self, leaf: str) -> list[Tag]:
        """Tags whose value may begin with a leaf."""
        size = len(leaf)
        return self.beginnings.get(leaf[: 32 if size >= 32 else 12 if size >= 12 else 4], [])

    def bits_of(self, normal: str) -> float:
        """``specificity`` of a value, or a piece of one, remembered: the same are met again and again."""
        bits = self._bits.get(normal)
        if bits is None:
            bits = self._bits[normal] = specificity(normal)
        return bits

    @lazily
    def structured(self) -> frozenset[str]:
        """Those as a set."""
        return frozenset(self._structured)

    def structured_text(self, content: Any) -> str | None:
        """The content as text, where it is one of these values as a whole."""
        if not self._structured or not isinstance(content, (str, bytes)) or len(content) > LONGEST:
            return None
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
        return text if normal_form(text) in self.structured else None

    def at_path(self, normal: str, path: str) -> list[Tag]:
        """Of the many tags of a value, those that came in at this very path."""
        paths = self._paths.setdefault(normal, {})
        for tag in () if paths else self.whole.get(normal, ()):
            paths.setdefault(tag.field, []).append(tag)
        return paths.get(path, [])

    @lazily
    def words(self) -> list[tuple[Tag, frozenset[bytes]]]:
        """Tags that are ASCII, each with its words: where not all of them occur, the tag does not."""
        return [(tag, frozenset(words_of(tag.normal[:200]))) for tag in self.contained if tag.normal.isascii()]

    @lazily
    def vocabulary(self) -> Vocabulary:
        """All words of all tags and their last four digits, and one of each piece that texts mention."""
        return self._vocabulary(self.words)

    @lazily
    def short_words(self) -> list[tuple[Tag, frozenset[bytes]]]:
        """Of ``words``, those of values that may stand where no K of a long value's words do.

        The first and the last word of a value may be part of others; between them a long one has K.
        """
        return [(t, words) for t, words in self.words if len(t.normal) < LONG or len(words_of(t.normal[:200])) < K + 2]

    @lazily
    def short_vocabulary(self) -> Vocabulary:
        """As ``vocabulary``, of these."""
        return self._vocabulary(self.short_words)

    def _vocabulary(self, of_each: list[tuple[Tag, frozenset[bytes]]]) -> Vocabulary:
        endings = self.spelled.endings
        said = SAYING_WORDS if endings else ()
        return Vocabulary(chain(self.mentioned.anchors, endings, said, *[words for _, words in of_each]))

    @lazily
    def fingerprints(self) -> Fingerprints:
        """Of the long values."""
        return Fingerprints(self.long)

    @lazily
    def mentioned(self) -> Mentioned:
        """Pieces that are looked for inside texts too."""
        return Mentioned(self.parts)

    @lazily
    def ideographic(self) -> list[Tag]:
        """Long values of a script without spaces between words."""
        return [tag for tag in self.wide if len(tag.normal) >= LONG_IDEOGRAPHS and is_ideographic(tag.normal)]

    @lazily
    def compact(self) -> dict[str, list[Tag]]:
        """Letters and digits of a value, without what separates them → its tags."""
        found: dict[str, list[Tag]] = {}
        add = partial(self._add_compact, found)
        if compiled:
            compiled.add_compacts(self._short, found, add)
        else:
            for tag in self._short:
                add(tag)
        return found

    def _add_compact(self, found: dict[str, list[Tag]], tag: Tag) -> None:
        bare = project(tag.normal.replace("\0", " "), SEPARATORS)
        if len(bare) >= 5:
            found.setdefault(bare, []).append(tag)
        if " " in tag.normal:
            plain = self._plain.get(tag.normal)
            if plain is not None:
                found.setdefault(forms.compact(plain), []).append(tag)
            if forms.is_words(tag.normal):
                for other in forms.family_first(tag.normal, plain):
                    found.setdefault(other, []).append(tag)

    @lazily
    def unaccented(self) -> list[tuple[Tag, str]]:
        """Values with accents, without them; with an apostrophe, with the other one."""
        pairs = [(tag, self._plain[tag.normal]) for tag in self.wide if tag.normal in self._plain]
        pairs += [(tag, forms.other_apostrophes(tag.normal)) for tag in self._quoted]
        return pairs

    @lazily
    def _plain(self) -> dict[str, str]:
        """Values with accents → without them."""
        plain = {tag.normal: forms.without_accents(tag.normal) for tag in self.wide if len(tag.normal) <= LONGEST_BARE}
        return {normal: bare for normal, bare in plain.items() if bare != normal}

    @lazily
    def openings(self) -> dict[str, dict[int, None]]:
        """The first two characters, or the only one → lengths of the values that begin so, the greatest first."""
        found: dict[str, dict[int, None]] = {}
        for normal in sorted(self.whole, key=len, reverse=True):
            if len(normal) <= SHORT and (len(normal) > 1 or not normal.isascii()):
                found.setdefault(normal[:2], {})[len(normal)] = None
        return found

    @lazily
    def edges(self) -> Edges:
        """By which a leaf is told that may be a piece of a value."""
        pairs = [normal[:2] for normal in self.whole if len(normal) <= SHORT]  # those of ``openings``
        return Edges(self.beginnings, pairs, self.spelled.last_four)

    @lazily
    def binaries(self) -> dict[bytes, list[Tag]]:
        """Values that are no text: a photo, a PDF."""
        found: dict[bytes, list[Tag]] = {}
        for tag in chain.from_iterable(self.whole.values()):
            if type(tag.value) is bytes:
                found.setdefault(tag.value, []).append(tag)
        return found

    @lazily
    def spelled(self) -> SpelledNeedles:
        """Numbers, dates and phone numbers."""
        return SpelledNeedles(digits_of(self._short), self.whole)
