"""Pieces of values: a word, the last four digits, a mask, the beginning, an excerpt."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from tests.matching.corpus import Case
from tests.matching.people.labels import sent_to
from tests.matching.people.people import KEYS, Person, key_of, pair
from tests.matching.people.sinks import KEYED


class Piece(NamedTuple):
    """What of a value is sent, and under which name."""

    role: str
    name: str
    key: str
    sent: str


SHORT = ("first name", "last name", "last4", "iban last4", "uuid first 8")
"""Pieces beside which a whole value of the customer may stand."""


def cases() -> Iterator[Case]:
    """Four pieces of each customer's values."""
    for number in range(220):
        chance, (customer, _) = Random(60_000 + number), pair(number)
        for piece in chance.sample(_pieces(customer, chance), 4):
            if _is_no_piece(piece, customer):
                continue
            beside = piece.role != "phone" and piece.name in SHORT and chance.random() < 0.6
            own, found = [(piece.key, piece.sent)], [piece.role]
            if beside:
                own.append((key_of(chance, "phone"), customer["phone"]))
                found.append("phone")
            yield sent_to(
                chance,
                number,
                "cut",
                piece.name + (" +neighbour" if beside else ""),
                own,
                found,
                KEYED,
                flowed=[piece.sent, customer[piece.role]],
                without=("first_name", "last_name") if piece.role == "name" else (),
            )


def _is_no_piece(piece: Piece, customer: Person) -> bool:
    """Whether so little is left that nothing can be told, or nothing was cut off."""
    if piece.name == "initial last":
        return True
    if piece.name in ("first name", "last name"):
        return len(piece.sent) < 2
    if piece.name == "truncate company":
        return len(customer["company"]) <= 13
    return piece.name == "truncate 100" and len(customer["note"]) < 110


def _pieces(customer: Person, chance: Random) -> list[Piece]:
    def key(*names: str) -> str:
        return chance.choice(names)

    given, family = customer["first_name"], customer["last_name"]
    local, domain = customer["email"].split("@")
    card, iban, phone = customer["card"], customer["iban"], customer["phone"]
    note, street = customer["note"], customer["street"]
    first_name, last_name = key(*KEYS["first_name"]), key(*KEYS["last_name"])
    pieces = [
        Piece("name", "first name", first_name, given),
        Piece("name", "last name", last_name, family),
        Piece("email", "local part", key("username", "login", "user_name"), local),
        Piece("email", "domain", key("domain", "email_domain"), domain),
        Piece("card", "last4", key("last4", "card_last4", "last_four"), card[-4:]),
        Piece(
            "card",
            "mask",
            key("card", "card_number", "masked_pan"),
            key("**** **** **** ", "************", "xxxx-xxxx-xxxx-", "•••• ", "XXXXXXXXXXXX") + card[-4:],
        ),
        Piece("card", "bin6last4", key("card", "masked_pan"), card[:6] + "******" + card[-4:]),
        Piece("iban", "iban mask", "iban", iban[:4] + "**************" + iban[-4:]),
        Piece("iban", "iban last4", key("iban_last4", "account_last4"), iban[-4:]),
        Piece("phone", "phone last4", key("phone_last4", "phone_suffix"), phone[-4:]),
        Piece("phone", "phone mask", "phone", phone[:4] + "*****" + phone[-3:]),
        Piece("email", "email mask", "email", local[0] + "***@" + domain),
        Piece("note", "truncate 30", key(*KEYS["note"]), note[:30]),
        Piece("note", "truncate 60…", key(*KEYS["note"]), note[:60] + "…"),
        Piece("note", "truncate 50...", key("summary", "subject", "title", "text"), note[:50] + "..."),
        Piece("note", "truncate 100", key("summary", "preview", "snippet"), note[:100]),
        Piece("note", "excerpt", key("quote", "excerpt", "text"), note[25:95]),
        Piece("street", "truncate street", key(*KEYS["street"]), street[: max(10, len(street) * 2 // 3)]),
        Piece("company", "truncate company", key(*KEYS["company"]), customer["company"][:12]),
        Piece("uuid", "uuid first 8", key("customer_ref", "customer_id_short", "uuid_short"), customer["uuid"][:8]),
        Piece("name", "initial last", key(*KEYS["name"]), f"{given[0]}. {family}"),
    ]
    words = note.split()
    if len(words) > 20:
        changed = ["xyz" if at in (5, 17, 28) else word for at, word in enumerate(words)]
        quoted = f"> {' '.join(words[6:20])}\n\nThank you, we will look into it."
        told = f"They told us that {' '.join(words[9:24])} and more."
        pieces += [
            Piece("note", "words changed", key(*KEYS["note"]), "Customer says: " + " ".join(changed)),
            Piece("note", "excerpt quoted", "body", quoted),
            Piece("note", "excerpt middle in other text", "text", told),
        ]
    return pieces
