"""Payloads with nobody's data, or somebody else's: nothing may be found in them."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from tests.matching.corpus import Case
from tests.matching.people.encodings import base64_of
from tests.matching.people.everyday import COMMON, PAYLOADS
from tests.matching.people.labels import case
from tests.matching.people.people import FIELDS, Brought, Person, key_of, pair, request_of, values_of
from tests.matching.people.sinks import JSON, KEYED, SINKS, Sent

GROUP = "not a match"
NEAR = [
    "phone", "card", "iban", "uuid", "order_no", "amount", "birth_date", "postal_code", "passport", "email", "name",
    "street", "starts_at", "token",
]  # fmt: skip
INSIDE = [
    ("first_name", "Jen", "Jennifer Smithson"),
    ("first_name", "Ana", "Anastasia Petrova"),
    ("last_name", "Berg", "Bergmann & Partner"),
    ("last_name", "Li", "Lisa Linden"),
    ("first_name", "Ali", "Alicia Alighieri"),
    ("last_name", "Kim", "Kimberly Akimbo"),
    ("last_name", "Schmidt", "Schmidtke Logistik"),
    ("first_name", "Jo", "John Jordan"),
    ("city", "Ulm", "Ulmer Straße 5"),
    ("city", "Berlin", "Berliner Platz 3"),
    ("city", "Nice", "Nicetown"),
    ("last_name", "Lee", "Leeds United"),
    ("name", "Jan Nowak", "Janina Nowakowska"),
    ("name", "Max Weber", "Maxime Weberknecht"),
    ("email", "jan@nowak.pl", "marjan@nowak.pl"),
    ("email", "li@qq.com", "lili@qq.com"),
    ("street", "Hauptstr. 1", "Hauptstr. 12"),
    ("order", "A-1001", "A-10010"),
    ("order", "RE-2024-17", "RE-2024-171"),
    ("phone", "+49301234567", "+493012345678"),
    ("zip", "10115", "101155"),
    ("zip", "75004", "1750042"),
    ("company", "Meyer", "Niedermeyer KG"),
    ("iban", "DE89370400440532013000", "DE893704004405320130001"),
    ("user", "anna", "susanna"),
    ("user", "tom", "tomorrow's custom atom"),
    ("q", "art", "start party"),
]
"""Values that stand in others as letters only."""
GREETINGS = (
    "Sehr geehrte Damen und Herren, vielen Dank für Ihre Nachricht. ",
    "Hello, I hope this message finds you well. I am writing to you because ",
)


def cases() -> Iterator[Case]:
    """Class by class."""
    yield from _somebody_else()
    yield from _near_misses()
    yield from _common_values()
    yield from _inside_words()
    yield from _greetings_and_digests()


def _somebody_else() -> Iterator[Case]:
    for number in range(400):
        chance, (customer, stranger) = Random(90_000 + number), pair(number)
        sink = SINKS[number % len(SINKS)]
        values = values_of(chance, stranger, 6)
        sent = sink(chance, values[:3], values[3:] + values_of(chance, stranger))
        brought = request_of(chance, customer, [], without=("country",))
        yield case(number, GROUP, "somebody else", brought, sent, sink=sink.__name__)


def _near_misses() -> Iterator[Case]:
    for number in range(400):
        chance, (customer, stranger) = Random(91_000 + number), pair(number)
        role = chance.choice(NEAR)
        name, value = _near(chance, role, customer)
        if value == customer[role]:
            continue
        sink = chance.choice(KEYED if role in ("birth_date", "starts_at", "amount") else SINKS)
        sent = sink(chance, [(key_of(chance, role), value)], values_of(chance, stranger))
        parts = {"name": ("first_name", "last_name"), "street": ("city",), "email": ("first_name", "last_name", "name")}
        brought = request_of(chance, customer, [role], without=(*parts.get(role, ()), "country"))
        open_to = [role] if _is_open(role, name, customer) else []
        yield case(number, GROUP, f"near miss: {role}, {name}", brought, sent, (), open_to, sink=sink.__name__)


def _is_open(role: str, name: str, customer: Person) -> bool:
    """Whether the miss can be read as a match: the same local part elsewhere, a code with a digit before it."""
    if name == "longer before":
        return role in ("passport", "order_no", "iban", "uuid")
    if name == "longer after":
        return role == "uuid" and customer["uuid"][-1].isalpha()
    return name == "other domain"


def _near(chance: Random, role: str, customer: Person) -> tuple[str, str]:
    """A value that is not the customer's, by little; and how it came to be."""
    value = customer[role]
    if role == "birth_date":
        day = date.fromisoformat(value)
        return chance.choice(
            [
                ("next day", (day + timedelta(1)).isoformat()),
                ("next year", day.replace(year=day.year + 1).isoformat()),
                ("other month", (day + timedelta(31)).strftime("%d.%m.%Y")),
            ]
        )
    if role == "starts_at":
        return "minutes later", value.replace(":00+", ":07+")
    if role == "email":
        return chance.choice(
            [
                ("prefix", "x" + value),
                ("prefix dot", "a." + value),
                ("longer domain", value + ".example.org"),
                ("other domain", value.split("@")[0] + "@company.example"),
                ("digit", value.replace("@", "7@")),
                ("longer tld", value + "x"),
            ]
        )
    if role == "name":
        return chance.choice(_other_names(customer))
    if role == "street":
        return "other house", re.sub(r"\d+", lambda number: str(int(number[0]) + 2), value)
    if role == "token":
        at = chance.randrange(4, 20)
        return "one letter", value[:at] + ("x" if value[at] != "x" else "y") + value[at + 1 :]
    return _other_digits(chance, role, value)


