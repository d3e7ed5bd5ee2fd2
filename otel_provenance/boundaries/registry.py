"""Which boundaries there are: (module to wait for, where its Boundary is).

A boundary's own file is imported only when its library is: what is not installed costs nothing.
"""

from __future__ import annotations

from typing import Final

BOUNDARIES: Final[tuple[tuple[str, str], ...]] = (
    ("flask", "otel_provenance.boundaries.flask:BOUNDARY"),
    ("sqlalchemy", "otel_provenance.boundaries.sqlalchemy:BOUNDARY"),
    ("requests", "otel_provenance.boundaries.requests:BOUNDARY"),
)
