"""The path of a request as it may be recorded: without the secrets that links carry (a reset, an invitation)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from otel_provenance.categories import category_of, keys
from otel_provenance.values import is_sensitive, looks_like_token, redact, shown_path

HIDDEN = "***"
_SECRET = (keys.PASSWORD, keys.CREDENTIALS)


@lru_cache(maxsize=1024)
def shown_route(route: str) -> str:
    """The path of a route without parameters: as ``recorded_path``."""
    return shown_path(route)


def recorded_path(path: str, route: str | None, parameters: Mapping[str, Any]) -> str:
    """``***`` for parameters that are secret by name or by what they are; what no route tells of is judged by its look.

    ``parameters`` are those of the route.
    """
    if route is None:
        return shown_path(_without_tokens(path))
    for value in _secrets(parameters):
        hidden = _hide(path, value)
        if hidden is None:  # a converter made another spelling of it: where it stands is not known
            return route
        path = hidden
    for value in parameters.values():
        if type(value) is str and "/" in value:  # all that a route like /<path:rest> says
            path = path.replace(value, _without_tokens(value))
    return shown_path(path)


def _secrets(parameters: Mapping[str, Any]) -> Iterator[Any]:
    for name, value in parameters.items():
        if is_sensitive(name) or (isinstance(value, str) and category_of("path", name, value) in _SECRET):
            yield value


def _hide(path: str, value: Any) -> str | None:
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    segments = path.split("/")
    if text and text in segments:
        return "/".join([HIDDEN if segment == text else segment for segment in segments])
    return path.replace(text, HIDDEN) if text and isinstance(value, str) and text in path else None


def _without_tokens(path: str) -> str:
    return "/".join([redact(segment) if looks_like_token(segment) else segment for segment in path.split("/")])
