"""Values inside other text, and several of them joined to one."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from random import Random
from urllib.parse import quote

from tests.matching.corpus import Case
from tests.matching.people.labels import case, sent_to
from tests.matching.people.people import STRONG, Brought, Person, key_of, pair, request_of
from tests.matching.people.sinks import JSON, KEYED, Sent

SENTENCES = {
    "de": "Sehr geehrte Damen und Herren, der Vorgang von {} liegt vor.",
    "fr": "Bonjour, la demande de {} a été reçue.",
    "pl": "Dzień dobry, zgłoszenie od {} zostało przyjęte.",
    "ja": "担当者各位、{}様からお問い合わせがありました。",
    "zh": "您好,收到了{}的申请,请尽快处理。",
    "ar": "مرحبا، تم استلام طلب {} بنجاح.",
    "es": "¡Hola! Hemos recibido la solicitud de {}, gracias.",
    "br": "Olá, recebemos o pedido de {}!",
    "us": "Dear team, the ticket by {} was escalated.",
}


def cases() -> Iterator[Case]:
    """Each value inside two kinds of text; names and addresses joined."""
    for number in range(330):
        chance, (customer, stranger) = Random(40_000 + number), pair(number)
        role = chance.choice(sorted(STRONG))
        value = customer[role]
        texts = _texts(value, customer, stranger)
        if role == "phone":
            del texts["possessive"]
        for name in chance.sample(sorted(texts), 2):
            if (name == "filename" and "/" in value) or (name == "html split" and role == "note"):
                continue
            brought = request_of(chance, customer, [role])
            yield case(number, "embedded", name, brought, texts[name], [role], flowed=[value], sink="text")
    for number in range(200):
        yield from _joined(number)


def _texts(value: str, customer: Person, stranger: Person) -> dict[str, Sent]:
    half = len(value) // 2
    name, email = stranger["name"], stranger["email"]
    listed = f"[{value!r}]" if "'" in value else f"['{name}', '{value}']"
    doubled, escaped = value.replace("'", "''"), value.replace("'", "\\'")
    bold = f"<b>{html.escape(value[:half])}</b>{html.escape(value[half:])}"
    return {
        "native template": Sent(SENTENCES[customer["locale"]].format(value), field="body"),
        "quoted": Sent(f'He wrote "{value}" and left', field="text"),
        "parens": Sent(f"customer ({value}) called", field="text"),
        "brackets": Sent(f"[{value}] opened", field="subject"),
        "angle": Sent(f"From: <{value}>", field="header"),
        "colon": Sent(f"value:{value};next:1", field="text"),
        "equals": Sent(f"a=1 value={value} b=2", field="msg"),
        "pipe": Sent(f"a|{value}|c", field="line"),
        "html attr": Sent(f'<a href="#" title="{html.escape(value)}">x</a>', "text/html", "html"),
        "html split": Sent(f"<p>{bold}</p>", "text/html", "html"),
        "cdata": Sent(f"<x><![CDATA[{value}]]></x>", "text/xml"),
        "md link": Sent(f"see [{value}](https://x.example/1)", field="text"),
        "md code": Sent(f"user `{value}` was created", field="text"),
        "slack link": Sent(f"<https://crm.example/u/1|{value}> signed up", field="text"),
        "possessive": Sent(f"{value}'s account", field="text"),
        "end dot": Sent(f"The new contact is {value}.", field="text"),
        "comma": Sent(f"Contacts: {name},{value},{email}", field="text"),
        "sql like": Sent(f"SELECT * FROM c WHERE c.v LIKE '%{doubled}%'", field="statement"),
        "sql backslash": Sent(f"SELECT * FROM c WHERE c.v = '{escaped}'", field="statement"),
        "json in log": Sent("INFO payload=" + json.dumps({"v": value, "o": email}), field="message"),
        "repr": Sent("Validation failed: " + repr({"value": value}), field="message"),
        "subject": Sent(f"Re: {value} / your request", field="subject"),
        "jsonpath list": Sent(listed, field="text"),
        "tab": Sent(f"1\t{value}\t2", field="line"),
        "js template": Sent(f"<script>window.user={json.dumps(value)};</script>", "text/html", "html"),
        "url fragment": Sent(f"https://x.example/#/user/{quote(value)}", field="url"),
        "url in text": Sent(f"Open https://x.example/u?id={quote(value)}&t=1 now", field="text"),
        "underline wrap": Sent(f"__{value}__ joined", field="text"),
        "star wrap": Sent(f"*{value}* joined", field="text"),
        "ldap": Sent(f"(&(objectClass=person)(cn={value}))", field="filter"),
        "filename": Sent(f"/var/export/{value.replace('/', '-')}/2026.pdf", field="path"),
    }


def _names(customer: Person) -> dict[str, str]:
    given, family, email = customer["first_name"], customer["last_name"], customer["email"]
    if customer["locale"] in ("ja", "zh"):
        return {
            "family+given": family + given,
            "family given": f"{family} {given}",
            "name <email>": f"{family} {given} <{email}>",
        }
    return {
        "first last": f"{given} {family}",
        "last, first": f"{family}, {given}",
        "LAST First": f"{family.upper()} {given}",
        "name <email>": f"{given} {family} <{email}>",
    }


def _joined(number: int) -> Iterator[Case]:
    """The request brings in the parts, not the whole name."""
    chance, (customer, _) = Random(50_000 + number), pair(number)
    given, family = customer["first_name"], customer["last_name"]
    # a name of one letter is no more than chance
    names = [role for role in ("first_name", "last_name") if len(customer[role]) > 1]

    options = _names(customer)
    name = chance.choice(sorted(options))
    found = names + (["email"] if "email" in name else [])
    yield _of_parts(chance, number, name, key_of(chance, "name"), options[name], found)

    street, town = customer["street"], f"{customer['postal_code']} {customer['city']}"
    options = {
        "street pc city": f"{street}, {town}",
        "lines": f"{given} {family}\n{street}\n{town}\n{customer['country_name']}",
        "pc city": town,
    }
    name = chance.choice(sorted(options))
    found = ["postal_code"]
    if name == "pc city" or customer["city"] not in street:
        found.append("city")
    if name != "pc city":
        found.append("street")
    if name == "lines":
        found += names
    key = chance.choice(["address", "shipping_address", "full_address"])
    yield _of_parts(chance, number, name, key, options[name], found)

    if number % 4 == 0:
        brought = request_of(chance, customer, ["phone"], {"phone": customer["national"]})
        brought.append(Brought("cc", "form", "phone_country_code", "+" + customer["calling_code"]))
        sent = Sent(json.dumps({"to": customer["phone"], "from": "+15005550006"}), JSON)
        flowed = [customer["phone"]]
        yield case(number, "embedded", "joined cc+phone", brought, sent, ["phone"], ["cc"], flowed, "text")


def _of_parts(chance: Random, number: int, name: str, key: str, value: str, found: list[str]) -> Case:
    customer, _ = pair(number)
    flowed = [value, customer["first_name"], customer["last_name"], customer["name"]]
    own = [(key, value)]
    return sent_to(chance, number, "embedded", f"joined {name}", own, found, KEYED, flowed=flowed, without=("name",))
