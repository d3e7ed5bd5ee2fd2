"""The boundary contract: which library is watched, and how to hook in.

A boundary is a file with a ``BOUNDARY``: a name, the module to wait for, and a function that hooks in. It
turns what it sees into ``events.ShareEvent`` or ``events.StorageEvent``; matching, hashing, spans and the
record are the shared calls of ``spans``. Third parties add theirs by an entry point of the group
``otel_provenance_boundary``.

A wrapped function has three steps: guarded before; the host's own call outside any guard; guarded after.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from otel_provenance import status
from otel_provenance.guard import run_guarded
from otel_provenance.imports import when_imported
from otel_provenance.settings import read_settings


class DidNotHook(Exception):
    """Raised by ``hook`` with the reason why this library is not watched; ``doctor`` shows it."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """A library that data passes through."""

    name: str
    """As ``doctor`` shows it, and ``share_events.library`` says it."""
    module: str
    """The module whose import is waited for; hooking happens right after it, or at once if it is there."""
    hook: Callable[[], None]
    """Hooks in; raises DidNotHook with a reason where it cannot."""
    distribution: str | None = None
    """On the package index, where it differs from ``module``: for the version that ``doctor`` shows."""


Around = Callable[..., Any]
_undo: list[tuple[Any, str, Any, bool]] = []


def wrap(owner: Any, name: str, around: Around) -> None:
    """Replace ``owner.name`` by a function that calls ``around(original, *args, **kwargs)``.

    ``owner`` is a module or a class. The wrapper keeps name, docstring and signature; wrapping the same
    place twice does nothing.
    """

    def make(original: Any) -> Any:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return around(original, *args, **kwargs)

        return wrapper

    replace(owner, name, make)


def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """As ``wrap``, with a wrapper that ``make`` builds from the original."""
    original = owner.__dict__[name] if name in vars(owner) else getattr(owner, name)
    if getattr(original, "__provenance__", False):
        return
    wrapper: Any = wraps(original)(make(original))
    wrapper.__provenance__ = True
    _undo.append((owner, name, original, name in vars(owner)))
    setattr(owner, name, wrapper)


def unwrap_all() -> None:
    """Put every original back (tests)."""
    while _undo:
        owner, name, original, own = _undo.pop()
        if own:
            setattr(owner, name, original)
        else:
            delattr(owner, name)
    status.hooked.clear()


def install(boundary: Boundary) -> None:
    """Hook a boundary in, guarded, and note for ``doctor`` how it went."""
    run_guarded(f"{boundary.name}.hook", _install, boundary)


def _install(boundary: Boundary) -> None:
    if boundary.name in status.hooked:
        return
    status.skipped[boundary.name] = "hooking failed"  # what stands if hook() raises anything else
    try:
        boundary.hook()
    except DidNotHook as reason:
        status.skipped[boundary.name] = str(reason)
        return
    del status.skipped[boundary.name]
    status.hooked[boundary.name] = _version_of(boundary)


def _version_of(boundary: Boundary) -> str:
    from importlib import metadata

    try:
        return metadata.version(boundary.distribution or boundary.module.partition(".")[0])
    except metadata.PackageNotFoundError:
        return "standard library"


def when_library_is_imported(module: str, target: str) -> None:
    """Once ``module`` is imported, import the boundary at ``target`` (``package.module:NAME``) and install it."""
    when_imported(module, lambda: install(_load(target)))


def register_boundary(boundary: Boundary) -> None:
    """Watch one more library: at once if its module is imported, else right after its import.

    Nothing is watched where PROVENANCE_DISABLE=1 says so.
    """
    if read_settings().disabled:
        return
    when_imported(boundary.module, lambda: install(boundary))


def _load(target: str) -> Boundary:
    from importlib import import_module

    module, _, name = target.partition(":")
    boundary = getattr(import_module(module), name)
    if not isinstance(boundary, Boundary):
        raise TypeError(f"{target} is not a Boundary")
    return boundary
