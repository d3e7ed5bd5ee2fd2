"""A batch of leaves × the needles: which values stand in them, as a whole, inside, or without their separators.

Other spellings (numbers, dates, phones, addresses) are in ``spellings.py``, pieces of values in ``pieces.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from otel_provenance.matching import forms, sieve
from otel_provenance.matching.batch import Batch, Groups
from otel_provenance.matching.boundaries import alone, bounded
from otel_provenance.matching.budget import Budget
from otel_provenance.matching.bulk import END, SEPARATORS, Bulk
from otel_provenance.matching.common import COMMON_WORDS, NAMES_OR_WORDS
from otel_provenance.matching.confidence import NAME, NEIGHBOUR, PRIOR, STRONG_BITS
from otel_provenance.matching.index import TRUTHS, Needles
from otel_provenance.matching.mentioned import Mentioned, is_anothers, is_greeted
from otel_provenance.matching.names import Names, likeness, names_of_path
from otel_provenance.matching.pieces import find_pieces
from otel_provenance.matching.places import Place, names_of, path_of
from otel_provenance.matching.respelling import respelling
from otel_provenance.matching.sightings import Sightings
from otel_provenance.matching.specificity import specificity
from otel_provenance.matching.spellings import find_mailboxes, find_spellings
from otel_provenance.tags import Tag

DIRECT = 1_000_000
"""Characters times values up to which every value is looked for everywhere; past it, at whole words only."""
UNACCENTED = 262_144
"""Characters of a batch up to which accents are taken off it; off the values they always are."""
BETWEEN_LOOKS = 32
"""Values that are looked for between two looks at the clock."""
WORD_BITS = 7.9
"""What a value that is an ordinary word says inside a text, so that a neighbour alone does not make it likely."""
MOST_OF_A_VALUE = 64
"""Tags of one value that are told of at one place, where none of them came in at the same path: else ten thousand equal
values that go on would be a hundred million pairs."""
WEAK_BITS = 8.0
"""What is less specific is looked for as a whole leaf only, never inside a text."""


def search(batch: Batch, needles: Needles, sightings: Sightings, budget: Budget) -> Batch:
    """Add to ``sightings`` what of the needles the leaves of a batch hold; returns the leaves that are no value."""
    groups, rest = batch.settle(needles.telling)
    if groups:
        _whole_leaves(batch, groups, needles, sightings)
    batch.forget()  # the rest has what it needs
    if not rest.texts or budget.expired():
        return rest
    text = rest.bulk.text
    if not needles.trigrams.may_share(text):
        return rest
    direct = len(text) * len(needles.contained) <= DIRECT
    may_find = needles.sieve.sift(text) if direct else sieve.ALL
    if may_find & sieve.CONTAINED:
        _contained(rest, needles, sightings, direct, budget)
    if may_find & sieve.MENTIONED and needles.mentioned.pieces and not budget.expired():
        _mentioned(rest, needles.mentioned, sightings, direct, budget)
    if may_find & sieve.UNACCENTED and (needles.wide or not text.isascii()) and not budget.expired():
        _unaccented(rest, needles, sightings, direct, budget)
    if may_find & sieve.SPACED and needles.compact and not budget.expired():
        _otherwise_spaced(rest, needles, sightings, direct)
    if may_find & sieve.SPELLED and not budget.expired():
        find_spellings(rest, needles.spelled, sightings, direct)
    if may_find & sieve.MAILBOX and needles.domains and "@" in text:
        find_mailboxes(rest, needles, sightings)
    if not budget.expired():
        find_pieces(rest, needles, sightings, budget, may_be_masked=bool(may_find & sieve.MASKED))
    return rest


def _whole_leaves(batch: Batch, groups: Groups, needles: Needles, sightings: Sightings) -> None:
    """Add the leaves that are values, or pieces of them, as a whole."""
    texts, places, arounds = batch.texts, batch.places, batch.places.arounds
    found: list[tuple[int, str, float, list[Tag], list[tuple[Tag, str]]]] = []
    weak: list[tuple[str, float, list[Tag], list[tuple[Tag, str]], list[int]]] = []
    for (leaf, _), group in groups.items():
        bits = needles.bits_of(leaf)
        tags = needles.whole.get(leaf, _NONE)
        pieces = needles.parts.get(leaf, _NO_PIECES)
        if bits < WEAK_BITS:  # such leaves are everywhere: decided once for each value and name
            place = places[group[0]]
            tags = _likely(leaf, tags, bits, place, needles, sightings)
            if tags or pieces:
                sightings.count_weak(tags, len(group))
                weak.append((leaf, bits, tags, pieces, group))
            continue
        for at in group:
            found.append((at, leaf, bits, tags, pieces))
    strong: set[int] | None = None  # what a value stands in that vouches for its neighbours
    for leaf, bits, tags, pieces, group in weak:
        rare = sightings.rare_of(tags)
        if strong is None and len(rare) < len(tags):
            strong = {id(arounds[at]) for at, _, strength, whose, _ in found if whose and strength >= STRONG_BITS}
        for at in group:
            here = tags if strong is not None and id(arounds[at]) in strong else rare
            if here or pieces:
                found.append((at, leaf, bits, here, pieces))
    found.sort()  # by place, of which no two are equal
    for at, leaf, bits, tags, pieces in found:
        if sightings.is_full():
            break
        place, text = places[at], texts[at]
        if len(tags) > MOST_OF_A_VALUE and bits >= WEAK_BITS:
            tags = _near(leaf, tags, place, needles, sightings)
        for tag in tags:
            step = ""
            if tag.value != text:
                step = respelling(tag.value, text) if tag.normal == leaf else "boolean"
            sightings.add(tag, place, "exact", step, bits, leaf, 1.0)
        for tag, name in pieces:
            if name == "domain" and leaf not in COMMON_WORDS:
                bits = 15.0  # the providers' are common words
            if bits >= 4.0:  # ``eva``, beside an address of hers
                sightings.add(tag, place, "part", name, bits, leaf, 1.0)


def _near(leaf: str, tags: list[Tag], place: Place, needles: Needles, sightings: Sightings) -> list[Tag]:
    """Of very many tags of a value, those that came in at the path where it stands now."""
    return needles.at_path(leaf, path_of(place)) or sightings.first_of(tags, MOST_OF_A_VALUE)


def _likely(leaf: str, tags: list[Tag], bits: float, place: Place, needles: Needles, sightings: Sightings) -> list[Tag]:
    """Of the tags of a value that is everywhere, those that a neighbour could make likely at a place so named,
    and the truth values in other spellings that are named the same."""
    names = names_of(place)
    if len(tags) > MOST_OF_A_VALUE:
        return _named_alike(leaf, _near(leaf, tags, place, needles, sightings), bits, needles, names)
    return named_alike(leaf, tags, bits, needles, names)


def named_alike(leaf: str, tags: list[Tag], bits: float, needles: Needles, names: Names) -> list[Tag]:
    """As ``_likely``, of few tags and a place so named: rows have the same columns, and requests and tables the same
    names."""
    known = needles.likely.get((leaf, names))
    if known is None:
        known = needles.likely[leaf, names] = _named_alike(leaf, tags, bits, needles, names)
    return known


def _named_alike(leaf: str, tags: list[Tag], bits: float, needles: Needles, names: Names) -> list[Tag]:
    found = [t for t in tags if bits + NAME * likeness(names_of_path(t.field), names) >= PRIOR - NEIGHBOUR]
    spellings = TRUTHS.get(leaf, ())
    for tag in needles.booleans[:MOST_OF_A_VALUE] if spellings else ():
        if tag.normal in spellings and tag.normal != leaf and likeness(names_of_path(tag.field), names) == 1.0:
            found.append(tag)
    return found


_NONE: list[Tag] = []
_NO_PIECES: list[tuple[Tag, str]] = []


def _contained(batch: Batch, needles: Needles, sightings: Sightings, direct: bool, budget: Budget) -> None:
    for tag in _occurring(batch.bulk, needles, direct, budget):
        bits = needles.bits_of(tag.normal)
        if bits >= WEAK_BITS:
            if tag.normal in NAMES_OR_WORDS:
                bits = WORD_BITS
            _occurrences(batch, tag, tag.normal, "", bits, sightings)


def _occurring(bulk: Bulk, needles: Needles, direct: bool, budget: Budget) -> Iterator[Tag]:
    """The tags whose value stands anywhere in the text, perhaps inside longer words."""
    text = bulk.text
    candidates, longest = needles.contained, len(text) + 1
    if not direct:
        longest = max(map(len, bulk.leaves)) + 1
        any_long = bool(needles.long) and needles.fingerprints.any_in_bulk(bulk, budget)
        of_each = needles.words if any_long else needles.short_words
        candidates = needles.wide
        if of_each:
            words = (needles.vocabulary if any_long else needles.short_vocabulary).common(text, budget)
            bulk.words = words
            candidates = [tag for tag, own in of_each if own <= words] + needles.wide
    for start in range(0, len(candidates), BETWEEN_LOOKS):
        if start and budget.expired():
            return
        some = candidates[start : start + BETWEEN_LOOKS]
        yield from [tag for tag in some if len(tag.normal) < longest and tag.normal in text]


def _occurrences(batch: Batch, tag: Tag, text: str, transform: str, bits: float, sightings: Sightings) -> None:
    bulk, length = batch.bulk, len(text)
    seen = -1
    for start in bulk.find_all(text):
        at = bulk.leaf_at(start)
        if at == seen or not bounded(bulk.text, start, start + length):
            continue
        seen = at
        leaf = bulk.leaves[at]
        share = length / len(leaf)
        kind = "exact" if share == 1 else "contains"
        steps = transform or respelling(tag.value, batch.texts[at])
        sightings.add(tag, batch.places[at], kind, steps, bits, text, share, leaf)


def _mentioned(batch: Batch, mentioned: Mentioned, sightings: Sightings, direct: bool, budget: Budget) -> None:
    bulk = batch.bulk
    text = bulk.text
    for piece in mentioned.in_bulk(bulk, direct, budget):
        seen, length = -1, len(piece)
        for start in bulk.find_all(piece):
            at = bulk.leaf_at(start)
            leaf = bulk.leaves[at]
            if at == seen or len(leaf) == length or not alone(text, start, start + length):
                continue
            seen = at
            greeted = is_greeted(text, start)
            for tag, kind in mentioned.pieces[piece]:
                if kind != "word" or not is_anothers(batch.texts[at], piece, tag):
                    bits = mentioned.bits(piece, kind, greeted)
                    sightings.add(tag, batch.places[at], "part", kind, bits, piece, length / len(leaf), leaf)


def _unaccented(batch: Batch, needles: Needles, sightings: Sightings, direct: bool, budget: Budget) -> None:
    for tag, plain in needles.unaccented:
        if plain in batch.bulk.text:
            _occurrences(batch, tag, plain, "accents", specificity(plain) - 1, sightings)
    if batch.bulk.text.isascii():
        return
    if len(batch.bulk.text) > UNACCENTED:
        budget.cut("too_large")
        return
    bare = Bulk(forms.without_accents(batch.bulk.text), len(batch.texts))
    if bare.text == batch.bulk.text:
        return
    # both without accents: ``KISAKÜREK`` of ``Kısakürek`` has lost some, and kept some
    mixed = [(tag, plain) for tag, plain in needles.unaccented if plain in bare.text]
    found = [(tag, tag.normal) for tag in _occurring(bare, needles, direct, budget)]
    for tag, plain in mixed + found:
        bits = needles.bits_of(plain) - 1
        for start in bare.find_all(plain):
            at = bare.leaf_at(start)
            if plain in batch.bulk.leaves[at] or not bounded(bare.text, start, start + len(plain)):
                continue
            share = len(plain) / len(bare.leaves[at])
            kind = "exact" if share == 1 else "contains"
            sightings.add(tag, batch.places[at], kind, "accents", bits, plain, share, bare.leaves[at])


def _otherwise_spaced(batch: Batch, needles: Needles, sightings: Sightings, direct: bool) -> None:
    text, spaced = batch.bulk.text, batch.without(SEPARATORS)
    _respaced(batch, needles, sightings, spaced, batch.bulk.leaves, direct)
    if not text.isascii() and len(text) <= UNACCENTED:  # what lost some accents and kept others
        bare = forms.without_accents(spaced.text)
        if bare != spaced.text:
            plain = forms.without_accents(text).split(END)
            _respaced(batch, needles, sightings, Bulk(bare, len(batch.texts)), plain, direct)


def _respaced(
    batch: Batch, needles: Needles, sightings: Sightings, bare: Bulk, leaves: list[str], direct: bool
) -> None:
    """Card numbers, IBANs, UUIDs, codes and names with other separators between their parts, or none: in ``bare``,
    which is ``leaves`` without any."""
    hits = needles.compact.keys() & bare.leaves
    if hits:
        for at, leaf in enumerate(bare.leaves):
            if leaf in hits:
                for tag in needles.compact[leaf]:
                    if tag.normal != leaves[at] and _may_be_respaced(tag.normal):
                        bits = needles.bits_of(tag.normal) - 1
                        sightings.add(tag, batch.places[at], "exact", "separators", bits, leaf, 1.0)
    if not direct:
        return
    for key, tags in needles.compact.items():
        if len(key) < 8 or key not in bare.text:
            continue
        for start in bare.find_all(key, 8):
            at = bare.leaf_at(start)
            leaf = leaves[at]
            if len(bare.leaves[at]) > len(key):
                for tag in tags:
                    if tag.normal not in leaf and _may_be_respaced(tag.normal) and _spaced_out(key, leaf):
                        bits = needles.bits_of(tag.normal) - 1
                        share = len(key) / len(leaf)
                        sightings.add(tag, batch.places[at], "contains", "separators", bits, tag.normal, share)


def _may_be_respaced(normal: str) -> bool:
    # 12.50 is not 1250, and grace.hopper@example.org not gracehopperexampleorg
    return "@" not in normal and not (("." in normal or "," in normal) and forms.number_key(normal) is not None)


def _spaced_out(key: str, leaf: str) -> bool:
    pattern = r"(?:[^\w@]|_){0,3}".join(map(re.escape, key))
    return (
        re.search(rf"(?<![^\W_])(?<!@){pattern}(?![^\W_])(?![\w.+-]{{0,64}}(?:@|%(?:25)*40))", leaf[:SEARCHED])
        is not None
    )


SEARCHED = 65_536
"""Characters of a leaf that a regular expression is run over."""
