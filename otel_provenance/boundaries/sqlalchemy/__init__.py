"""SQLAlchemy 1.4, 2.0 and 2.1: every write that reaches a database through a ``Connection``.

ORM, Core and text meet in one method of ``Connection``; so one write is one event, and an application that
made its engines and sessions long before is recorded all the same.

hooks.py   where ``Connection`` is hooked: executed statements, commits, rollbacks, savepoints
writes.py  an executed statement → StorageEvents
plans.py   a compiled statement → which columns come from which bound values
models.py  a table → the mapped class
"""

from __future__ import annotations

import logging
from typing import Any

from otel_provenance.boundaries.sqlalchemy.hooks import BOUNDARY
from otel_provenance.guard import guarded

__all__ = ["BOUNDARY", "setup_sqlalchemy_instrumentation"]

_HAS = frozenset({"connect", "execute", "session"})


@guarded("sqlalchemy.setup")
def setup_sqlalchemy_instrumentation(*targets: Any, engine: Any = None, session: Any = None) -> None:
    """Record what SQLAlchemy writes in this process, from now on; calling it again changes nothing.

    Only needed where nothing else activates otel-provenance. All engines and sessions of the process are
    recorded, those made before too; ``engine`` and ``session`` (an ``Engine``, ``AsyncEngine``, ``Session``,
    ``sessionmaker``, ``scoped_session`` or a Flask-SQLAlchemy object, also as plain arguments) are accepted
    to say which are meant, and are left as they are. PROVENANCE_DISABLE=1 makes it do nothing. Never raises.
    """
    from otel_provenance.bootstrap import is_disabled, start

    if is_disabled():
        return
    for target in (*targets, engine, session):
        # an engine connects, a session executes, a factory is called, a Flask-SQLAlchemy object has a session
        if target is not None and not callable(target) and not _HAS.intersection(dir(type(target))):
            logging.getLogger("otel_provenance").warning(
                "otel-provenance: setup_sqlalchemy_instrumentation() was given a %s, which is neither an engine nor a "
                "session; all engines of this process are recorded all the same",
                type(target).__name__,
            )
    start("setup_sqlalchemy_instrumentation", now=True)
    import sqlalchemy  # noqa: F401  (its import is what the boundary waits for)
