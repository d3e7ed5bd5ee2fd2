"""Call someone when a module has been imported, without importing it.

One finder at the head of ``sys.meta_path`` (PEP 451) lets the other finders find the module, and puts a
loader around theirs that gives way to it before the module's code runs: module, spec and loader are what
they would have been. Every interpreter imports this file at its start, so it imports next to nothing.
"""

from __future__ import annotations

import sys

from otel_provenance.guard import run_guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_waiting: dict[str, list[Callable[[], None]]] = {}


def when_imported(module: str, callback: Callable[[], None]) -> None:
    """Call ``callback`` once, guarded: now if ``module`` is there already, else right after its import."""
    if module in sys.modules:
        run_guarded(f"imports.{module}", callback)
        return
    _waiting.setdefault(module, []).append(callback)
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def _imported(module: str) -> None:
    for callback in _waiting.pop(module, ()):
        run_guarded(f"imports.{module}", callback)
    if not _waiting and _finder in sys.meta_path:
        sys.meta_path.remove(_finder)


class _Finder:
    """Knows the modules that are waited for, and no others."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _waiting:
            return None
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader)  # type: ignore[assignment]
                return spec
        return None


class _Loader:
    """Stands in for a module's loader until the module's code is about to run."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        _imported(module.__name__)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


_finder = _Finder()
