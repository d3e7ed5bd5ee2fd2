from __future__ import annotations

import os

import pytest

from otel_provenance.speedups import compiled


@pytest.fixture(autouse=True)
def _built() -> None:
    """Skip, or fail where CI=true: there nothing may be left out in silence."""
    if compiled is None:
        reason = "the speedups are not built: no C compiler, or PROVENANCE_SPEEDUPS is off"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
