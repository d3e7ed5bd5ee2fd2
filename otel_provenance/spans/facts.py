"""Facts onto a span: as ``span.set_attributes``, without what it costs to look at each element of each array."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.trace import Span


def put_facts(span: Span, attributes: Mapping[str, Any]) -> None:
    """Set what ``attributes.py`` made: primitives, and tuples of primitives, that nobody changes any more.

    The SDK checks and copies every element, at 0.3 µs each: with 200 fields more than a millisecond.
    """
    kept = getattr(getattr(span, "_attributes", None), "_dict", None)  # as of SDK 1.35 and later
    if isinstance(kept, dict) and span.is_recording():
        kept.update(attributes)
    else:  # a span of our own, or one of an SDK that is built otherwise
        span.set_attributes(attributes)
