"""The words of a field's name, however it joins them: ``firstName``, ``first_name`` and ``First-Name``."""

from __future__ import annotations

import re
from functools import lru_cache

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_LONGEST = 200
LONGEST_NAME = 400
"""Characters of a name that are kept: clients choose names, and names are joined, compared and remembered."""


def kept_name(name: str) -> str:
    """A name of at most LONGEST_NAME characters: of a longer one the end, which names the field itself."""
    return name if len(name) <= LONGEST_NAME else "..." + name[3 - LONGEST_NAME :]


@lru_cache(maxsize=8192)
def words_of_name(name: str) -> tuple[str, ...]:
    """In lower case, in order; digits by themselves."""
    return tuple([word.lower() for word in WORD.findall(name[:_LONGEST])])


@lru_cache(maxsize=8192)
def last_names(path: str) -> tuple[str, ...]:
    """The last two names of a dotted path, the field's own last; list indexes do not count."""
    parts = re.split(r"[.\[\]]+", path[-2 * _LONGEST :])
    return tuple([part for part in parts if part and not part.isdigit()][-2:])
