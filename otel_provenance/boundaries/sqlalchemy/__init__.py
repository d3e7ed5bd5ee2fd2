"""SQLAlchemy 1.4, 2.0 and 2.1: every write that reaches a database through a ``Connection``.

ORM, Core and text meet in one method of ``Connection``; so one write is one event, and an application that
made its engines and sessions long before is recorded all the same.

hooks.py     where SQLAlchemy is hooked: executed statements, commits, rollbacks, savepoints
outcomes.py  the guarded step at each hook: what is pending, and how it ended
writes.py    an executed statement → StorageEvents
plans.py     a compiled statement → which tables and columns it writes
sources.py   … from which bound values
upserts.py   … and what an upsert may have set instead
stored.py    … of which an expression is made, and not what it compares with
row_keys.py  … of which rows
models.py    a table → the mapped class
"""

from otel_provenance.boundaries.sqlalchemy.hooks import BOUNDARY

__all__ = ["BOUNDARY"]
