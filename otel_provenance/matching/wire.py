"""MessagePack and protocol buffers: enough of their wire formats to take the values out.

MessagePack: https://github.com/msgpack/msgpack/blob/master/spec.md. Protocol buffers:
https://protobuf.dev/programming-guides/encoding/; without a schema, fields go by their numbers.
"""

from __future__ import annotations

import struct
from typing import Any

_DEPTH = 32
_ITEMS = 5_000
"""Values of a message; past them the message is not taken apart, but searched for strings."""


def msgpack(data: bytes) -> Any:
    """The map or list that bytes are as MessagePack, all of them; None where they are not."""
    first = data[0]
    if not (0x80 <= first <= 0x9F or first in (0xDC, 0xDD, 0xDE, 0xDF)):
        return None
    reader = _MessagePack(data)
    try:
        value = reader.read(0)
    except (IndexError, ValueError, struct.error, UnicodeDecodeError, TypeError):
        return None
    return value if reader.at == len(data) and value else None


class _MessagePack:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.items = 0

    def _number(self, form: str) -> Any:
        size = struct.calcsize(form)
        (value,) = struct.unpack_from(form, self.data, self.at)
        self.at += size
        return value

    def _bytes(self, size: int) -> bytes:
        found = self.data[self.at : self.at + size]
        if len(found) != size:
            raise ValueError("truncated")
        self.at += size
        return found

    def read(self, depth: int) -> Any:
        self.items += 1
        if depth > _DEPTH or self.items > _ITEMS:
            raise ValueError("too deep")
        first = self.data[self.at]
        self.at += 1
        if first < 0x80:
            return first
        if first >= 0xE0:
            return first - 256
        if first < 0x90:
            return self._map(first & 15, depth)
        if first < 0xA0:
            return self._list(first & 15, depth)
        if first < 0xC0:
            return self._bytes(first & 31).decode()
        if first in _FIXED:
            return _FIXED[first]
        if first in _NUMBERS:
            return self._number(_NUMBERS[first])
        if first in _SIZED:
            kind, form, extra = _SIZED[first]
            size = self._number(form) if form else extra
            if kind == "str":
                return self._bytes(size).decode()
            if kind == "bin":
                return self._bytes(size)
            if kind == "ext":
                self.at += 1
                return self._bytes(size)
            return self._map(size, depth) if kind == "map" else self._list(size, depth)
        raise ValueError("never used")

    def _map(self, size: int, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for _ in range(size):
            key = self.read(depth + 1)
            found[key if isinstance(key, (str, int)) else str(key)] = self.read(depth + 1)
        return found

    def _list(self, size: int, depth: int) -> list[Any]:
        return [self.read(depth + 1) for _ in range(size)]


_FIXED: dict[int, Any] = {0xC0: None, 0xC2: False, 0xC3: True}
_NUMBERS = {0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q"}
_NUMBERS |= {0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
_SIZED: dict[int, tuple[str, str, int]] = {
    0xC4: ("bin", ">B", 0), 0xC5: ("bin", ">H", 0), 0xC6: ("bin", ">I", 0),
    0xC7: ("ext", ">B", 0), 0xC8: ("ext", ">H", 0), 0xC9: ("ext", ">I", 0),
    0xD4: ("ext", "", 1), 0xD5: ("ext", "", 2), 0xD6: ("ext", "", 4), 0xD7: ("ext", "", 8), 0xD8: ("ext", "", 16),
    0xD9: ("str", ">B", 0), 0xDA: ("str", ">H", 0), 0xDB: ("str", ">I", 0),
    0xDC: ("list", ">H", 0), 0xDD: ("list", ">I", 0), 0xDE: ("map", ">H", 0), 0xDF: ("map", ">I", 0),
}  # fmt: skip


def protobuf(data: bytes) -> dict[str, Any] | None:
    """Field number → values of a protobuf message, nested ones too; None where bytes are not one."""
    counter = [_ITEMS]
    found = _message(data, 0, counter)
    return found if found and _has_text(found) else None


def _message(data: bytes, depth: int, counter: list[int]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    at, size = 0, len(data)
    while at < size:
        counter[0] -= 1
        if counter[0] < 0:
            return None
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if at < 0 or not 0 < number < 20_000:
            return None
        value: Any = None
        if kind == 0:
            value, at = _varint(data, at)
            if at < 0:
                return None
        elif kind in (1, 5):
            width = 8 if kind == 1 else 4
            if at + width > size:
                return None
            (value,) = struct.unpack_from("<d" if kind == 1 else "<f", data, at)
            at += width
        elif kind == 2:
            length, at = _varint(data, at)
            if at < 0 or at + length > size:
                return None
            value = _content(data[at : at + length], depth, counter)
            at += length
        else:
            return None
        name = str(number)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _content(data: bytes, depth: int, counter: list[int]) -> Any:
    try:
        text = data.decode()
        if text.isprintable() or not data.translate(None, bytes(range(32, 256))).strip(b"\t\n\r"):
            return text
    except UnicodeDecodeError:
        pass
    if depth < _DEPTH and data:
        nested = _message(data, depth + 1, counter)
        if nested is not None:
            return nested
    return data


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    return 0, -1


def _has_text(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_text(v) for v in value.values())
    if isinstance(value, list):
        return any(_has_text(v) for v in value)
    return isinstance(value, str) and len(value) >= 3
