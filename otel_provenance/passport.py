"""What a request tells the next service about itself, as members of a W3C baggage header, signed with the salt.

    provenance.request_id=<uuid>
    provenance.tags=<prefix>.<hash><n>.<hash><n>~<prefix>.…      (continued in provenance.tags.1, …)
    provenance.signature=<Unix seconds>.<keyed hash of all of it>

A tag's id is ``<prefix>.t<n>``, its hash 22 characters of base64url. Both services need the same salt. Pure.
Source: W3C Baggage, https://www.w3.org/TR/baggage/, sections 3.2 (syntax) and 3.3.2 (limits).
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from otel_provenance.attributes import BAGGAGE_SIGNATURE, BAGGAGE_TAGS, OURS, REQUEST_ID
from otel_provenance.tags import Tag

MOST_MEMBERS = 64
MOST_BYTES = 8192
MOST_BYTES_PER_MEMBER = 4096  # what OpenTelemetry's propagators pass on
VALID_FOR_S = 86_400
_CLOCK_SKEW_S = 300
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_GROUP = re.compile(r"([0-9a-z]{20})((?:\.[\w-]{22}\d{1,9})+)\Z", re.ASCII)
_PERSON = b"otel-prov-signed"


class Passport(NamedTuple):
    """What a service that calls says of its request."""

    request_id: str
    tags: tuple[Tag, ...]
    """Known by id and hash only (source ``upstream``)."""


class Refused(Exception):
    """Baggage of ours that is not to be trusted; the text is the reason: ``forged``, ``expired``, ``oversized``."""


def without_ours(header: str) -> list[str]:
    """The members of a baggage header that are not ours, as they are."""
    return [member for member in header.split(",") if member.strip() and not member.strip().startswith(OURS)]


def issue(request_id: str, tags: Iterable[Tag], salt: bytes, now_s: int, others: str = "") -> tuple[str, int]:
    """The whole baggage header with ``others`` (members of the application's own) first, and how many tags did not fit.

    The header is ``others`` alone where not even the request id fits.
    """
    members = [member.strip() for member in without_ours(others)]
    head = [f"{REQUEST_ID}={request_id}", f"{BAGGAGE_SIGNATURE}={now_s}.{'x' * 22}"]
    tags = sorted(tags, key=lambda tag: len(tag.normal) < 6 and tag.source != "upstream")  # telling ones first
    room = MOST_BYTES - sum(len(member) + 1 for member in (*members, *head))
    if room < 0 or len(members) + len(head) > MOST_MEMBERS:
        return ",".join(members), len(tags)
    most = min(MOST_MEMBERS - len(members) - len(head), 8)
    values, left_out = _pack(tags, room, most)
    text = "~".join(values)
    signature = f"{BAGGAGE_SIGNATURE}={now_s}.{_sign(request_id, now_s, text, salt)}"
    ours = [f"{_tags_name(at)}={value}" for at, value in enumerate(values)]
    return ",".join([*members, head[0], *ours, signature]), left_out


def read(header: str, salt: bytes, now_s: int) -> Passport | None:
    """What the sender of a baggage header says of its request; None where it says nothing.

    Raises Refused where it is not signed with this salt, or for another time, or beyond the limits.
    """
    if OURS not in header:
        return None
    found = {}
    for member in header.split(","):
        name, _, value = member.partition(";")[0].partition("=")
        if name.strip().startswith(OURS):
            found[name.strip()] = value.strip()
    if not found:
        return None
    if len(header) > MOST_BYTES or header.count(",") >= MOST_MEMBERS:
        raise Refused("oversized")
    request_id = found.get(REQUEST_ID, "")
    issued_at, _, signature = found.get(BAGGAGE_SIGNATURE, "").partition(".")
    values = [found[name] for name in map(_tags_name, range(MOST_MEMBERS)) if name in found]
    text = "~".join(values)
    if not (_UUID.match(request_id) and issued_at.isascii() and issued_at.isdigit() and len(issued_at) < 16):
        raise Refused("forged")
    if not hmac.compare_digest(_sign(request_id, int(issued_at), text, salt).encode(), signature.encode()):
        raise Refused("forged")
    if not -_CLOCK_SKEW_S <= now_s - int(issued_at) <= VALID_FOR_S:
        raise Refused("expired")
    return Passport(request_id, tuple(_unpack(text)))


def _tags_name(at: int) -> str:
    return f"{BAGGAGE_TAGS}.{at}" if at else BAGGAGE_TAGS


def _sign(request_id: str, issued_at: int, text: str, salt: bytes) -> str:
    key = salt if len(salt) <= 64 else blake2b(salt).digest()
    signed = f"{request_id}\n{issued_at}\n{text}".encode()
    return _short(blake2b(signed, digest_size=16, key=key, person=_PERSON).digest())


def _short(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _pack(tags: list[Tag], room: int, most: int) -> tuple[list[str], int]:
    # each value holds whole groups, so that every member can be read by itself
    values: list[str] = []
    value, prefix, packed = "", "", 0
    name_room = len(BAGGAGE_TAGS) + 4
    for tag in tags:
        own_prefix, _, number = tag.tag_id.rpartition(".t")
        token = f".{_short(bytes.fromhex(tag.value_hash))}{number}"
        piece = token if own_prefix == prefix else f"{'~' if value else ''}{own_prefix}{token}"
        if len(value) + len(piece) + name_room > MOST_BYTES_PER_MEMBER:
            values.append(value)
            room -= len(value) + name_room
            value, piece = "", f"{own_prefix}{token}"
        if len(values) == most or len(value) + len(piece) + name_room > room:
            break
        value, prefix = value + piece, own_prefix
        packed += 1
    if value:
        values.append(value)
    return values, len(tags) - packed


def _unpack(text: str) -> Iterable[Tag]:
    for group in text.split("~") if text else ():
        matched = _GROUP.match(group)
        if not matched:
            raise Refused("forged")  # signed, but not by this code
        for token in matched[2].split(".")[1:]:
            digest = urlsafe_b64decode(token[:22] + "==").hex()
            yield Tag(f"{matched[1]}.t{token[22:]}", "upstream", "", None, "", digest, 0)
