"""Made-up people, the fields that a request of theirs fills, and the names that sinks give such values."""

from __future__ import annotations

import string
import uuid
from functools import cache
from random import Random
from typing import Any, NamedTuple

from tests.matching.people.locales import LOCALES

Person = dict[str, str]
"""Values by role: ``email``, ``phone``, …"""


class Brought(NamedTuple):
    """A field of the request, of which a tag is made: the role is the tag's id."""

    role: str
    source: str
    field: str
    value: Any


FIELDS = {
    "first_name": ["first_name", "customer.firstName", "user.given_name"],
    "last_name": ["last_name", "customer.lastName", "user.family_name"],
    "name": ["name", "customer.full_name", "billing.name", "contactName"],
    "email": ["email", "customer.email", "user.emailAddress", "contact_email"],
    "phone": ["phone", "customer.phone_number", "mobile", "contact.phone"],
    "street": ["street", "address.line1", "shipping.address.street", "billing_address"],
    "postal_code": ["postal_code", "address.zip", "shipping.address.postcode", "zip"],
    "city": ["city", "address.city", "shipping.address.city"],
    "country": ["country", "address.country"],
    "birth_date": ["birth_date", "dob", "customer.dateOfBirth"],
    "iban": ["iban", "payment.iban", "bank_account"],
    "card": ["card_number", "payment.card.number", "cc_number"],
    "amount": ["amount", "order.total", "price"],
    "uuid": ["customer_id", "user.uuid", "account_id"],
    "order_no": ["order_number", "order.reference", "invoice_no"],
    "company": ["company", "customer.organization", "company_name"],
    "note": ["note", "comment", "delivery.instructions", "message"],
    "status": ["status", "order.status"],
    "quantity": ["quantity", "items.0.quantity"],
    "newsletter": ["newsletter", "preferences.newsletter"],
    "starts_at": ["starts_at", "appointment.startTime"],
    "passport": ["passport_no", "document.passport_number"],
    "token": ["session", "api_token"],
}
"""Names of the request's fields, by role."""
KEYS = {
    "first_name": ["first_name", "firstname", "FNAME", "given_name", "firstName"],
    "last_name": ["last_name", "lastname", "LNAME", "family_name", "lastName"],
    "name": ["name", "full_name", "customer_name", "displayName"],
    "email": ["email", "email_address", "customer_email", "emailAddress"],
    "phone": ["phone", "phone_number", "mobile_phone", "phoneNumber"],
    "street": ["street", "address", "line1", "street_address"],
    "postal_code": ["postal_code", "zip", "postcode", "postalCode"],
    "city": ["city", "address_city", "town"],
    "country": ["country", "country_code", "address_country"],
    "birth_date": ["birth_date", "date_of_birth", "dob", "birthday"],
    "iban": ["iban", "IBAN", "account_iban"],
    "card": ["card_number", "number", "cardNumber"],
    "amount": ["amount", "total", "total_amount"],
    "uuid": ["external_id", "customer_id", "customerId", "uuid"],
    "order_no": ["order_number", "reference", "orderNo", "order_ref"],
    "company": ["company", "company_name", "organization"],
    "note": ["note", "comment", "description", "message"],
    "status": ["status", "order_status", "state"],
    "quantity": ["quantity", "qty"],
    "newsletter": ["newsletter", "newsletter_optin", "subscribed_newsletter"],
    "starts_at": ["starts_at", "start_time", "startsAt"],
    "passport": ["passport_number", "passport_no", "passportNo"],
    "token": ["token", "session", "session_token"],
}
"""Names that sinks use, by role: another's, but of the same meaning."""
STRONG = {
    "name", "email", "phone", "street", "iban", "card", "uuid", "order_no", "company", "note", "passport", "token",
}  # fmt: skip
"""Roles whose values count wherever they are."""
MEDIUM = {"first_name", "last_name", "city", "postal_code", "birth_date", "amount", "starts_at"}
"""Roles whose values count under a name of the same meaning, or in company."""
WEAK = {"country", "quantity", "newsletter", "status"}
STATUSES = [
    "in_progress", "awaiting_payment", "gift_wrapped", "express_delivery", "self_employed", "ready_for_pickup",
]  # fmt: skip
CARDS = [
    "4000056655665556", "5200828282828210", "4988438843884305",
    "2223003122003222", "4166676667666746", "5136333333333335",
]  # fmt: skip
"""Test numbers that payment services publish."""
BANKS = {
    "de": ("DE", "00000000", 18), "fr": ("FR", "00000", 23), "pl": ("PL", "00000000", 24), "es": ("ES", "0000", 20),
    "br": ("BR", "99999999", 23), "ar": ("SA", "00", 20), "us": ("GB", "XXXX", 14), "ja": ("CH", "00000", 17),
    "zh": ("NL", "XXXX", 10),
}  # fmt: skip
"""Country of the account, a bank that no country has, and how many digits there are."""
TOKEN_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PER_COUNTRY = 6


