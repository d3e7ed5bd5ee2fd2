"""The last four digits of a number inside a sentence, behind a mask or words that say so: every receipt has them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from otel_provenance.matching.batch import Batch
from otel_provenance.matching.forms import compact
from otel_provenance.matching.sightings import Sightings
from otel_provenance.tags import Tag

LONGEST = 262_144
"""Characters of a joined text that is looked through."""
MOST = 256
BITS = 13.9
"""What four digits say where nothing else is left to chance."""
BEGUN = 2.4
"""Bits of each digit that is shown before the mask."""

_FEW = 8
"""Of so many endings, each is looked for before the words are."""
_SIGNS = ("**", "xx", "##", "...", "end", "last", "letzt", "termin", "fin", "acab", "derni", "ultim", "laatste")
_OTHER_SIGNS = ("\u2022\u2022", "\u00b7\u00b7", "\u2026", "\u00faltim", "\u0144cz", "\u5c3e", "\u4e0b")
"""Without any of these, no text tells last four digits: a cheaper question than the one below."""
_MASK = (
    r"(?<![\w*\u2022\u00b7#.\u2026])((?:[a-z]{2})?\d{2,8})?[ -]?"
    r"(?:[*\u2022\u00b7#]{2,}|x{2,}|\.{3}|\u2026)[ *x\u2022\u00b7#-]{0,20}"
)
_SAYING = "|".join(
    (
        r"end(?:ing|s|ed)?(?: in| with| on)?",
        r"last (?:4|four)(?: digits?)?(?: of [\w ]{1,20}?)?(?: are| is)?",
        r"end(?:et|end|ung)?(?: auf| mit)?|endziffern|letzten? (?:4|vier) (?:ziffern|stellen)",
        r"(?:se )?termin(?:e|ant|ada|ado|ando|a|ante|ata)(?: par| en| em| con| in| com)?|finissant par",
        r"(?:4|quatre) derniers chiffres",
        r"acaba(?:da|do|ndo)?(?: en| em)|finaliza(?:da|do)?(?: en)?|final",
        r"(?:\u00faltim[oa]s|ultime) (?:4|quatro|cuatro|quattro)(?: d\u00edgitos| cifre)?",
        r"eindigend op|laatste (?:4|vier) cijfers",
        r"ko\u0144cz\w{1,6} si\u0119(?: na)?",
    )
)
_SAYING_WITHOUT_SPACES = r"(?:\u5c3e\u53f7|\u5c3e\u865f|\u672b\u5c3e|\u4e0b4\u6841)(?:\u4e3a|\u70ba|\u306f|:| )?"
_LAST_FOUR = re.compile(rf"(?:{_MASK}|\b(?:{_SAYING})[:=]? |{_SAYING_WITHOUT_SPACES})(\d{{4}})(?![0-9a-z])")


def find_masked(batch: Batch, fours: dict[str, list[Tag]], sightings: Sightings) -> None:
    """Add the numbers whose last four digits a text tells as such; ``fours`` are those of the values."""
    bulk = batch.bulk
    text = bulk.text
    if len(text) > LONGEST or (len(fours) <= _FEW and not _any_in(fours, text)):
        return
    if not _any_in(_SIGNS if text.isascii() else _SIGNS + _OTHER_SIGNS, text) or not _any_in(fours, text):
        return
    for found in islice(_LAST_FOUR.finditer(text), MOST):
        for tag in fours.get(found[2], ()):
            begins = found[1] or ""
            at = bulk.leaf_at(found.start(2))
            leaf = bulk.leaves[at]
            if compact(tag.normal).startswith(begins) and len(found[0]) < len(leaf):
                bits = BITS + BEGUN * len(begins)
                step = "mask" if begins else "last-4"
                sightings.add(tag, batch.places[at], "part", step, bits, found[2], 4 / len(leaf))


def _any_in(signs: Iterable[str], text: str) -> bool:
    for sign in signs:  # noqa: SIM110 - a generator would cost more than what it asks
        if sign in text:
            return True
    return False
