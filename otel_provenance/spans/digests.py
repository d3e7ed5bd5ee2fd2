"""Digests of a person's identifiers: under these others know people, so they lead back to what was stored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import md5, sha256
from typing import Any, Final

from otel_provenance.values import normal_text

_ADDRESS: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_NUMBER: Final = re.compile(r"\+[0-9 ()./-]{7,24}")
_NO_DIGIT: Final = re.compile(r"\D")
_LONGEST: Final = 254  # RFC 5321, section 4.5.3.1.3, less the brackets


def identifier_digests(value: Any) -> Sequence[tuple[str, str]]:
    """(transform, hex digest) of an e-mail address or of a phone number with its country code; else nothing.

    As those who match people by them make them: of the address in lower case, of the number's digits after
    ``+`` (E.164); SHA-256, and MD5 for older interfaces.
    """
    if not isinstance(value, str) or not 6 <= len(value) <= _LONGEST:
        return ()
    if "@" in value:
        said = normal_text(value)
        if not _ADDRESS.fullmatch(said):
            return ()
        before = "" if said == value else ">lower"
    elif value[0] == "+" and _NUMBER.fullmatch(value):
        said = "+" + _NO_DIGIT.sub("", value)
        before = "" if said == value else ">phone"
    else:
        return ()
    raw = said.encode("utf-8", "surrogatepass")
    return (
        (f"hex>sha256{before}", sha256(raw).hexdigest()),
        (f"hex>md5{before}", md5(raw, usedforsecurity=False).hexdigest()),
    )
