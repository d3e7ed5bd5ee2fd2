"""What each function does; the names in brackets are of those in otel_provenance that do the same in Python."""

from collections.abc import Callable
from typing import Any

def normal_ascii(text: str, /) -> str:
    """Normal form of each part, between NULs, of an ASCII text: letters lower, white space trimmed and collapsed.

    (matching.bulk.normal_bulk) The text itself where it is normal.
    """

def plausible_runs(data: bytes | str, at: int, most: int, /) -> tuple[list[str], int]:
    """(runs of letters, digits and ``+/-_`` that may be encoded, where to go on) of about ``most`` bytes from ``at``.

    (matching.runs.runs_of) A run is never cut; a text that is one is not copied.
    """

def is_plain(text: str | bytes, /) -> bool:
    """Whether an ASCII text has no sign of an escape, and no run that may be encoded: nothing is left to be undone.

    (matching.undo.undo_layers)
    """

def word_table(words: list[bytes], /) -> bytes:
    """A table by which ``words_in`` knows these words."""

def words_in(table: bytes, words: list[bytes], text: bytes | str, /) -> set[bytes]:
    """Which of the words of a table occur in a text, whose words are runs of letters, digits and bytes from 128 on.

    (matching.bulk.Vocabulary.common) Words of one hash, of 32 bits, are taken for one. ValueError: no table.
    """

def gram_table(text: bytes | str, length: int, /) -> bytes:
    """A table of all runs of ``length`` words (1 to 16) of a text."""

def shares_gram(table: bytes, text: bytes | str, length: int, /) -> bool:
    """Whether a text has any run of words of a table.

    (matching.fingerprints.GramSet.any_in) Grams of one hash, of 32 bits, are taken for one.
    """

def walk(
    value: dict[Any, Any] | list[Any],
    place: Any,
    texts: list[str],
    arounds: list[Any],
    keys: list[Any],
    known: set[Any],
    most: int,
    spell: Callable[[float], str],
    /,
) -> int:
    """Append the leaves of what json.loads made, and keys that are values; stops past ``most``. How many it saw.

    A leaf stands in ``arounds[at]`` under ``keys[at]``. (matching.batch.Batch.walk) ``known`` are the keys met before;
    TypeError where json.loads makes no such thing.
    """

def json_span(text: str, is_ascii: bool, at: int, most: int, /) -> int:
    """Where the last comma, or the closing bracket, of the container that ``at`` is in lies, within ``most``; or -1.

    ``is_ascii`` is what ``text.isascii()`` says, and to be true.
    """

def last_keys(place: Any, /) -> tuple[str] | tuple[str, str] | None:
    """The last keys of a place, at most two, list indexes aside; None where there is more to it: a path that goes
    before them, a key that is no text or too long.

    (matching.places.names_of)
    """

def leaf_table(leaves: list[str], /) -> bytes:
    """A table by which ``settle`` knows these leaves. UnicodeEncodeError: lone surrogates."""

def settle(
    text: str | bytes,
    texts: list[str],
    arounds: list[Any],
    keys: list[Any],
    table: bytes,
    telling: frozenset[str],
    settled: dict[str, Any],
    /,
) -> tuple[dict[tuple[str, str], list[int]], tuple[list[str], list[Any], list[Any]], str | None]:
    """Of a text's parts between NULs, the normal forms of ``texts``: (part, name that it stands under) → where, of
    those that tell; what of the three lists is left of the others that may hold more than their own value; the parts
    that are left, joined, or None where they are all.

    ``table`` has ``telling``, and all of ``settled``. (matching.batch.Batch.settle) ValueError: no table, or
    other numbers of leaves; TypeError: something around is no place.
    """

def edge_table(edges: list[str], /) -> bytes:
    """A table of how leaves begin or end, of one to four bytes each. ValueError: of more, or none."""

