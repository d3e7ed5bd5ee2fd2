"""Encoders, and chains of them: each takes text or bytes and wraps it once more."""

from __future__ import annotations

import base64
import gzip
import html
import json
import quopri
import textwrap
import zlib
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import quote, quote_plus

import brotli
import msgpack

Encoder = Callable[[Random, Any], Any]
LONGEST = 40_000


def as_bytes(data: Any) -> bytes:
    """Text in UTF-8; bytes as they are."""
    return data if isinstance(data, bytes) else data.encode()


def base64_of(data: Any) -> str:
    """Base64, with padding."""
    return base64.b64encode(as_bytes(data)).decode()


def base64url_of(data: Any) -> str:
    """Base64 for URLs, with padding."""
    return base64.urlsafe_b64encode(as_bytes(data)).decode()


def _base32(data: Any) -> str:
    return base64.b32encode(as_bytes(data)).decode()


def _deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def _jwt(chance: Random, text: str) -> str:
    claims = {"iss": "shop", "sub": "8871", "data": text, "exp": 1789000000}
    parts = [
        '{"alg":"HS256","typ":"JWT"}',
        json.dumps(claims, ensure_ascii=chance.random() < 0.5),
        chance.randbytes(32),
    ]
    return ".".join(base64url_of(part).rstrip("=") for part in parts)


def _varint(number: int) -> bytes:
    encoded = b""
    while number > 127:
        encoded += bytes([number & 127 | 128])
        number >>= 7
    return encoded + bytes([number])


def _protobuf(chance: Random, data: Any) -> bytes:
    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2]) + _varint(len(content)) + content

    inner = field(1, as_bytes(data)) + b"\x10" + _varint(chance.randint(1, 9000)) + field(3, b"web")
    return b"\x08" + _varint(chance.randint(200, 90000)) + field(2, inner) + field(5, b"signup-service")


def _multipart(chance: Random, text: str) -> str:
    return (
        '--B0undary42\r\nContent-Disposition: form-data; name="payload"\r\n'
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        '--B0undary42\r\nContent-Disposition: form-data; name="src"\r\n\r\nweb\r\n--B0undary42--\r\n'
    )


def _mime_base64(chance: Random, text: str) -> str:
    return (
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=_x1"\r\n\r\n'
        '--=_x1\r\nContent-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        f"{base64.encodebytes(text.encode()).decode()}\r\n--=_x1--\r\n"
    )


def _quoted_printable(text: str) -> str:
    return quopri.encodestring(text.encode()).decode()


def _mime_quoted_printable(chance: Random, text: str) -> str:
    return (
        'MIME-Version: 1.0\r\nContent-Type: text/plain; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{_quoted_printable(text)}"
    )


def _json_object(chance: Random, text: str) -> str:
    return json.dumps({"v": 1, "value": text, "tags": ["a", "b"]}, ensure_ascii=chance.random() < 0.5)


def _numbered(text: str) -> str:
    return "".join(f"&#{ord(c)};" if ord(c) > 126 or c in "<>&\"'" else c for c in text)


OF_TEXT: dict[str, Encoder] = {
    "percent": lambda _, text: quote(text, safe=""),
    "percent-lower": lambda _, text: quote(text).replace("%C3", "%c3").replace("%A", "%a"),
    "form": lambda _, text: quote_plus(text),
    "form-pair": lambda _, text: f"data={quote_plus(text)}&v=2",
    "json-string-u": lambda _, text: json.dumps(text),
    "json-string": lambda _, text: json.dumps(text, ensure_ascii=False),
    "json-object": _json_object,
    "html": lambda _, text: html.escape(text),
    "html-num": lambda _, text: _numbered(text),
    "html-hex": lambda _, text: "".join(f"&#x{ord(c):x};" for c in text),
    "multipart": _multipart,
    "jwt": _jwt,
    "qp-text": lambda _, text: _quoted_printable(text),
    "mime-base64": _mime_base64,
    "mime-qp": _mime_quoted_printable,
    "base64-inside": lambda _, text: base64_of(f"user={text}; ts=1789; ok"),
    "xml": lambda _, text: f'<?xml version="1.0"?><d><v>{html.escape(text)}</v></d>',
}
"""Of text, text."""
TO_TEXT: dict[str, Encoder] = {
    "base64": lambda _, data: base64_of(data),
    "base64url": lambda _, data: base64url_of(data),
    "base64-unpadded": lambda _, data: base64_of(data).rstrip("="),
    "base64url-unpadded": lambda _, data: base64url_of(data).rstrip("="),
    "base64-wrapped76": lambda _, data: base64.encodebytes(as_bytes(data)).decode(),
    "base64-wrapped64crlf": lambda _, data: "\r\n".join(textwrap.wrap(base64_of(data), 64)),
    "base32": lambda _, data: _base32(data),
    "base32-lower-unpadded": lambda _, data: _base32(data).rstrip("=").lower(),
    "hex": lambda _, data: as_bytes(data).hex(),
    "HEX": lambda _, data: as_bytes(data).hex().upper(),
    "hex-0x": lambda _, data: "0x" + as_bytes(data).hex(),
    "hex-pg": lambda _, data: "\\x" + as_bytes(data).hex(),
    "data-url": lambda _, data: "data:text/plain;charset=utf-8;base64," + base64_of(data),
    "percent-bytes": lambda _, data: quote(as_bytes(data), safe=""),
}
"""Of text or bytes, text."""
CHARSETS: dict[str, Encoder] = {
    "utf16le": lambda _, text: text.encode("utf-16-le"),
    "utf16bom": lambda _, text: text.encode("utf-16"),
    "utf16be": lambda _, text: text.encode("utf-16-be"),
}
TO_BYTES: dict[str, Encoder] = {
    "gzip": lambda _, data: gzip.compress(as_bytes(data), mtime=0),
    "zlib": lambda _, data: zlib.compress(as_bytes(data)),
    "deflate": lambda _, data: _deflate(as_bytes(data)),
    "brotli": lambda _, data: brotli.compress(as_bytes(data)),
    "msgpack": lambda chance, data: msgpack.packb({"id": chance.randint(1, 99999), "value": data, "ok": True}),
    "protobuf": _protobuf,
}
"""Of text or bytes, bytes."""


def chain(chance: Random, content: Any, depth: int, to_text: bool) -> tuple[list[str], Any]:
    """The content through ``depth`` encoders, text in the end if ``to_text``; and their names."""
    while True:
        encoded, names = content, []
        for step in range(depth):
            pool = {**TO_TEXT, **(OF_TEXT if isinstance(encoded, str) else {})}
            if not (to_text and step == depth - 1):
                pool |= {**TO_BYTES, **(CHARSETS if isinstance(encoded, str) else {})}
            name = chance.choice(sorted(pool))
            encoded = pool[name](chance, encoded)
            names.append(name)
        if len(encoded) <= LONGEST:
            return names, encoded
