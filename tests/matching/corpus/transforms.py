"""What applications do to a value: class → name → (function, kinds it applies to)."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import quopri
import unicodedata
import urllib.parse
import uuid
import zlib
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import brotli
import msgpack
import zstandard

ALL = ["name", "email", "phone", "street", "birthday", "card", "iban", "uuid", "code", "amount", "message", "user"]
LONG_ENOUGH = [kind for kind in ALL if kind not in ("amount", "birthday")]


class Transform(NamedTuple):
    group: str
    name: str
    apply: Callable[[Any], Any]
    kinds: list[str]


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _reword(text: str) -> str:
    words = text.split()
    for at in range(5, len(words), 9):
        words[at] = "something"
    return " ".join(words)


def _b64(data: Any) -> str:
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def _jwt(text: str) -> str:
    parts = [json.dumps({"alg": "HS256", "typ": "JWT"}), json.dumps({"sub": "9", "claim": text})]
    segments = [base64.urlsafe_b64encode(p.encode()).decode().rstrip("=") for p in parts]
    return ".".join([*segments, "c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"])


def _protobuf(text: str) -> bytes:
    def field(number: int, data: bytes) -> bytes:
        length = len(data)
        varint = bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])
        return bytes([number << 3 | 2]) + varint + data

    return b"\x08\x07" + field(2, text.encode()) + field(3, field(1, b"inner"))


def _deflate(text: str) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(text.encode()) + packer.flush()


def _sha(name: str, text: str) -> str:
    return hashlib.new(name, text.encode()).hexdigest()


def _raw(name: str, text: str) -> bytes:
    return hashlib.new(name, text.encode()).digest()


def _multipart(text: str) -> str:
    return (
        '--cut\r\nContent-Disposition: form-data; name="about"\r\n\r\nhello\r\n--cut\r\n'
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{base64.encodebytes(text.encode()).decode()}\r\n--cut--\r\n"
    )


TRANSFORMS: list[Transform] = []


def _add(group: str, kinds: list[str], **named: Callable[[Any], Any]) -> None:
    TRANSFORMS.extend(Transform(group, name.rstrip("_"), apply, kinds) for name, apply in named.items())


_add("as it came", ALL, identity=lambda v: v)
_add(
    "normalised",
    ALL,
    trim=lambda v: f"  {v}\n",
    lower=str.lower,
    upper=str.upper,
)
_add(
    "normalised",
    ["name", "street", "message"],
    spaces=lambda v: v.replace(" ", "  \t"),
    title=str.title,
    nfd=lambda v: unicodedata.normalize("NFD", v),
    nfkc=lambda v: unicodedata.normalize("NFKC", v),
    full_width=_wide,
    no_accents=lambda v: "".join(c for c in unicodedata.normalize("NFD", v) if not unicodedata.combining(c)),
)
_add(
    "normalised",
    ["amount"],
    decimal=_number,
    float_=lambda v: float(_number(v)),
    plain=lambda v: str(_number(v)),
    thousands=lambda v: f"{_number(v):,.2f}",
    european=lambda v: f"{_number(v):,.2f}".replace(",", "_").replace(".", ",").replace("_", "."),
    exponent=lambda v: f"{_number(v):e}",
)
_add(
    "normalised",
    ["birthday"],
    date=_day,
    datetime=lambda v: datetime.combine(_day(v), datetime.min.time()),
    iso_time=lambda v: f"{v}T00:00:00Z",
    day_first=lambda v: f"{_day(v):%d/%m/%Y}",
    month_first=lambda v: f"{_day(v):%m/%d/%Y}",
    dotted=lambda v: f"{_day(v):%d.%m.%Y}",
    compact=lambda v: f"{_day(v):%Y%m%d}",
    words=lambda v: f"{_day(v):%d %B %Y}",
    american=lambda v: f"{_day(v):%B %d, %Y}",
)
_add(
    "normalised",
    ["uuid"],
    no_dashes=lambda v: v.replace("-", ""),
    uuid=uuid.UUID,
    braces=lambda v: "{" + v.upper() + "}",
)
_add("normalised", ["card", "iban"], no_spaces=lambda v: v.replace(" ", "").replace("-", ""))
_add("normalised", ["card"], dashes=lambda v: "-".join(_digits(v)[i : i + 4] for i in range(0, len(_digits(v)), 4)))
_add(
    "normalised",
    ["phone"],
    e164=lambda v: "+" + _digits(v).removeprefix("00"),
    digits=lambda v: _digits(v).removeprefix("00"),
    dotted=lambda v: "+" + _digits(v).removeprefix("00")[:2] + "." + _digits(v).removeprefix("00")[2:],
    double_zero=lambda v: "00" + _digits(v).removeprefix("00"),
)
_add(
    "normalised",
    ["email"],
    no_plus=lambda v: v.partition("@")[0].partition("+")[0] + "@" + v.partition("@")[2],
    plus=lambda v: v.partition("@")[0].partition("+")[0] + "+news@" + v.partition("@")[2],
)
_add(
    "embedded",
    [k for k in ALL if k not in ("amount", "birthday")],
    template=lambda v: f"Dear customer, we have noted {v} for you. Thank you!",
    markdown=lambda v: f"# Order\n\n* **what**: {v}\n* status: _open_\n",
    html=lambda v: f'<html><body><p class="x">We got <b>{html.escape(v)}</b>, thanks.</p></body></html>',
    xml=lambda v: f'<order id="9"><who>{html.escape(v)}</who></order>',
    csv=lambda v: f'id,what,status\n17,"{v}",open\n18,nothing,closed\n',
    sql=lambda v: "INSERT INTO t (a, b) VALUES (17, '" + v.replace("'", "''") + "')",
    log=lambda v: f"2026-11-24 10:00:00,123 INFO app: stored value={v} in 12 ms",
    mail=lambda v: f"From: shop@shop.example\r\nSubject: Your order\r\n\r\nHello,\r\n\r\nyou wrote: {v}\r\n\r\nBye\r\n",
)
_add("cut", ["name"], first_name=lambda v: v.split()[0], last_name=lambda v: v.split()[-1])
_add("cut", ["email"], domain=lambda v: v.partition("@")[2], local_part=lambda v: v.partition("@")[0])
_add("cut", ["card", "iban"], last_four=lambda v: _digits(v)[-4:], masked=lambda v: "**** **** **** " + _digits(v)[-4:])
_add(
    "cut",
    ["message"],
    first_50=lambda v: v[:50],
    ellipsis=lambda v: v[:60] + "…",
    excerpt=lambda v: v[30:100],
    quoted_excerpt=lambda v: "He wrote: “" + v[20:140] + "” and more.",
    reworded=_reword,
)
_add("cut", ["street", "name", "iban"], first_10=lambda v: v[:10])
_add(
    "encoded",
    ALL,
    percent=lambda v: urllib.parse.quote(v, safe=""),
    form=lambda v: urllib.parse.quote_plus(v),
    percent_twice=lambda v: urllib.parse.quote(urllib.parse.quote(v, safe=""), safe=""),
    json_string=json.dumps,
    json_object=lambda v: json.dumps({"a": {"b": [v, 17]}}),
    json_in_json=lambda v: json.dumps({"payload": json.dumps({"x": v})}),
    json_unescaped=lambda v: json.dumps({"x": v}, ensure_ascii=False),
    base64=_b64,
    base64_url=lambda v: base64.urlsafe_b64encode(v.encode()).decode(),
    base64_unpadded=lambda v: _b64(v).rstrip("="),
    base64_inside=lambda v: _b64(f"user={v};level=3"),
    base32=lambda v: base64.b32encode(v.encode()).decode(),
    hex=lambda v: v.encode().hex(),
    hex_upper=lambda v: v.encode().hex().upper(),
    utf16=lambda v: v.encode("utf-16"),
    utf16_le=lambda v: v.encode("utf-16-le"),
    gzip=lambda v: gzip.compress(v.encode(), mtime=0),
    zlib=lambda v: zlib.compress(v.encode()),
    msgpack=lambda v: msgpack.packb({"id": 7, "value": v, "flags": [True, None]}),
    protobuf=_protobuf,
    data_url=lambda v: "data:text/plain;charset=utf-8;base64," + _b64(v),
    jwt=_jwt,
    percent_base64=lambda v: urllib.parse.quote(_b64(v), safe=""),
    base64_gzip=lambda v: _b64(gzip.compress(v.encode(), mtime=0)),
    base64_json=lambda v: _b64(json.dumps({"v": v})),
    hex_base64=lambda v: _b64(v).encode().hex(),
    base64_twice=lambda v: _b64(_b64(v)),
    four_deep=lambda v: json.dumps({"d": _b64(gzip.compress(urllib.parse.quote(v).encode(), mtime=0))}),
    five_deep=lambda v: urllib.parse.quote(
        _b64(json.dumps({"i": _b64(zlib.compress(json.dumps([v]).encode()))})), safe=""
    ),
)
_add(
    "encoded",
    ["street", "message", "name"],
    html_entities=lambda v: "".join(f"&#{ord(c)};" for c in v),
    html_hex=lambda v: "".join(f"&#x{ord(c):x};" for c in v),
    html_named=lambda v: html.escape(v).encode("ascii", "xmlcharrefreplace").decode(),
    quoted_printable=lambda v: quopri.encodestring(v.encode()).decode(),
    multipart=_multipart,
    encoded_word=lambda v: "=?utf-8?b?" + _b64(v) + "?=",
)
_add(
    "encoded",
    ["message"],
    base64_wrapped=lambda v: base64.encodebytes(v.encode()).decode(),
    deflate=_deflate,
    brotli=lambda v: brotli.compress(v.encode()),
    zstd=lambda v: zstandard.ZstdCompressor().compress(v.encode()),
    base64_zstd=lambda v: _b64(zstandard.ZstdCompressor().compress(v.encode())),
    base64_brotli=lambda v: _b64(brotli.compress(v.encode())),
    base64_deflate=lambda v: _b64(_deflate(v)),
)
_add(
    "hashed",
    [k for k in LONG_ENOUGH if k != "message"],
    md5=lambda v: _sha("md5", v),
    sha1=lambda v: _sha("sha1", v),
    sha256=lambda v: _sha("sha256", v),
    sha256_upper=lambda v: _sha("sha256", v).upper(),
    sha256_lower=lambda v: _sha("sha256", v.strip().lower()),
    md5_lower=lambda v: _sha("md5", v.strip().lower()),
    sha512=lambda v: _sha("sha512", v),
    sha384=lambda v: _sha("sha384", v),
    sha224=lambda v: _sha("sha224", v),
    sha3_256=lambda v: _sha("sha3_256", v),
    blake2b=lambda v: _sha("blake2b", v),
    blake2s=lambda v: _sha("blake2s", v),
    base64=lambda v: _b64(_raw("sha256", v)),
    base64_url=lambda v: base64.urlsafe_b64encode(_raw("sha256", v)).decode().rstrip("="),
    base64_md5=lambda v: _b64(_raw("md5", v)),
    raw=lambda v: _raw("sha256", v),
    cut_16=lambda v: _sha("sha256", v)[:16],
    cut_20=lambda v: _sha("sha1", v)[:20],
    cut_32=lambda v: _sha("sha256", v)[:32],
    digest_of_digest=lambda v: _sha("md5", _sha("md5", v)),
    sha256_of_sha256=lambda v: _sha("sha256", _sha("sha256", v)),
    sha256_of_raw=lambda v: hashlib.sha256(_raw("sha256", v)).hexdigest(),
    gravatar=lambda v: f"https://www.gravatar.example/avatar/{_sha('md5', v.strip().lower())}?s=80",
    pixel=lambda v: f"https://px.example/tr?ev=Purchase&ud[em]={_sha('sha256', v.strip().lower())}&v=2",
)
_add("hashed", ["phone"], e164=lambda v: _sha("sha256", "+" + _digits(v).removeprefix("00")),
     digits=lambda v: _sha("sha256", _digits(v).removeprefix("00")))  # fmt: skip
_add("hashed", ["card", "iban"], no_spaces=lambda v: _sha("sha256", v.replace(" ", "").replace("-", "")))
