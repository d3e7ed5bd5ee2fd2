"""What may be spelled in another way, and how: for a customer, every such pair of what came in and what is sent."""

from __future__ import annotations

import enum
import re
import unicodedata
import uuid
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from tests.matching.people.people import STATUSES, Person
from tests.matching.people.times import birthdays, moments


class Spelling(NamedTuple):
    """A value as it came in, and as it is sent."""

    role: str
    name: str
    came: Any
    sent: Any


Status = enum.Enum("Status", {status: status for status in STATUSES})  # type: ignore[misc]
_WITHOUT_CASE = ("ja", "zh", "ar")


def phones(person: Person) -> dict[str, str]:
    """A phone number in the ways it is written."""
    code, trunk, number = person["calling_code"], person["trunk_prefix"], person["national"]
    grouped = f"{number[:3]} {number[3:6]} {number[6:]}"
    spellings = {
        "e164": f"+{code}{number}",
        "spaced": f"+{code} {grouped}",
        "00": f"00{code}{number}",
        "00 spaced": f"00{code} {grouped}",
        "dashes": f"+{code}-{number[:3]}-{number[3:7]}-{number[7:]}",
        "digits": f"{code}{number}",
        "national": f"{trunk}{number}",
        "national spaced": f"{trunk}{grouped}",
        "parens": f"({trunk}{number[:2]}) {number[2:6]}-{number[6:]}",
        "dots": f"+{code}.{number[:2]}.{number[2:5]}.{number[5:]}",
        "tel": f"tel:+{code}-{number[:3]}-{number[3:]}",
        "slash": f"{trunk}{number[:3]}/{number[3:]}",
    }
    if trunk:
        spellings["(0)"] = f"+{code} ({trunk}) {number[:3]} {number[3:]}"
    return spellings


def spellings_of(person: Person, chance: Random) -> list[Spelling]:
    """All of them, in a fixed order; only which pairs of phone spellings there are is drawn."""
    return [
        *_texts(person),
        *_phone_pairs(person, chance),
        *_amounts(person),
        *_booleans(),
        *[Spelling("birth_date", *spelling) for spelling in birthdays(person["birth_date"])],
        *[Spelling("starts_at", *spelling) for spelling in moments(person["starts_at"])],
        *_identifiers(person),
        *_emails(person),
        *_codes(person),
    ]


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text)


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _without_accents(text: str) -> str:
    bare = "".join(c for c in _decomposed(text) if not unicodedata.combining(c))
    return bare.replace("ł", "l").replace("Ł", "L").replace("ß", "ss")


def _texts(person: Person) -> list[Spelling]:
    found = []
    for role in ("name", "street", "company", "note", "last_name", "city", "email"):
        text = person[role]
        pairs = [
            ("trim", f"  {text} ", text),
            ("untrim", text, f"{text}\r\n"),
            ("upper", text, text.upper()),
            ("lower", text.upper(), text.lower()),
            ("NFD", text, _decomposed(text)),
            ("NFC of NFD", _decomposed(text), unicodedata.normalize("NFC", text)),
        ]
        if " " in text:
            pairs += [
                ("inner space", text.replace(" ", "  "), text),
                ("nbsp", text, text.replace(" ", "\u00a0")),
                ("newline for space", text, text.replace(" ", "\n", 1)),
                ("title", text.lower(), text.title()),
            ]
        if role != "note":
            pairs += [("full width", text, _full_width(text)), ("full width tag", _full_width(text), text)]
        found += [Spelling(role, *pair) for pair in pairs]
    if person["locale"] not in _WITHOUT_CASE:
        for role in ("name", "street", "last_name"):
            if _without_accents(person[role]) != person[role]:
                found.append(Spelling(role, "accents", person[role], _without_accents(person[role])))
    for role in ("name", "last_name"):
        if "'" in person[role]:
            found.append(Spelling(role, "curly apostrophe", person[role], person[role].replace("'", "’")))
    return found


def _phone_pairs(person: Person, chance: Random) -> list[Spelling]:
    spellings = phones(person)
    found = []
    for _ in range(7):
        came, sent = chance.sample(sorted(spellings), 2)
        found.append(Spelling("phone", f"phone {came} > {sent}", spellings[came], spellings[sent]))
    found.append(Spelling("phone", "phone e164 > int", spellings["e164"], int(spellings["digits"])))
    return found


