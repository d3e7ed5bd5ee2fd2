"""How likely each candidate is. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from otel_provenance.categories import keys
from otel_provenance.tables.links.sources import CarryingWrite, SourceTag

CARRIED: Final = 0.9
"""A write carried it."""
QUEUED: Final = 0.85
"""It went into a queue."""
SEEN: Final = 0.6
"""It came in before; half of that if a write of it was rolled back."""
FAINTEST: Final = 0.2
"""An edge that is less likely is not recorded."""
MOST_EDGES: Final = 8
"""For each value of an event."""
_SAME_PERSON: Final = ("user.contact", "user.unique_id", "user.government_id", "user.financial", "user.account")
_MANY_PEOPLE: Final = (keys.CITY, keys.STATE, keys.POSTAL_CODE, keys.COUNTRY)
_ONE_PERSON: Final = "one person"
_ONE_HOME: Final = "one home"
RowKey = tuple[str | None, str | None]
"""Table, and primary key as JSON."""


class Candidate(NamedTuple):
    """A tag that may be where a value came from."""

    tag: SourceTag
    subject: str
    """Whose it is, as far as people can be told apart."""
    confidence: float
    """Were it the only one."""
    kind: str
    transform: str
    via: str | None
    row: RowKey
    since: str
    """When it came in."""


def carried_by(tag: SourceTag, write: CarryingWrite) -> Candidate:
    """A candidate whose data a write carried."""
    return Candidate(
        tag,
        _subject(tag, write),
        CARRIED * write.confidence,
        write.kind,
        write.transform,
        write.event_id,
        (write.table, write.key),
        tag.occurred_at or write.occurred_at,
    )


def seen_in(tag: SourceTag, confidence: float) -> Candidate:
    """A candidate that no write is known to have carried."""
    return Candidate(tag, _subject(tag, None), confidence, "exact", "", None, (None, None), tag.occurred_at or "")


def is_identifier(tag: SourceTag) -> bool:
    """Whether a value is of a kind that one person has, or one home."""
    kind = tag.category
    return kind is not None and kind.startswith(_SAME_PERSON) and not kind.startswith(_MANY_PEOPLE)


def _subject(tag: SourceTag, write: CarryingWrite | None) -> str:
    is_home = tag.category is not None and tag.category.startswith(keys.ADDRESS)
    if is_identifier(tag) and not is_home:
        return _ONE_PERSON
    if tag.user_id is not None:
        return f"user {tag.user_id}"
    if is_identifier(tag):
        return _ONE_HOME
    if write is not None and write.key is not None:
        return f"row {write.table} {write.key}"
    return f"request {tag.request_id}"


class Context(NamedTuple):
    """What all values of an event say together of where they come from."""

    requests: Mapping[str | None, int]
    """Request → how many of the values it brought in."""
    pointed: frozenset[str | None]
    """Requests that values point to which can come from one subject alone."""
    rows: frozenset[RowKey]
    """As ``pointed``: the rows."""


def context_of(values: Iterable[Sequence[Candidate]]) -> Context:
    """What the candidates of all values of an event have in common."""
    requests: Counter[str | None] = Counter()
    pointed: set[str | None] = set()
    rows: set[RowKey] = set()
    for candidates in values:
        asked = {candidate.tag.request_id for candidate in candidates}
        requests.update(asked)
        subjects = {candidate.subject for candidate in candidates}
        # who lives in one home may be several: only if it came in once does it say who
        if len(subjects) == 1 and (len(asked) == 1 or _ONE_HOME not in subjects):
            pointed.update(c.tag.request_id for c in candidates if c.tag.request_id is not None)
            rows.update(c.row for c in candidates if c.row[1] is not None)
    return Context(requests, frozenset(pointed), frozenset(rows))


def weigh(candidates: Sequence[Candidate], context: Context) -> list[tuple[Candidate, float]]:
    """The candidates that are worth an edge, with how likely each is, likeliest first."""
    pointed = [c for c in candidates if c.tag.request_id in context.pointed or c.row in context.rows]
    likely = len({c.subject for c in pointed})
    everyone = len({c.subject for c in candidates})
    weighed = []
    seen: set[str] = set()
    for candidate in sorted(candidates, key=lambda c: (-context.requests[c.tag.request_id], c.since)):
        share = 1 / everyone
        if 0 < likely < everyone:
            share = 1 / likely if candidate in pointed else share / 2
        if candidate.subject in seen:  # the same value of the same person: it came from the first, more likely
            share /= 2
        seen.add(candidate.subject)
        confidence = round(candidate.confidence * share, 3)
        if confidence >= FAINTEST:
            weighed.append((candidate, confidence))
    weighed.sort(key=lambda pair: -pair[1])
    return weighed[:MOST_EDGES]
