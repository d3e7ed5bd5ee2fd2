"""A body on its way out: known at once, or teed as the client consumes it. Nothing is read ahead."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any


class SentBody:
    """What a client sent as the body of one request, up to ``limit`` bytes (characters of text count as one).

    ``data`` is what is known, ``size`` counts all of it, ``inspected`` and ``reason`` say whether ``data`` is all.
    """

    __slots__ = ("_chunks", "_former", "_held", "_limit", "is_stream", "reason", "size")

    def __init__(self, limit: int, *, is_stream: bool = False, reason: str | None = None) -> None:
        self._limit = limit
        self._chunks: list[Any] = []
        self._former: tuple[list[Any], int, int] | None = None
        self._held = 0
        self.is_stream = is_stream
        self.size = 0
        self.reason = reason

    def keep(self, chunk: Any) -> None:
        """A chunk (bytes-like or text) went to the client."""
        if not isinstance(chunk, (bytes, str)):
            try:
                chunk = bytes(chunk)
            except (TypeError, ValueError):  # not data: the client will say so
                return
        self.size += len(chunk)
        room = self._limit - self._held
        if room > 0:
            self._chunks.append(chunk if len(chunk) <= room else chunk[:room])
            self._held += min(len(chunk), room)

    def restart(self) -> None:
        """The client goes back to the start (a retry, a redirect): the same bytes follow once more."""
        if self.size and (self._former is None or self.size > self._former[1]):
            self._former = (self._chunks, self.size, self._held)
        self._chunks, self.size, self._held = [], 0, 0

    def finish(self) -> None:
        """No more follows: the fullest of the passes is what was sent."""
        if self._former is not None and self._former[1] > self.size:
            self._chunks, self.size, self._held = self._former
        self._former = None

    @property
    def data(self) -> bytes | str:
        """What is known of the body: text only where all of it was text."""
        chunks = self._chunks
        if len(chunks) == 1:
            return chunks[0]  # type: ignore[no-any-return]
        if chunks and all(isinstance(chunk, str) for chunk in chunks):
            return "".join(chunks)
        return b"".join(chunk.encode("utf-8", "surrogatepass") if isinstance(chunk, str) else chunk for chunk in chunks)

    @property
    def is_whole(self) -> bool:
        """Whether ``data`` is all that was sent."""
        return self._held == self.size and self.reason is None

    @property
    def inspected(self) -> tuple[str, str | None]:
        """``full``, or ``partial`` or ``none`` with the reason."""
        if self.reason is not None:
            return ("partial" if self._held else "none", self.reason)
        return ("full", None) if self._held == self.size else ("partial", "too_large")


def tee(body: Any, limit: int) -> tuple[Any, SentBody]:
    """What to hand to the client in place of ``body``, and what will be known of it.

    ``body`` itself where it lies in memory. A file or an iterable gets a stand-in that passes every call on,
    looks like the original to ``isinstance`` and keeps what it hands out.
    """
    if body is None:
        return body, SentBody(limit)
    if isinstance(body, (bytes, str)):
        sent = SentBody(limit)
        sent.keep(body)
        return body, sent
    if isinstance(body, (list, tuple)):
        sent = SentBody(limit)
        for chunk in body:
            sent.keep(chunk)
        return body, sent
    if hasattr(body, "read"):
        sent = SentBody(limit, is_stream=True)
        return TeedFile(body, sent), sent
    try:
        view = memoryview(body)
    except TypeError:
        pass
    else:
        sent = SentBody(limit)
        sent.keep(view.tobytes())
        return body, sent
    if hasattr(body, "__iter__"):
        sent = SentBody(limit, is_stream=True)
        kind = TeedSized if hasattr(body, "__len__") else TeedIterable
        return kind(body, sent), sent
    return body, SentBody(limit, reason="stream")


def tee_into(sent: SentBody, piece: Any) -> Any:
    """What to hand to the client in place of one more piece of a body that is sent piece by piece."""
    if isinstance(piece, (bytes, bytearray, memoryview, str)):
        sent.keep(piece)
        return piece
    if hasattr(piece, "read"):
        return TeedFile(piece, sent)
    return _keeping(piece, sent) if hasattr(piece, "__iter__") else piece


def _keeping(piece: Any, sent: SentBody) -> Iterator[Any]:
    for chunk in piece:
        sent.keep(chunk)
        yield chunk


class _Teed:
    """Passes on whatever it does not tee itself."""

    def __init__(self, inner: Any, sent: SentBody) -> None:
        self.__dict__["_teed_inner"] = inner
        self.__dict__["_teed_sent"] = sent

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # isinstance() sees the original's class: text files are told apart by it
        return type(self._teed_inner)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_teed_inner"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._teed_inner, name, value)

    def __bool__(self) -> bool:
        return bool(self._teed_inner)

    def __iter__(self) -> Iterator[Any]:
        for chunk in self._teed_inner:
            self._teed_sent.keep(chunk)
            yield chunk

    def __next__(self) -> Any:
        chunk = next(self._teed_inner)
        self._teed_sent.keep(chunk)
        return chunk


class TeedIterable(_Teed):
    """Stands in for an iterable or a generator; asynchronous ones too."""

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._asynchronously()

    async def _asynchronously(self) -> AsyncIterator[Any]:
        self._teed_sent.restart()
        async for chunk in self._teed_inner:
            self._teed_sent.keep(chunk)
            yield chunk

    def __iter__(self) -> Iterator[Any]:
        iterator = iter(self._teed_inner)
        if iterator is self._teed_inner:
            return self
        self._teed_sent.restart()  # a container begins anew with each pass
        return TeedIterable(iterator, self._teed_sent)


class TeedSized(TeedIterable):
    """Stands in for an iterable that knows its length."""

    def __len__(self) -> int:
        return len(self._teed_inner)


class TeedFile(_Teed):
    """Stands in for a file-like object."""

    def read(self, *args: Any, **kwargs: Any) -> Any:
        """As the file's own."""
        data = self._teed_inner.read(*args, **kwargs)
        if data:
            self._teed_sent.keep(data)
        return data

    def readline(self, *args: Any, **kwargs: Any) -> Any:
        """As the file's own."""
        data = self._teed_inner.readline(*args, **kwargs)
        if data:
            self._teed_sent.keep(data)
        return data

    def seek(self, *args: Any, **kwargs: Any) -> Any:
        """As the file's own."""
        result = self._teed_inner.seek(*args, **kwargs)
        self._teed_sent.restart()
        return result