def digits(chance: Random, count: int) -> str:
    """Random digits."""
    return "".join(chance.choice(string.digits) for _ in range(count))


def _iban(chance: Random, locale: str) -> str:
    country, bank, count = BANKS[locale]
    drawn = digits(chance, count)
    account = bank + drawn[sum(letter.isdigit() for letter in bank) :]
    number = "".join(str(int(letter, 36)) for letter in account + country + "00")
    return f"{country}{98 - int(number) % 97:02d}{account}"


@cache
def person(locale: str, number: int) -> Person:
    """The person of that number in a country; the order of the draws is part of the corpus."""
    chance = Random(f"{locale}{number}")
    home = LOCALES[locale]
    line = home.people.strip().splitlines()[number]
    given, family, mail_name, street, postal_code, city, national = (cell.strip() for cell in line.split("|"))
    iban = _iban(chance, locale)
    chance.choice(CARDS[:4]), digits(chance, 13)  # where a card number was drawn once
    year, month = chance.randint(1948, 2004), chance.randint(1, 12)
    day = chance.randint(13, 28) if number % 2 else chance.randint(1, 12)
    if month == day:
        day = 12 if month != 12 else 11
    mail_number = chance.choice(["", "", str(chance.randint(60, 99))])
    return {
        "locale": locale,
        "first_name": given,
        "last_name": family,
        "name": family + given if home.family_first else f"{given} {family}",
        "email": f"{mail_name}{mail_number}@{home.mail_domains[number % 4]}",
        "phone": f"+{home.calling_code}{national}",
        "calling_code": home.calling_code,
        "trunk_prefix": home.trunk_prefix,
        "national": national,
        "street": street,
        "postal_code": postal_code,
        "city": city,
        "country": home.country,
        "country_name": home.country_name,
        "birth_date": f"{year:04d}-{month:02d}-{day:02d}",
        "iban": iban,
        "card": CARDS[number],
        "amount": f"{chance.randint(1000, 9899)}.{chance.choice(['5', '25', '75', '99', '10'])}".ljust(7, "0"),
        "uuid": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "order_no": (
            f"{chance.choice(['ORD', 'RE', 'INV', 'PO'])}-{chance.randint(2019, 2026)}"
            f"-{chance.choice('ABCDEFHKX')}{digits(chance, 5)}"
        ),
        "company": home.companies[number % 3],
        "note": home.notes[number >= 3],
        "status": STATUSES[number],
        "quantity": str(chance.randint(2, 9)),
        "newsletter": "true",
        "starts_at": (
            f"2026-{chance.randint(1, 12):02d}-{chance.randint(13, 28):02d}"
            f"T{chance.randint(7, 21):02d}:{chance.choice(['30', '45', '15'])}:00+02:00"
        ),
        "passport": (chance.choice("CFGHJKLXZ") + digits(chance, 4) + chance.choice("TVWXYZ") + digits(chance, 3)),
        "token": "".join(chance.choice(TOKEN_LETTERS) for _ in range(24)),
    }


def pair(number: int) -> tuple[Person, Person]:
    """A customer, whose data come in, and somebody else of the same country, who shares nothing with them."""
    locale, own = list(LOCALES)[number % len(LOCALES)], number // len(LOCALES) % PER_COUNTRY
    strangers = [other for other in range(PER_COUNTRY) if other % 3 != own % 3 and (other < 3) != (own < 3)]
    return person(locale, own), person(locale, strangers[number % 2])


def request_of(
    chance: Random,
    customer: Person,
    needed: list[str],
    values: dict[str, Any] | None = None,
    without: tuple[str, ...] = (),
) -> list[Brought]:
    """The fields of a request: those ``needed`` and some more, with ``values`` in place of the customer's."""
    rest = [role for role in FIELDS if role not in needed and role not in without]
    chance.shuffle(rest)
    roles = needed + rest[: max(0, chance.randint(8, 18) - len(needed))]
    brought: list[Brought] = []
    taken: set[str] = set()
    for role in roles:
        field = chance.choice(FIELDS[role])
        while field in taken:
            field = role + "_" + field.replace(".", "_")
        taken.add(field)
        source = chance.choice(["json", "form"])
        brought.append(Brought(role, source, field, (values or {}).get(role, customer[role])))
    chance.shuffle(brought)
    return brought


def key_of(chance: Random, role: str) -> str:
    """A name that a sink may give the value."""
    return chance.choice(KEYS[role])


def values_of(chance: Random, stranger: Person, count: int = 5) -> list[tuple[str, str]]:
    """Some values of somebody else, under the names of sinks."""
    roles = [
        "name", "email", "phone", "street", "iban", "card", "uuid", "order_no", "company", "last_name", "first_name",
        "postal_code", "passport", "city",
    ]  # fmt: skip
    chance.shuffle(roles)
    return [(KEYS[role][0], stranger[role]) for role in roles[:count]]
