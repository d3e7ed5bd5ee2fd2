"""All cases, class by class, in a fixed order; and the classes that need nothing but people, sinks and encoders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from urllib.parse import urlencode

from tests.matching.corpus import Case
from tests.matching.people import digests, embedded, encodings, pieces, strangers
from tests.matching.people.labels import case, sent_to
from tests.matching.people.people import MEDIUM, STRONG, WEAK, Person, key_of, pair, request_of, values_of
from tests.matching.people.sinks import (
    FOR_OBJECTS,
    FOR_SCALARS,
    JSON,
    KEYED,
    SINKS,
    TEXT,
    Sent,
    Sink,
    Values,
    cookie,
    path,
)
from tests.matching.people.spellings import Spelling, spellings_of


def cases() -> Iterator[Case]:
    """Every case; each draws from a generator of its own number, so that they are the same each time."""
    yield from _as_it_came()
    yield from _in_headers()
    yield from _normalised()
    yield from _normalised_in_text()
    yield from embedded.cases()
    yield from pieces.cases()
    yield from _encoded()
    yield from digests.cases()
    yield from strangers.cases()


def _as_it_came() -> Iterator[Case]:
    for number in range(600):
        chance, (customer, _) = Random(number), pair(number)
        sink = SINKS[number % len(SINKS)]
        pool = sorted(STRONG | MEDIUM | WEAK if sink in KEYED else STRONG)
        chance.shuffle(pool)
        roles = pool[: chance.randint(1, 5)]
        if sink in (path, cookie):  # no place for a long text
            roles = [role for role in roles if role != "note"] or ["email"]
        own = [(key_of(chance, role), customer[role]) for role in roles]
        yield sent_to(chance, number, "as it came", "as it came", own, roles, [sink])


def _in_headers() -> Iterator[Case]:
    for number in range(60):
        chance, (customer, stranger) = Random(9000 + number), pair(number)
        email, token, identity = customer["email"], customer["token"], customer["uuid"]
        headers = {
            "Content-Type": "application/json",
            "X-User-Email": email,
            "X-Customer-Id": identity,
            "User-Agent": "python-requests/2.32",
            "X-Agent": stranger["email"],
        }
        basic = "Basic " + encodings.base64_of(f"{email}:{token}")
        for name, sent, roles in (
            ("basic-auth", Sent(basic, field="Authorization"), ["email", "token"]),
            ("bearer", Sent("Bearer " + token, field="Authorization"), ["token"]),
            ("headers dict", Sent(headers, field="headers"), ["email", "uuid"]),
        ):
            brought = request_of(chance, customer, roles)
            flowed = [customer[role] for role in roles]
            yield case(number, "as it came", name, brought, sent, roles, flowed=flowed, sink="header")


def _normalised() -> Iterator[Case]:
    for number in range(54):
        chance, (customer, stranger) = Random(20_000 + number), pair(number)
        spellings = spellings_of(customer, chance)
        chance.shuffle(spellings)
        for spelling in spellings[:90]:
            sent = spelling.sent
            sinks = FOR_OBJECTS
            if isinstance(sent, str):
                sinks = KEYED
            elif isinstance(sent, (int, float)):
                sinks = FOR_SCALARS
            if spelling.name in ("number int .00", "number int > int", "number int us thousands"):
                yield _whole_number(chance, number, customer, stranger, spelling, sinks)
                continue
            own = [(key_of(chance, spelling.role), sent)]
            yield _spelled(chance, number, spelling, own, sinks, spelling.name)


def _spelled(chance: Random, number: int, spelling: Spelling, own: Values, sinks: list[Sink], name: str) -> Case:
    return sent_to(
        chance,
        number,
        "normalised",
        name,
        own,
        [spelling.role],
        sinks,
        values={spelling.role: spelling.came},
        flowed=[spelling.came, spelling.sent],
    )


def _whole_number(
    chance: Random, number: int, customer: Person, stranger: Person, spelling: Spelling, sinks: list[Sink]
) -> Case:
    """A whole number of four digits says so little that field and place have the same name."""
    sink = chance.choice(sinks)
    sent = sink(chance, [("amount", spelling.sent)], values_of(chance, stranger))
    brought = request_of(chance, customer, ["amount"], {"amount": spelling.came})
    brought = [one._replace(field="amount") if one.role == "amount" else one for one in brought]
    flowed = [spelling.came, spelling.sent]
    return case(number, "normalised", spelling.name, brought, sent, ["amount"], flowed=flowed, sink=sink.__name__)


def _normalised_in_text() -> Iterator[Case]:
    roles = ("phone", "card", "iban", "uuid", "email", "name")
    for number in range(250):
        chance, (customer, _) = Random(30_000 + number), pair(number)
        spelling = chance.choice(
            [
                spelling
                for spelling in spellings_of(customer, chance)
                if spelling.role in roles
                and isinstance(spelling.sent, str)
                and not spelling.name.startswith(("full width", "untrim", "newline"))
            ]
        )
        if spelling.name == "uuid int hex 0x":
            continue
        own = [(key_of(chance, spelling.role), spelling.sent)]
        yield _spelled(chance, number, spelling, own, TEXT, f"{spelling.name} in text")


def _encoded() -> Iterator[Case]:
    for number in range(1500):
        chance, (customer, stranger) = Random(70_000 + number), pair(number)
        roles = chance.sample(sorted(STRONG), chance.randint(1, 3))
        depth = chance.choice([1, 1, 2, 2, 3, 4])
        shape = chance.choice(["value", "json", "form", "prose"])
        if shape == "value":
            roles = roles[:1]
        content = _written(chance, shape, roles, customer, stranger)
        place = chance.choice(["raw", "leaf", "leaf", "text"])
        names, encoded = encodings.chain(chance, content, depth, to_text=place != "raw")
        brought = request_of(chance, customer, roles)
        if place == "raw":
            sent = Sent(encoded, field=chance.choice(["body", "data"]))
        elif place == "leaf":
            body = {"id": number, "payload": encoded, "owner": stranger["name"]}
            sent = Sent(json.dumps(body), JSON)
        else:
            line = f'2026-01-01 INFO event data="{encoded}" owner={stranger["email"]}'
            sent = Sent(line, field="message")
        flowed = [customer[role] for role in roles]
        steps = ">".join([shape, *names])
        yield case(number, "encoded", steps, brought, sent, roles, flowed=flowed, sink=place)


def _written(chance: Random, shape: str, roles: list[str], customer: Person, stranger: Person) -> str:
    if shape == "value":
        return customer[roles[0]]
    if shape == "json":
        values = {key_of(chance, role): customer[role] for role in roles}
        agent = {"name": stranger["name"], "email": stranger["email"]}
        return json.dumps({"customer": values, "agent": agent}, ensure_ascii=chance.random() < 0.5)
    if shape == "form":
        own = [(key_of(chance, role), customer[role]) for role in roles]
        return urlencode([*own, ("agent", stranger["name"])])
    return f"The request of {' and '.join(customer[role] for role in roles)} went to {stranger['email']}."
