"""Cases and their labels: what has to be found, and what may be found without being wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from random import Random
from typing import Any

from otel_provenance.tags import make_tag
from tests.matching.corpus import Case
from tests.matching.people.people import Brought, pair, request_of, values_of
from tests.matching.people.sinks import SINKS, Sent, Sink, Values

NAMES = {"name", "first_name", "last_name"}


def case(
    number: int,
    group: str,
    transform: str,
    brought: list[Brought],
    sent: Sent,
    found: Iterable[str] = (),
    open_to: Iterable[str] = (),
    flowed: Iterable[Any] = (),
    sink: str = "",
) -> Case:
    """A payload in which the roles ``found`` are to be found, and those ``open_to`` may be.

    ``flowed`` are the values that went into it, as they came in and as they were sent.
    """
    roles = tuple(found)
    texts = [str(value) for value in flowed]
    tags = tuple(make_tag(one.source, one.field, one.value, b"people", one.role, 0) for one in brought)
    arguable = {one.role for one in brought if one.role not in roles and _is_arguable(one, brought, sent, roles, texts)}
    return Case(
        person=number,
        group=group,
        transform=transform,
        kind=" and ".join(roles),
        sink=sink,
        payload=sent.payload,
        tags=tags,
        expected=roles[0] if roles else None,
        options={"media_type": sent.media_type, "field": sent.field},
        expected_too=frozenset(roles[1:]),
        arguable=frozenset(arguable | (set(open_to) - set(roles))),
    )


def sent_to(
    chance: Random,
    number: int,
    group: str,
    transform: str,
    own: Values,
    found: list[str],
    sinks: list[Sink] | None = None,
    values: dict[str, Any] | None = None,
    flowed: Iterable[Any] | None = None,
    without: tuple[str, ...] = (),
) -> Case:
    """A case in one of the sinks, beside values of somebody else."""
    customer, stranger = pair(number)
    sink = chance.choice(sinks or SINKS)
    sent = sink(chance, own, values_of(chance, stranger))
    brought = request_of(chance, customer, list(dict.fromkeys(found)), values, without)
    went = [value for _, value in own] if flowed is None else flowed
    return case(number, group, transform, brought, sent, found, flowed=went, sink=sink.__name__)


def _letters(value: Any) -> str:
    return re.sub(r"\W|_", "", unicodedata.normalize("NFKC", str(value)).casefold())


def _is_arguable(one: Brought, brought: list[Brought], sent: Sent, found: tuple[str, ...], flowed: list[str]) -> bool:
    """Whether finding the tag is no mistake, for its data are in what flowed, though nobody asked for it."""
    letters = _letters(one.value)
    whole = [_letters(text) for text in flowed]
    if letters and any(letters in text or text in letters for text in whole):
        return True
    if one.role in NAMES and (NAMES & set(found) or any("@" in text for text in flowed)):
        return True
    if one.role == "country":
        return re.search(rf"\b{one.value}\b", str(sent.payload), re.IGNORECASE) is not None
    streets = [_letters(other.value) for other in brought if other.role == "street"]
    return one.role == "city" and "street" in found and any(letters in street for street in streets)
