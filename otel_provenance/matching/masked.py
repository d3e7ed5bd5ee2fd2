"""The last four digits of a number inside a sentence, behind a mask or words that say so: every receipt has them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from otel_provenance.matching.batch import Batch
from otel_provenance.matching.budget import Budget
from otel_provenance.matching.bulk import END
from otel_provenance.matching.forms import compact
from otel_provenance.matching.sightings import Sightings
from otel_provenance.matching.spelled_needles import SpelledNeedles
from otel_provenance.tags import Tag

BEFORE = 48
"""Characters before four digits that are looked at."""
MOST = 64
"""Places of four digits that are looked at."""
BITS = 13.9
"""What four digits say where nothing else is left to chance."""
BEGUN = 2.4
"""Bits of each digit that is shown before the mask."""

_MASK = (
    r"(?<![\w*\u2022\u00b7#.\u2026])((?:[a-z]{2})?\d{2,8})?[ -]?"
    r"(?:[*\u2022\u00b7#]{2,}|x{2,}|\.{3}|\u2026)[ *x\u2022\u00b7#-]{0,20}"
)
_SAYING = "|".join(
    (
        r"end(?:ing|s|ed)(?: in| with| on)?",
        r"last (?:4|four)(?: digits?)?(?: of [\w ]{1,20}?)?(?: are| is)?",
        r"end(?:et|end|ung)(?: auf| mit)?|endziffern|letzten? (?:4|vier) (?:ziffern|stellen)",
        r"(?:se )?termin(?:e|ant|ada|ado|ando|a|ante|ata)(?: par| en| em| con| in| com)?|finissant par",
        r"(?:4|quatre) derniers chiffres",
        r"acaba(?:da|do|ndo)?(?: en| em)|finaliza(?:da|do)?(?: en)?|final",
        r"(?:\u00faltim[oa]s|ultime) (?:4|quatro|cuatro|quattro)(?: d\u00edgitos| cifre)?",
        r"eindigend op|laatste (?:4|vier) cijfers",
        r"ko\u0144cz\w{1,6} si\u0119(?: na)?",
    )
)
SAYING_WORDS = frozenset(
    b"""
    ending ends ended last endet endend endung endziffern letzte letzten termine terminant terminada terminado
    terminando termina terminante terminata finissant derniers acaba acabada acabado acabando finaliza finalizada
    finalizado final ultime eindigend laatste
    """.split()
)
"""Of a long ASCII text, the words without one of which nothing of this is said."""
_MASKS = ("**", "##", "*#", "#*", "xx", "...")
_SAYING_WITHOUT_SPACES = r"(?:\u5c3e\u53f7|\u5c3e\u865f|\u672b\u5c3e|\u4e0b4\u6841)(?:\u4e3a|\u70ba|\u306f|:| )?"
_SAID = re.compile(rf"(?:{_MASK}|\b(?:{_SAYING})[:=]? |{_SAYING_WITHOUT_SPACES})\Z")


def find_masked(batch: Batch, needles: SpelledNeedles, sightings: Sightings, budget: Budget) -> None:
    """Add the numbers whose last four digits a text tells as such."""
    bulk, fours = batch.bulk, needles.last_four
    shown: Iterable[str] = fours
    if bulk.words is not None:  # a long text: only at the boundaries of words
        if bulk.text.isascii() and SAYING_WORDS.isdisjoint(bulk.words) and not any(m in bulk.text for m in _MASKS):
            return
        shown = map(bytes.decode, needles.endings & bulk.words)
    for four in shown:
        if four in bulk.text:
            for start in bulk.find_all(four, MOST):
                _masked(batch, start, four, fours[four], sightings)
            if budget.expired():
                return


def _masked(batch: Batch, start: int, four: str, tags: list[Tag], sightings: Sightings) -> None:
    text = batch.bulk.text
    after = text[start + 4 : start + 5]
    if start == 0 or (after.isascii() and after.isalnum()) or text[start - 1].isdigit():
        return
    before = text[max(0, start - BEFORE) : start].rpartition(END)[2]
    said = _SAID.search(before)
    if said is None:
        return
    begins = said[1] or ""
    at = batch.bulk.leaf_at(start)
    leaf = batch.bulk.leaves[at]
    for tag in tags:
        if compact(tag.normal).startswith(begins) and len(said[0]) + 4 < len(leaf):
            bits = BITS + BEGUN * len(begins)
            sightings.add(tag, batch.places[at], "part", "mask" if begins else "last-4", bits, four, 4 / len(leaf))