def leaf_edges(
    text: str, heads: bytes, pairs: bytes, tails: bytes, stems: bytes, /
) -> tuple[list[int], list[int], list[int]]:
    """Of an ASCII text's parts between NULs, those that begin with four characters, or with two, or end with four, of a
    table. Of the first, those of more than 48 characters count only where ``stems``, a ``leaf_table``, has their first
    32, or they end with a full stop or a space.

    (matching.edges.Edges) Edges of one hash, of 32 bits, are taken for one. ValueError: no table.
    """

def trigram_table(values: list[str], /) -> bytes | None:
    """Which three letters or digits follow one another in values, in their normal form, whatever stands between them.

    (matching.trigrams) None where that would not tell enough: a value is not ASCII, or is a number with an exponent.
    """

def may_hold_any(table: bytes, text: str, /) -> bool:
    """Whether any of the text's parts between NULs may hold something of a value, be it in another spelling.

    (matching.trigrams) ValueError: no table.
    """

def sieve_table(texts: list[str], kinds: bytes, /) -> bytes:
    """Texts that are looked for, and of each its kind: in bits 0 and 1 where (0: in a text, 1: in its letters and
    digits, 2: in its digits), in bit 2 whether only as a whole part between NULs, from bit 3 on the number of what it
    stands for.

    (matching.sieve.Sieve) ValueError: an empty text, or one of less than four bytes that is not a whole part.
    """

def sift(table: bytes, text: str, /) -> int:
    """What the texts that an ASCII text holds stand for: a bit for each number.

    (matching.sieve.Sieve) ValueError: no table.
    """

def common_table(words: list[str], /) -> tuple[bytes, bytes]:
    """A table of words of 24 bytes at most, by which the next three know them. ValueError: a longer one."""

def specificity(common: tuple[bytes, bytes], otherwise: Callable[[str], float], text: str, /) -> float:
    """Bits of a normal form that is ASCII, 0 to 60; of another, what ``otherwise`` says.

    (matching.specificity.specificity)
    """

def is_specific(common: tuple[bytes, bytes], otherwise: Callable[[str], bool], text: str, /) -> bool:
    """Whether a normal form that is ASCII can be told from others by itself; of another, what ``otherwise`` says.

    (matching.specificity.is_specific)
    """

def specific_leaves(
    text: str | bytes, common: tuple[bytes, bytes], told: dict[str, Any], most: int, /
) -> tuple[list[tuple[int, str, bool | None]], int]:
    """Of a text's parts between NULs that have six characters and more: (number, part, whether it is specific) of those
    that are, of those that may hold an e-mail address, and of those that are not ASCII, of which it is not known; and
    how many there are. Those in ``told`` are left out; no more than ``most`` are looked at.

    (matching.leaves.LeafCollector)
    """

def add_needles(
    tags: list[Any],
    kinds: tuple[str, str, str],
    longest: int,
    truths: dict[str, Any],
    whole: dict[str, list[Any]],
    parts: dict[str, list[tuple[Any, str]]],
    beginnings: dict[str, list[Any]],
    domains: dict[str, list[Any]],
    contained: list[Any],
    booleans: list[Any],
    long: list[Any],
    short: list[Any],
    structured: list[str],
    quoted: list[Any],
    otherwise: Callable[[Any], None],
    /,
) -> None:
    """Add tags to the tables of a request; ``kinds`` are what parts are called: a word, a local part, a domain.

    Those that are not ASCII, are empty, longer than ``longest`` or of other services are handed to ``otherwise``, in
    their turn. (matching.index.Needles)
    """

def add_compacts(tags: list[Any], found: dict[str, list[Any]], otherwise: Callable[[Any], None], /) -> None:
    """Add each tag under its letters and digits, and a name's turned round; hands over as ``add_needles`` does.

    (matching.index.Needles.compact)
    """

def add_spelled(tags: list[Any], found: list[tuple[Any, str]], otherwise: Callable[[Any], None], /) -> None:
    """Add (tag, digits) of each that has so many that it may be spelled otherwise; hands over as ``add_needles`` does.

    (matching.spelled_needles.digits_of)
    """
