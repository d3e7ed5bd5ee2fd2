"""A response whose end comes after the application has returned: streamed, or with a body still to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from opentelemetry.context import Context, attach, detach


class ServedIterable:
    """The application's own iterable, with the request's context around each chunk, and a call at its end.

    Nothing is read ahead, joined or kept; ``close`` reaches the application's iterable as before.
    """

    __slots__ = ("_context", "_done", "_inner", "_iterator", "_on_chunk", "_on_end")

    def __init__(
        self, inner: Any, context: Context, on_chunk: Callable[[Any], None], on_end: Callable[..., None]
    ) -> None:
        self._inner = inner
        self._iterator: Iterator[Any] | None = None
        self._context = context
        self._on_chunk = on_chunk
        self._on_end = on_end
        self._done = False

    def __iter__(self) -> ServedIterable:
        return self

    def __next__(self) -> Any:
        token = attach(self._context)
        try:
            if self._iterator is None:
                self._iterator = iter(self._inner)
            chunk = next(self._iterator)
        except BaseException as error:
            self._end(None if isinstance(error, StopIteration) else error)
            raise
        finally:
            detach(token)
        self._on_chunk(chunk)
        return chunk

    def close(self) -> None:
        """Close the application's iterable; the request is over."""
        token = attach(self._context)
        try:
            close = getattr(self._inner, "close", None)
            if close is not None:
                close()
        finally:
            detach(token)
            self._end(None)

    def _end(self, error: BaseException | None) -> None:
        if not self._done:
            self._done = True
            self._on_end(error)

    def __del__(self) -> None:  # a server that never closes: the request is over all the same
        self._end(None)
