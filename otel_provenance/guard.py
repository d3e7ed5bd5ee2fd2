"""Host safety: the only broad ``except`` of the project.

Every hook that runs inside the user's application runs through here: its fault is counted, logged
once for each place and type of error, and never reaches the application. ``BaseException`` is left
alone, for it is how the application ends. No text of an exception is logged: it can hold personal data.

Every interpreter imports this file at its start: it imports neither ``functools`` nor ``typing`` nor
``logging`` (14 ms), unless there is a fault to log.
"""

from __future__ import annotations

from otel_provenance import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

strict = False
"""True only in tests: faults are raised instead of swallowed."""
faults: dict[tuple[str, str], int] = {}
"""(place, type of error) → how often it happened in this process."""


def fault(place: str, error: BaseException) -> None:
    """Count a fault of our own at ``place``, and log the first of its kind."""
    kind = type(error).__name__
    known = faults.get((place, kind), 0)
    faults[place, kind] = known + 1
    status.count_loss("error", f"{place}:{kind}")
    if known == 0:
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
        def run(*args: P.args, **kwargs: P.kwargs) -> R | None:
            try:
                return function(*args, **kwargs)
            except Exception as error:
                if strict:
                    raise
                fault(place, error)
                return None

        for name in ("__module__", "__name__", "__qualname__", "__doc__"):
            setattr(run, name, getattr(function, name, None))
        run.__wrapped__ = function  # type: ignore[attr-defined]
        return run

    return decorate


def run_guarded(place: str, function: Callable[..., Any], *args: Any) -> Any:
    """Call ``function`` once under the guard; for places that need no decorator."""
    return guarded(place)(function)(*args)
