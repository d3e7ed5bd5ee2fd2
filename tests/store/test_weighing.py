"""Whose a value is that several requests brought in: by its category, by users, and by what goes with it."""

from __future__ import annotations

from typing import Any

import pytest

from otel_provenance.tables.links.sources import CarryingWrite, SourceTag
from otel_provenance.tables.links.weighing import Candidate, carried_by, context_of, weigh

SHOWN = 0.5


def value(category: str | None, *people: int, users: bool = False) -> list[Candidate]:
    """Candidates for a value that these people brought in, each stored to a row of their own."""
    return [
        carried_by(
            SourceTag(
                f"r{n}.{category}", f"r{n}", f"2026-01-0{n}T00:00:00.000000Z", category, f"u{n}" if users else None
            ),
            CarryingWrite(
                f"r{n}.{category}",
                "exact",
                "",
                1.0,
                f"r{n}.w",
                f"2026-01-0{n}T00:00:00.000001Z",
                "people",
                category,
                f'{{"id": {n}}}',
            ),
        )
        for n in people
    ]


def shown(values: list[list[Candidate]]) -> list[set[Any]]:
    """For each value of an event, whose it is shown to be."""
    context = context_of(values)
    return [{c.tag.request_id for c, sure in weigh(candidates, context) if sure >= SHOWN} for candidates in values]


@pytest.mark.parametrize("users", [False, True])
@pytest.mark.parametrize("category", [None, "user.name", *(f"user.contact.address.{kind}" for kind in
                         ("city", "state", "postal_code", "country"))])  # fmt: skip
def test_what_many_share_is_nobodys_by_itself(category: str | None, users: bool) -> None:
    assert shown([value(category, 1, 2, users=users)]) == [set()]
    both = [value(category, 1, 2, users=users), value("user.contact.email", 2, users=users)]
    assert shown(both) == [{"r2"}, {"r2"}]


@pytest.mark.parametrize("users", [False, True])
def test_an_identifier_is_one_persons_whoever_brought_it_in(users: bool) -> None:
    assert shown([value("user.contact.email", 1, 2, users=users)]) == [{"r1"}]


def test_an_address_is_one_homes_and_the_users_who_live_there_are_told_apart() -> None:
    address = "user.contact.address.street"
    assert shown([value(address, 1, 2)]) == [{"r1"}]
    assert shown([value(address, 1, 2, users=True)]) == [set()]
    beside = [value(address, 1, 2), value("user.name", 2), value("user.professional_information.workplace", 1, 2)]
    assert shown(beside) == [{"r2"}, {"r2"}, {"r2"}]
    assert shown([value(address, 1, 2), value(None, 1, 2)])[1] == set(), "a home does not say which of them"
    assert shown([value(address, 1), value(None, 1, 2)]) == [{"r1"}, {"r1"}]
