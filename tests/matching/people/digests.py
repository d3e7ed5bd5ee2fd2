"""Digests of values, written and cut off in the customary ways."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from random import Random
from urllib.parse import quote

from tests.matching.corpus import Case
from tests.matching.people.encodings import base64_of, base64url_of
from tests.matching.people.labels import case
from tests.matching.people.people import MEDIUM, STRONG, Person, pair, request_of
from tests.matching.people.sinks import JSON, Sent
from tests.matching.people.spellings import phones

ALGORITHMS = [
    "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b", "blake2s",
]  # fmt: skip
WRITTEN = [
    "hex", "hex", "HEX", "base64", "base64url", "base64 unpadded", "raw", "trunc hex", "trunc hex", "trunc base64",
    "trunc HEX",
]  # fmt: skip


def cases() -> Iterator[Case]:
    """A digest of a value beside one of somebody else's address."""
    for number in range(1000):
        chance, (customer, stranger) = Random(80_000 + number), pair(number)
        role = chance.choice(sorted(STRONG | MEDIUM))
        value = customer[role]
        if len(value) < 2:
            continue
        role, form, came, hashed = _prepared(chance, role, customer)
        algorithm, digest = _digest(chance, hashed.encode())
        written = chance.choice(WRITTEN)
        other = hashlib.sha256(stranger["email"].encode()).hexdigest()
        spelled = _spelled(chance, digest)[written]
        brought = request_of(chance, customer, [role], {role: came})
        sink, sent = _in_bytes(chance, digest, other) if written == "raw" else _in_text(chance, spelled, other)
        transform = f"{algorithm} {written} of {form}"
        yield case(number, "hashed", transform, brought, sent, [role], flowed=[value], sink=sink)


def _prepared(chance: Random, role: str, customer: Person) -> tuple[str, str, str, str]:
    """Role, what is done before hashing, the value as it came in, and what is hashed."""
    value = customer[role]
    if role == "phone":
        form = chance.choice(["phone+", "phone digits", "as came"])
    else:
        form = chance.choice(["as came", "trim", "lower", "lower", "phone+", "phone digits"])
    if form == "as came":
        return role, form, value, value
    if form == "trim":
        return role, form, f" {value} ", value
    if form == "lower":
        return role, form, value, value.strip().lower()
    spelling = chance.choice(["spaced", "dashes", "e164", "00 spaced", "dots"])
    number = customer["calling_code"] + customer["national"]
    return "phone", form, phones(customer)[spelling], ("+" if form == "phone+" else "") + number


def _digest(chance: Random, data: bytes) -> tuple[str, bytes]:
    algorithm = chance.choice(ALGORITHMS)
    if algorithm == "blake2b" and chance.random() < 0.5:
        digest = hashlib.blake2b(data, digest_size=chance.choice([16, 20, 32])).digest()
        algorithm += "-short"
    else:
        digest = hashlib.new(algorithm, data).digest()
    if chance.random() < 0.15 and algorithm in ("md5", "sha1", "sha256", "sha512"):
        outer = chance.choice(["sha256", "sha1", "md5"])
        raw = chance.random() < 0.3
        digest = hashlib.new(outer, digest if raw else digest.hex().encode()).digest()
        algorithm = f"{outer}({algorithm}{' raw' if raw else ''})"
    return algorithm, digest


def _spelled(chance: Random, digest: bytes) -> dict[str, str]:
    return {
        "hex": digest.hex(),
        "HEX": digest.hex().upper(),
        "base64": base64_of(digest),
        "base64url": base64url_of(digest).rstrip("="),
        "base64 unpadded": base64_of(digest).rstrip("="),
        "raw": "",
        "trunc hex": digest.hex()[: chance.choice([16, 20, 24, 32])],
        "trunc HEX": digest.hex()[: chance.choice([16, 20])].upper(),
        "trunc base64": base64_of(digest)[: chance.choice([16, 20, 22])],
    }


def _in_bytes(chance: Random, digest: bytes, other: str) -> tuple[str, Sent]:
    if chance.random() < 0.5:
        return "row", Sent({"id": 1, "digest": digest, "other": bytes.fromhex(other)})
    return "raw", Sent(digest, field="digest")


def _in_text(chance: Random, spelled: str, other: str) -> tuple[str, Sent]:
    sink = chance.choice(["json", "fb", "text", "url", "csv"])
    if sink == "json":
        return sink, Sent(json.dumps({"user": {"id_hash": spelled, "agent": other}, "v": 1}), JSON)
    if sink == "fb":
        user = {"em": [other, spelled], "client_ip_address": "203.0.113.7"}
        return sink, Sent(json.dumps({"data": [{"event_name": "Purchase", "user_data": user}]}), JSON)
    if sink == "text":
        return sink, Sent(f"cache miss for key user:{spelled} (ttl 300) other={other[:16]}")
    if sink == "url":
        return sink, Sent(f"https://www.gravatar.example/avatar/{quote(spelled, safe='')}?s=80&d=identicon")
    return sink, Sent(f"id,hash\n1,{other}\n2,{spelled}\n", "text/csv")
