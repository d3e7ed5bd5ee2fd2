"""What every byte of a payload is asked, in C, where the distribution ``otel-provenance-speedups`` is installed.

Each such question is answered in Python too, beside where the answer is used: the answers are the same.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

from otel_provenance.settings import read_settings

INTERFACE: Final = 3
"""The one that is known here; a distribution of another is left alone."""


def _load() -> ModuleType | None:
    if not read_settings().speedups:
        return None
    try:
        import otel_provenance_speedups
    except Exception:  # noqa: BLE001 - not installed, or not for this interpreter
        return None
    return otel_provenance_speedups if getattr(otel_provenance_speedups, "INTERFACE", None) == INTERFACE else None


compiled: Any = _load()
"""The module, or None."""
