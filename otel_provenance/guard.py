"""Host safety: the only broad ``except`` of the project.

Every hook that runs inside the user's application runs through here: its fault is counted, logged
once for each place and type of error, and never reaches the application. ``BaseException`` is left
alone, for it is how the application ends. No text of an exception is logged: it can hold personal data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from otel_provenance import status

P = ParamSpec("P")
R = TypeVar("R")

strict = False
"""True only in tests: faults are raised instead of swallowed."""
faults: Counter[tuple[str, str]] = Counter()
"""(place, type of error) → how often it happened in this process."""


def fault(place: str, error: BaseException) -> None:
    """Count a fault of our own at ``place``, and log the first of its kind."""
    kind = type(error).__name__
    faults[place, kind] += 1
    status.count_loss("error", f"{place}:{kind}")
    if faults[place, kind] == 1:
        # imported here: `logging` costs 14 ms that a process without faults need not pay
        import logging

        logging.getLogger("otel_provenance").warning(
            "otel-provenance: %s failed with %s; the application is unharmed, the record may lack facts "
            "(otel-provenance doctor counts them)",
            place,
            kind,
        )


def guarded(place: str) -> Callable[[Callable[P, R]], Callable[P, R | None]]:
    """Decorator: the function returns None where it would have raised an Exception.

    ``place`` names the hook for people: ``flask.request_started``.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R | None]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R | None:
            try:
                return function(*args, **kwargs)
            except Exception as error:
                if strict:
                    raise
                fault(place, error)
                return None

        return run

    return decorate


def run_guarded(place: str, function: Callable[..., Any], *args: Any) -> Any:
    """Call ``function`` once under the guard; for places that need no decorator."""
    return guarded(place)(function)(*args)
