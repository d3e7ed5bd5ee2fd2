"""otel-provenance: where does the data that people give us go?

The public names are loaded when they are used: importing the package costs next to nothing, for the agent
imports it at the start of every interpreter.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing takes 10 ms
if TYPE_CHECKING:
    from typing import Any

    from otel_provenance.bootstrap import setup_sqlalchemy_instrumentation as setup_sqlalchemy_instrumentation
    from otel_provenance.boundaries.base import Boundary as Boundary
    from otel_provenance.boundaries.base import DidNotHook as DidNotHook
    from otel_provenance.boundaries.base import register_boundary as register_boundary
    from otel_provenance.boundaries.base import wrap as wrap
    from otel_provenance.events import Part as Part
    from otel_provenance.events import ShareEvent as ShareEvent
    from otel_provenance.events import StorageEvent as StorageEvent
    from otel_provenance.guard import guarded as guarded
    from otel_provenance.matching import Match as Match
    from otel_provenance.matching import MatchResult as MatchResult
    from otel_provenance.matching import match_tags as match_tags
    from otel_provenance.spans.calls import begin_call as begin_call
    from otel_provenance.spans.calls import end_call as end_call
    from otel_provenance.spans.calls import record_share as record_share
    from otel_provenance.spans.scope import add_tag as add_tag
    from otel_provenance.tags import Tag as Tag
    from otel_provenance.tags import make_tag as make_tag
    from otel_provenance.values import hash_value as hash_value
    from otel_provenance.version import __version__ as __version__

_HOMES = {
    "Boundary": "otel_provenance.boundaries.base",
    "DidNotHook": "otel_provenance.boundaries.base",
    "register_boundary": "otel_provenance.boundaries.base",
    "wrap": "otel_provenance.boundaries.base",
    "guarded": "otel_provenance.guard",
    "begin_call": "otel_provenance.spans.calls",
    "end_call": "otel_provenance.spans.calls",
    "record_share": "otel_provenance.spans.calls",
    "add_tag": "otel_provenance.spans.scope",
    "setup_sqlalchemy_instrumentation": "otel_provenance.bootstrap",
    "Match": "otel_provenance.matching",
    "MatchResult": "otel_provenance.matching",
    "Part": "otel_provenance.events",
    "ShareEvent": "otel_provenance.events",
    "StorageEvent": "otel_provenance.events",
    "Tag": "otel_provenance.tags",
    "make_tag": "otel_provenance.tags",
    "match_tags": "otel_provenance.matching",
    "hash_value": "otel_provenance.values",
    "__version__": "otel_provenance.version",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'otel_provenance' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
