"""The request body, teed as the application reads it. Not one byte is read before the application does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


class BodyTee:
    """Stands in for ``wsgi.input``: passes every call on, and keeps what was read, up to a limit.

    ``limit`` is in bytes; past it everything is dropped and ``overflowed`` is True. ``on_complete`` is called
    once, when the declared length was read or the input ended.
    """

    __slots__ = ("_chunks", "_length", "_limit", "_on_complete", "complete", "inner", "overflowed", "size")

    def __init__(self, inner: Any, length: int | None, limit: int, on_complete: Callable[[], None]) -> None:
        self.inner = inner
        self.size = 0
        self.complete = False
        self.overflowed = False
        self._chunks: list[bytes] | None = []
        self._length = length
        self._limit = limit
        self._on_complete = on_complete

    def read(self, *args: Any) -> Any:
        """As the input's own."""
        data = self.inner.read(*args)
        to_the_end = not args or args[0] in (None, -1)
        self._keep(data, ended=to_the_end or (not data and args[0] != 0))
        return data

    def readline(self, *args: Any) -> Any:
        """As the input's own."""
        data = self.inner.readline(*args)
        self._keep(data, ended=not data)
        return data

    def readlines(self, *args: Any) -> Any:
        """As the input's own."""
        lines = self.inner.readlines(*args)
        self._keep(b"".join(lines), ended=not args)
        return lines

    def __iter__(self) -> Iterator[Any]:
        for line in self.inner:
            self._keep(line, ended=False)
            yield line
        self._keep(b"", ended=True)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.inner, name)  # an AttributeError is the host's own
        return self._filling(value) if name in ("readinto", "readinto1") else value

    def _filling(self, readinto: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def run(buffer: Any) -> Any:
            count = readinto(buffer)
            self._keep(bytes(memoryview(buffer)[:count]) if count else b"", ended=count == 0)
            return count

        return run

    def _keep(self, data: Any, *, ended: bool) -> None:
        if type(data) is not bytes or self.complete:
            return
        self.size += len(data)
        if self._chunks is not None and data:
            self._chunks.append(data)
            if self.size > self._limit:
                self._chunks, self.overflowed = None, True
        if ended or (self._length is not None and self.size >= self._length):
            self.complete = True
            self._on_complete()

    def take(self) -> bytes | None:
        """What was read so far, once; None where it was taken already, dropped, or too large."""
        chunks, self._chunks = self._chunks, None
        return None if chunks is None else b"".join(chunks)
