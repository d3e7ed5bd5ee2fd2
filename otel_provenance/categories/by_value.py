"""What a value proves by itself, whatever its field is called: patterns that seldom occur by chance."""

from __future__ import annotations

import re
from ipaddress import ip_address

from otel_provenance.categories import keys, numbers

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,62}")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}")
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
_HEXTETS = re.compile(r"[0-9A-Fa-f:.-]+")
is_credential = re.compile(
    r"eyJ[\w-]{5,}\.eyJ[\w-]{2,}\.[\w-]*"  # a JSON Web Token
    r"|(?:gh[pousr]_|github_pat_|glpat-|sk_live_|rk_live_|sk-ant-|xox[abprs]-|AKIA|ASIA|AIza|ya29\.|npm_|pypi-)[\w-]{12,}"
    r"|(?i:(?:bearer|basic|digest|token|negotiate) [\w+/=.~-]{8,})"
).fullmatch
_SSN = re.compile(r"\d{3}-\d\d-\d{4}")
_CPF = re.compile(r"\d{3}\.\d{3}\.\d{3}-\d\d")
_GROUPED = re.compile(r"[ \-.]")
SHORTEST = 7
LONGEST_NUMBER = 45
"""Characters: of an address of IPv6; all numbers are shorter."""
LONGEST = 2_048
"""Characters of a value that is looked at; a JSON Web Token is the longest kind."""


def category_by_value(text: str, *, identifier: bool) -> str | None:
    """The category that a value shows by itself; ``identifier`` where its field is named like a number of
    something else (order, invoice, tracking), so that a card needs more than a check digit."""
    size = len(text)
    if size < SHORTEST or size > LONGEST or text.isalpha():
        return None
    if "@" in text:
        return keys.EMAIL if size <= 254 and _EMAIL.fullmatch(text) else None
    first = text[0]
    if first == "+":
        return keys.PHONE if size <= 24 and numbers.is_international_phone(text) else None
    if first.isdigit():
        return _number(text, size, identifier)
    if size < 15:
        return None if text.count(":") < 2 else _address(text, size)
    if is_credential(text):
        return keys.CREDENTIALS
    if size <= 42 and first.isalpha() and (text[2:4].isdigit() or text[6:8].isdigit()):
        compact = _GROUPED.sub("", text).upper()
        if numbers.is_iban(compact):
            return keys.BANK_ACCOUNT
        if numbers.is_codice_fiscale(compact):
            return keys.NATIONAL_ID
    return None if size > LONGEST_NUMBER or text.count(":") < 2 else _address(text, size)


def _number(text: str, size: int, identifier: bool) -> str | None:
    if size <= 15 and text.count(".") == 3:
        return keys.IP_ADDRESS if _IPV4.fullmatch(text) and not text.startswith(("0.", "127.")) else None
    if _SSN.fullmatch(text):
        return keys.NATIONAL_ID if numbers.is_us_ssn(text.replace("-", "")) else None
    if _CPF.fullmatch(text):
        return keys.NATIONAL_ID if numbers.is_cpf(re.sub(r"\D", "", text)) else None
    if 13 <= size <= 24:
        digits = _GROUPED.sub("", text)
        if digits.isdigit() and digits.isascii() and numbers.is_card(digits):
            grouped = digits != text and _GROUPED.split(text)[0] == digits[:4]
            return keys.CARD if grouped or (not identifier and len(digits) in (15, 16)) else None
    return _address(text, size)


def _address(text: str, size: int) -> str | None:
    if size > LONGEST_NUMBER or text.count(":") < 2 or not _HEXTETS.fullmatch(text):
        return None
    if _MAC.fullmatch(text):
        return keys.DEVICE_ID
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return None if found.is_loopback or found.is_unspecified else keys.IP_ADDRESS
