"""The pieces of values that texts mention: the first name in a greeting, the local part in a log line, a domain.

Only a person's name is taken apart; a piece that is an ordinary word, or a mail provider, is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from otel_provenance.matching.bulk import Bulk, Vocabulary, words_of
from otel_provenance.matching.common import COMMON_WORDS, MAIL_PROVIDERS, NAMES_OR_WORDS
from otel_provenance.matching.forms import without_accents
from otel_provenance.matching.lazily import lazily
from otel_provenance.matching.names import is_persons, names_of_path
from otel_provenance.matching.specificity import specificity

if TYPE_CHECKING:
    from otel_provenance.matching.budget import Budget
    from otel_provenance.tags import Tag

SHORTEST_NAME, SHORTEST_LOCAL = 4, 5
"""Characters of a word of a name, and of a local part."""
LEAST_LOCAL = 8.0
"""Bits of a local part."""
DOMAIN = 15.0
"""Bits of a domain that is no mail provider's."""
RARE, LETTER = 10, 1.65
"""Letters from which on a name by itself is not a coincidence; bits of one."""
USUAL = 12.9
"""Bits of a shorter one at most: as likely as not somebody else's, if nobody vouches for it."""
GREETED = 4.0
"""Bits for a greeting before it, which tells that it is a name."""
_GREETINGS = frozenset(
    """
    dear hi hello hey hallo liebe lieber lieben guten morgen tag moin herr frau cher chère chers bonjour bonsoir salut
    monsieur madame hola querido querida estimado estimada señor señora don doña ciao caro cara gentile egregio
    signor signora olá ola oi prezado prezada senhor senhora beste hoi geachte mevrouw meneer cześć witaj drogi droga
    pan pani szanowny szanowna здравствуйте привет уважаемый уважаемая дорогой дорогая merhaba sayın sevgili selam hej
    kära käre kjære kære hei mr mrs ms miss dr prof mme mlle sr sra sig thanks thank merci danke gracias grazie
    obrigado obrigada customer patient guest user member passenger from for by to
    """.split()  # noqa: SIM905
)

_NEXT = re.compile(r" (?:[A-Z]\. )?([^\W\d_][\w'\u2019-]+)")
_BEFORE = re.compile(r"([^\W\d_][\w.'\u2019-]+) \Z")


class Mentioned:
    """Look-up of such pieces in texts."""

    def __init__(self, parts: Mapping[str, list[tuple[Tag, str]]]) -> None:
        self.pieces: dict[str, list[tuple[Tag, str]]] = {}
        """Text of a piece → whose it is, and what of it."""
        self.domains: list[str] = []
        for text, tags in parts.items():
            if len(text) < SHORTEST_NAME or text in COMMON_WORDS or text in NAMES_OR_WORDS:
                continue
            for tag, kind in tags:
                if kind == "word":
                    if _is_for_person(tag.field):
                        self._add_word(text, tag)
                elif kind == "local-part":
                    if len(text) >= SHORTEST_LOCAL:
                        self.pieces.setdefault(text, []).append((tag, kind))
                elif text not in MAIL_PROVIDERS:
                    self.domains += [text] if text not in self.pieces else []
                    self.pieces.setdefault(text, []).append((tag, kind))

    def _add_word(self, text: str, tag: Tag) -> None:
        if not _is_name(tag.normal) or not _is_word_of_name(text):
            return
        self.pieces.setdefault(text, []).append((tag, "word"))
        plain = text if text.isascii() else without_accents(text)
        if plain != text:
            self.pieces.setdefault(plain, []).append((tag, "accents>word"))

    def bits(self, text: str, kind: str, greeted: bool) -> float:
        """What a piece says; a usual name is as likely as not somebody else's, if nobody vouches for it."""
        if kind == "domain":
            return DOMAIN
        is_word = kind != "local-part"
        bits = LETTER * len(text) if is_word else specificity(text)
        if not is_word and bits < LEAST_LOCAL:
            return 0.0
        if is_word or text.isalpha():
            return bits if len(text) >= RARE else min(bits + (GREETED if greeted else 0.0), USUAL)
        return bits

    def in_bulk(self, bulk: Bulk, direct: bool, budget: Budget) -> list[str]:
        """The pieces that a joined text holds, perhaps inside longer words."""
        text = bulk.text
        if direct:
            return [piece for piece in self.pieces if piece in text]
        anchors = self.anchors
        words = bulk.words if bulk.words is not None else Vocabulary(anchors).common(text, budget)
        return [piece for anchor in anchors.keys() & words for piece in anchors[anchor] if piece in text]

    @lazily
    def anchors(self) -> dict[bytes, list[str]]:
        """The longest word of each piece → the pieces."""
        found: dict[bytes, list[str]] = {}
        for text in self.pieces:
            words = words_of(text)
            if words:
                found.setdefault(max(words, key=len), []).append(text)
        return found


def is_greeted(text: str, start: int) -> bool:
    """Whether a greeting, or a word for who somebody is, stands before a place of a text."""
    words = text[max(0, start - 16) : start].replace("\0", " . ").split(" ")
    return len(words) > 1 and not words[-1] and words[-2].strip("(\"'.:,>") in _GREETINGS


def is_anothers(raw: str, piece: str, tag: Tag) -> bool:
    """Whether capitals tell that a word of a name is one of somebody else's: ``Peter Schmidt``, ``Anna Kowalski``."""
    own = tag.normal.split(" ")
    is_given = own[0] == piece and "last" not in names_of_path(tag.field)[0]
    for found in islice(re.finditer(re.escape(piece), raw, re.IGNORECASE), 16):
        after = _NEXT.match(raw, found.end())
        before = None if is_given else _BEFORE.search(raw[max(0, found.start() - 40) : found.start()])
        others = [beside[1] for beside in (before, after) if beside is not None and beside[1][0].isupper()]
        if raw.isupper() or not others or (before and before[1].casefold() in _GREETINGS):
            return False
        if any(other.casefold() in own for other in others):
            return False
    return True


def _is_word_of_name(text: str) -> bool:
    return text.replace("-", "").replace("'", "").replace("\u2019", "").isalpha() and not (
        "\u2e80" <= text[0] <= "\ud7ff"
    )


def _is_name(normal: str) -> bool:
    """Whether a value may be the name of a person: two to four words of letters."""
    words = normal.split(" ")
    return 2 <= len(words) <= 4 and all(map(_is_letters, words))


@lru_cache(maxsize=8192)
def _is_for_person(field: str) -> bool:
    return is_persons(names_of_path(field))


def _is_letters(word: str) -> bool:
    return word.strip(".,'\u2019-").replace("-", "").replace("'", "").replace("\u2019", "").isalpha()
