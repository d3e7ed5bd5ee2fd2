"""Random sequences of writes, commits, rollbacks and savepoints: the record and the tables agree.

After each sequence the table is read back: every tagged value that is there has its committed event, and
every committed event that nothing followed has its value.
"""

from __future__ import annotations

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy.orm import Session, declarative_base

from otel_provenance.values import hash_value
from tests.storage.conftest import Recording
from tests.storage.reading import stored_values

Base = declarative_base()
TAGGED = {"email": "ada@example.com", "name": "Ada Lovelace", "street": "12 St James's Square"}
values = st.sampled_from([*TAGGED.values(), "someone@else.org", None])
keys = st.integers(1, 8)


class Thing(Base):
    __tablename__ = "things"
    id = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    first = sa.Column("first_value", sa.String(100))
    second = sa.Column(sa.String(100))
    __table_args__ = {"mysql_engine": "InnoDB"}  # noqa: RUF012


THINGS = Thing.__table__


class Writing(RuleBasedStateMachine):
    """One session on one connection, as an application uses it."""

    recording: Recording
    engine: sa.engine.Engine

    @initialize()
    def start(self):
        Base.metadata.create_all(self.engine)
        with self.engine.begin() as connection:
            connection.execute(THINGS.delete())
        self.recording.clear()
        self.request = self.recording.request(**TAGGED)
        self.request.__enter__()
        self.session = Session(self.engine, future=True)
        self.savepoints = []

    def attempt(self, work):
        """A duplicate key undoes a flush, as an application that catches the error sees it."""
        try:
            work()
        except sa.exc.IntegrityError:
            self.rollback()

    def stored_keys(self):
        return set(self.session.execute(sa.select(THINGS.c.id)).scalars())

    # --- ORM

    @rule(key=keys, first=values, second=values)
    def add(self, key, first, second):
        if key in self.stored_keys():
            return
        self.session.add(Thing(id=key, first=first, second=second))
        self.attempt(self.session.flush)

    @rule(key=keys, first=values)
    def change(self, key, first):
        thing = self.session.get(Thing, key)
        if thing is not None:
            thing.first = first
            self.attempt(self.session.flush)

    @rule(key=keys)
    def remove(self, key):
        thing = self.session.get(Thing, key)
        if thing is not None:
            self.session.delete(thing)
            self.session.flush()

    # --- Core and text

    @rule(rows=st.dictionaries(keys, values, min_size=1, max_size=4))
    def insert(self, rows):
        there = self.stored_keys()
        parameters = [{"id": key, "second": value} for key, value in rows.items() if key not in there]
        if not parameters:
            return
        self.attempt(lambda: self.session.execute(THINGS.insert(), parameters))

    @rule(rows=st.dictionaries(keys, values, min_size=1, max_size=3))
    def insert_values(self, rows):
        statement = THINGS.insert().values([{"id": key, "first_value": value} for key, value in rows.items()])
        self.attempt(lambda: self.session.execute(statement))

    @rule(key=keys, value=values)
    def update(self, key, value):
        self.session.execute(THINGS.update().where(THINGS.c.id == key).values(second=value))

    @rule(key=keys, value=values)
    def update_by_text(self, key, value):
        self.session.execute(sa.text("UPDATE things SET second = :v WHERE id = :k"), {"v": value, "k": key})

    @rule(key=keys, value=values)
    def insert_by_text(self, key, value):
        quoted = "NULL" if value is None else "'" + value.replace("'", "''") + "'"
        statement = sa.text(f"INSERT INTO things (id, first_value) VALUES ({key}, {quoted})")
        self.attempt(lambda: self.session.execute(statement))

    @rule(key=keys)
    def delete(self, key):
        self.session.execute(THINGS.delete().where(THINGS.c.id == key))

    # --- transactions

    @rule()
    def commit(self):
        self.session.commit()
        while self.savepoints:  # 1.4 commits the innermost only
            self.savepoints.pop()
            self.session.commit()

    @rule()
    def rollback(self):
        self.savepoints.clear()
        self.session.rollback()
        self.session.close()

    @rule()
    def savepoint(self):
        if len(self.savepoints) < 3:
            self.savepoints.append(self.session.begin_nested())

    @precondition(lambda self: self.savepoints)
    @rule(keep=st.booleans())
    def end_savepoint(self, keep):
        savepoint = self.savepoints.pop()
        savepoint.commit() if keep else savepoint.rollback()

    @rule(key=keys, value=st.sampled_from(list(TAGGED.values())), keep=st.booleans(), at_first=st.booleans())
    def write_in_savepoint(self, key, value, keep, at_first):
        if at_first:
            self.commit()
        savepoint = self.session.begin_nested()
        self.session.execute(THINGS.delete().where(THINGS.c.id == key))
        self.session.execute(THINGS.insert(), {"id": key, "second": value})
        savepoint.commit() if keep else savepoint.rollback()

    @invariant()
    def nothing_is_told_before_its_outcome(self):
        assert all(s.outcome in ("committed", "rolled_back", "unknown") for s in self.recording.storage)

    def teardown(self):
        if not hasattr(self, "session"):
            return
        self.session.close()
        self.compare()
        self.request.__exit__(None, None, None)

    def compare(self):
        salt = self.recording.runtime.salt
        hashes = {hash_value(value, salt) for value in TAGGED.values()}
        told = {}
        for event in self.recording.storage:
            if event.outcome != "committed":
                continue
            row = (event.table_name, event.primary_key)
            if event.operation == "delete" and event.row_count:
                told = {place: value for place, value in told.items() if place[:2] != row}
            elif event.column_name is not None:
                assert event.outcome == "committed"
                told[(*row, event.column_name)] = event.value_hash
            elif event.operation == "update":
                told |= {place: "overwritten, perhaps" for place in told if place[:2] == row}
        there = {
            place: value_hash
            for place, value in stored_values(self.engine).items()
            if value is not None and (value_hash := hash_value(value, salt)) in hashes
        }
        assert there.keys() <= told.keys(), "stored, and no committed event says so"
        for place, value_hash in told.items():
            if value_hash != "overwritten, perhaps":
                row_changed = place in there and there[place] != value_hash
                assert not row_changed, "an event tells another value than the one that is stored"
                if place not in there:
                    assert self.was_overwritten(place), "a committed event tells a value that is not stored"

    def was_overwritten(self, place):
        return any(
            (s.table_name, s.primary_key) == place[:2] and s.operation == "update" and s.column_name != place[2]
            for s in self.recording.storage
        )


def test_the_record_and_the_tables_agree(recording, engine):
    machine = type("Writing", (Writing,), {"recording": recording, "engine": engine})
    machine.TestCase.settings = settings(
        max_examples=100,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    machine.TestCase().runTest()