def _other_names(customer: Person) -> list[tuple[str, str]]:
    name, given, family = customer["name"], customer["first_name"], customer["last_name"]
    if customer["locale"] in ("ja", "zh"):
        return [("same last", family + "次朗"), ("same first", "藤堂" + given), ("longer", "東方不敗")]
    longer = "東方不敗" if customer["locale"] == "ar" else name + "mann"
    return [("same last", "Torben " + family), ("same first", given + " Zimmerhausen"), ("longer", longer)]


def _other_digits(chance: Random, role: str, value: str) -> tuple[str, str]:
    options = [
        ("one digit", _bumped(chance, value)),
        ("longer after", value + chance.choice("123456789")),
        ("longer before", chance.choice("123456789") + value.lstrip("+")),
        ("swapped", value[:-3] + value[-2] + value[-3] + value[-1]),
    ]
    if value[-2] == value[-3]:
        options[3] = ("swapped", _bumped(chance, value))
    name, other = chance.choice(options)
    if role == "amount" and name == "longer after" and value.endswith("0"):
        other = value + "7"
    return name, other


def _bumped(chance: Random, value: str) -> str:
    """One digit, neither of the first two characters, changed."""
    at = chance.choice([place for place, letter in enumerate(value) if letter.isdigit() and place > 1])
    return value[:at] + str((int(value[at]) + chance.randint(1, 8)) % 10) + value[at + 1 :]


def _common_values() -> Iterator[Case]:
    for number in range(280):
        chance, (customer, _) = Random(92_000 + number), pair(number)
        chosen = chance.sample(COMMON, chance.randint(8, 16))
        brought = [Brought(f"c:{field}={value}", source, field, value) for source, field, value in chosen]
        brought += [Brought(role, "form", role, customer[role]) for role in ("email", "name")]
        which = number % len(PAYLOADS)
        yield case(number, GROUP, f"common values, payload {which}", brought, PAYLOADS[which])


def _inside_words() -> Iterator[Case]:
    fields = {"zip": "postal_code", "order": "order_number", "user": "username"}
    besides = ("birth_date", "card", "amount", "uuid", "order_no", "status", "passport", "token")
    for number in range(180):
        chance, (customer, stranger) = Random(93_000 + number), pair(number)
        kind, value, text = INSIDE[number % len(INSIDE)]
        field = fields.get(kind, kind)
        brought = [Brought("t", "form", field, value)]
        brought += [Brought(role, "form", FIELDS[role][0], customer[role]) for role in besides]
        sink = chance.choice(SINKS)
        key = "text" if kind == "q" else field
        sent = sink(chance, [(key, text)], values_of(chance, stranger))
        yield case(number, GROUP, f"inside: {value!r} in {text!r}", brought, sent, sink=sink.__name__)


def _greetings_and_digests() -> Iterator[Case]:
    for number in range(80):
        chance, (customer, stranger) = Random(94_000 + number), pair(number)
        if number % 2:
            greeting = GREETINGS[number % 4 == 1]
            brought = request_of(chance, customer, ["note"], {"note": greeting + customer["note"]})
            sent = Sent(json.dumps({"message": greeting + stranger["note"]}), JSON)
            yield case(number, GROUP, "the same greeting", brought, sent, open_to=["note"])
            continue
        brought = request_of(chance, customer, ["email", "phone", "uuid"])
        email = stranger["email"].encode()
        body = {
            "h": [hashlib.new(name, email).hexdigest() for name in ("md5", "sha1", "sha256")],
            "u": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "b": base64_of(chance.randbytes(48)),
            "etag": chance.randbytes(10).hex(),
            "x": base64_of(gzip.compress(chance.randbytes(60), mtime=0)),
            "ts": 1789000000 + number,
        }
        yield case(number, GROUP, "digests of others", brought, Sent(json.dumps(body), JSON))