def _amounts(person: Person) -> list[Spelling]:
    amount = person["amount"]
    exact, (whole, cents) = Decimal(amount), amount.split(".")
    english = f"{exact:,.2f}"
    german = english.replace(",", "_").replace(".", ",").replace("_", ".")
    sent: dict[str, Any] = {
        "us": english,
        "float": float(amount),
        "decimal": exact,
        "exp": f"{float(amount) / 1000:.5f}e3".replace("0e3", "e3"),
        "no trailing zero": amount.rstrip("0"),
        "more zeros": amount + "00",
        "currency before": "$" + english,
        "currency after": amount + " EUR",
        "euro sign": german + " €",
        "de": german,
        "fr nbsp": german.replace(".", "\u00a0"),
        "fr nnbsp": german.replace(".", "\u202f"),
        "swiss": english.replace(",", "'"),
        "comma": whole + "," + cents,
        "brl": "R$ " + german,
        "plus": "+" + amount,
        "leading zeros": "000" + amount,
    }
    found = [Spelling("amount", f"number {name}", amount, value) for name, value in sent.items()]
    others: list[tuple[str, Any, Any]] = [
        ("de tag > plain", german, amount),
        ("us tag > float", english, float(amount)),
        ("euro tag > decimal", german + " €", exact),
        ("int 1e3", f"{whole[0]}000", f"{whole[0]}e3"),
        ("int .00", whole, whole + ".00"),
        ("int > int", whole, int(whole)),
        ("int us thousands", whole, f"{int(whole):,}"),
    ]
    return found + [Spelling("amount", f"number {name}", came, value) for name, came, value in others]


def _booleans() -> list[Spelling]:
    sent: dict[str, list[Any]] = {
        "true": [1, "1", True, "on", "yes", "Y", "TRUE", "t"],
        "on": [True, 1, "true"],
        "false": [False, 0, "no", "off", "False"],
    }
    return [Spelling("newsletter", f"boolean {came} > {value!r}", came, value) for came in sent for value in sent[came]]


def _identifiers(person: Person) -> list[Spelling]:
    plain, number = person["uuid"].replace("-", ""), uuid.UUID(person["uuid"])
    card, iban = person["card"], person["iban"]
    card_groups, iban_groups = " ".join(re.findall("....", card)), " ".join(re.findall(".{1,4}", iban))
    pairs: list[tuple[str, Any, Any]] = [
        ("uuid plain", person["uuid"], plain),
        ("uuid from plain", plain, person["uuid"]),
        ("uuid upper", person["uuid"], person["uuid"].upper()),
        ("uuid object", person["uuid"], number),
        ("uuid urn", person["uuid"], "urn:uuid:" + person["uuid"]),
        ("uuid braces", person["uuid"], "{" + person["uuid"].upper() + "}"),
        ("uuid bytes", person["uuid"], number.bytes),
        ("uuid object from plain", plain.upper(), number),
        ("uuid int hex 0x", person["uuid"], "0x" + plain),
        ("card spaces > plain", card_groups, card),
        ("card plain > spaces", card, card_groups),
        ("card dashes", card_groups.replace(" ", "-"), card),
        ("card int", card_groups, int(card)),
        ("card nbsp", card, card_groups.replace(" ", "\u00a0")),
        ("iban spaces > plain", iban_groups, iban),
        ("iban plain > spaces", iban, iban_groups),
        ("iban lower", iban_groups, iban.lower()),
        ("iban dashes", iban, iban_groups.replace(" ", "-")),
    ]
    return [Spelling(pair[0].split()[0], *pair) for pair in pairs]


def _emails(person: Person) -> list[Spelling]:
    email = person["email"]
    local, domain = email.split("@")
    bare = local.replace(".", "")
    pairs = [
        ("plus", f"{local}+shop@{domain}", email),
        ("plus added", email, f"{local}+crm42@{domain}"),
        ("plus dots gmail", f"{local}+news@gmail.com", f"{bare}@gmail.com"),
        ("dots gmail", f"{local}@gmail.com", f"{bare}@gmail.com"),
        ("mailto", email, f"mailto:{email}"),
        ("upper", email, email.upper()),
        ("angle", email, f"<{email}>"),
    ]
    return [Spelling("email", f"email {name}", came, sent) for name, came, sent in pairs]


def _codes(person: Person) -> list[Spelling]:
    status, code, passport = person["status"], person["order_no"], person["passport"]
    postal_code, quantity = person["postal_code"], person["quantity"]
    first, *rest = status.split("_")
    camel = "".join(word.title() for word in rest)
    pairs: list[tuple[str, str, Any, Any]] = [
        ("status", "enum upper", status, status.upper()),
        ("status", "enum camel", status, first.title() + camel),
        ("status", "enum dashes", status, status.replace("_", "-")),
        ("status", "enum words", status, status.replace("_", " ").capitalize()),
        ("status", "enum object", status, Status(status)),
        ("status", "enum lowercamel", status, first + camel),
        ("order_no", "code no dashes", code, code.replace("-", "")),
        ("order_no", "code lower", code, code.lower()),
        ("order_no", "code spaces", code, code.replace("-", " ")),
        ("order_no", "code hash", code, "#" + code),
        ("order_no", "code underscores", code, code.replace("-", "_")),
        ("passport", "passport spaced", passport, passport[:2] + " " + passport[2:]),
        ("quantity", "int", quantity, int(quantity)),
        ("quantity", "decimal", quantity, Decimal(quantity + ".00")),
        ("quantity", "str from int", int(quantity), quantity),
        ("postal_code", "postal nodash", postal_code, postal_code.replace("-", "")),
        ("postal_code", "postal JP mark", postal_code, ("〒" if person["locale"] == "ja" else "") + postal_code),
        ("country", "country lower", person["country"], person["country"].lower()),
    ]
    return [Spelling(*pair) for pair in pairs]
