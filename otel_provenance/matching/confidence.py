"""How sure a sighting is: the odds that the data flowed, against those of a coincidence.

    x = specificity + 10 · likeness + 5 · neighbour − 10 − cost(kind) − ¼ · layers − 10 · explained
    confidence = 1 / (1 + 2^−x)

- specificity: bits of the value, or of the piece of it that was seen (``specificity.py``);
- likeness: 0 to 1, how alike the tag's field and the place are named (``names.py``); 0 for a value or a piece inside
  a leaf that holds more, which is another value of the kind as likely as not (``Schmidt`` in ``Peter Schmidt``);
- neighbour: 1 where another, specific value of the same request stands in the same object or text, or where
  several values of the request make up the leaf nearly by themselves (two fields joined);
- 10: what a value must outweigh by itself, for payloads are full of values;
- cost of the kind: ``exact`` 0; ``contains`` 3, and nearly nothing where values of the request make up nearly all
  of the leaf; ``part`` 3; ``digest`` −3;
- layers: how many steps its transform has;
- places: a value of less than 8 bits that was seen at several places of one payload loses log2(places) bits
  at each, and from seven places on counts only where a neighbour vouches for it;
- explained: 1 where longer values of other tags cover it wherever it stands, so that this one adds nothing.

0.5 is x = 0: as likely as not. A value seen under a name like its own passes with one bit; one under
another name needs ten.
"""

from __future__ import annotations

from functools import lru_cache

PRIOR = 10.0
NAME = 10.0
NEIGHBOUR = 5.0
EXPLAINED = 10.0
LAYER = 0.25
COST = {"exact": 0.0, "contains": 3.0, "part": 3.0, "digest": -3.0}

NEARLY_ALL = 0.8
"""Share of a leaf that values of the request make up, from which on it counts as theirs."""
REPORTED = 0.2
"""What is less sure than this is not reported at all."""
CERTAIN = 11.0
"""x from which on the confidence is 1.000."""
CERTAIN_BITS = {kind: PRIOR + cost + CERTAIN for kind, cost in COST.items()}
"""Bits, less those of the layers, from which on that is so whatever the names and the neighbours are, if nothing
explains the sighting."""
STRONG_BITS = 14.0
"""A value of so many bits vouches for its neighbours."""


@lru_cache(maxsize=4096)
def confidence(
    bits: float, kind: str, likeness: float, neighbour: bool, coverage: float, layers: int, explained: bool
) -> float:
    """0 to 1, three decimals; ``coverage`` is the share of the leaf that values of the request make up."""
    cost = COST[kind]
    if kind == "contains":
        if coverage >= NEARLY_ALL:
            cost *= 1.0 - coverage
        else:
            likeness = 0.0  # a leaf of the same name that is more than the value is another value as likely as not
    elif kind == "part" and coverage < NEARLY_ALL:
        likeness = 0.0
    x = bits + NAME * likeness - PRIOR - cost - LAYER * layers
    if neighbour:
        x += NEIGHBOUR
    if explained:
        x -= EXPLAINED
    odds: float = 2.0 ** max(-60.0, min(x, 60.0))
    return round(odds / (1.0 + odds), 3)
