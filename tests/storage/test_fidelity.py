"""The application sees what it would have seen without us."""

from __future__ import annotations

import gc
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
import sqlalchemy as sa
from opentelemetry.context import attach, detach, set_value
from sqlalchemy import event
from sqlalchemy.orm import Session

from otel_provenance import guard, status
from otel_provenance.boundaries.base import DidNotHook, unwrap_all
from otel_provenance.boundaries.sqlalchemy import BOUNDARY
from tests.storage.shop import Base, Kinds, Label, Order, Person, Seat

MAIL = "ada@example.com"


@pytest.fixture
def session(engine):
    Base.metadata.create_all(engine)
    with Session(engine, future=True) as session:
        yield session


def story(engine, seen):
    """What an application does; tells each statement, state and error that it sees."""
    statements = []

    def listen(connection, cursor, statement, parameters, context, executemany):
        statements.append((statement, str(parameters), executemany))

    event.listen(engine, "before_cursor_execute", listen)
    try:
        with Session(engine, future=True) as session:
            person = Person(mail=MAIL, name="Ada", orders=[Order(address="here")])
            session.add(person)
            session.flush()
            seen.append((sorted(sa.inspect(person).unloaded), sa.inspect(person).expired, person.id))
            pending = Label(label="pending")
            session.add(pending)
            session.execute(sa.text("UPDATE people SET note = 'x' WHERE id = 1"))
            seen.append((pending in session.new, list(session.dirty)))
            session.commit()
            seen.append(sorted(sa.inspect(person).unloaded))
            result = session.execute(sa.insert(Label), [{"label": "a"}, {"label": "b"}])
            seen.append((type(result).__name__, getattr(result, "rowcount", None), result.closed))
            result = session.execute(Person.__table__.insert().values(note="n"))
            seen.append(
                (tuple(result.inserted_primary_key), result.lastrowid if engine.dialect.name == "sqlite" else 0)
            )
            session.rollback()
            for wrong in ("SELECT nothing FROM nowhere", "INSERT INTO people (id) VALUES ('x', 1, 2)"):
                with pytest.raises(sa.exc.DBAPIError) as raised:
                    session.execute(sa.text(wrong))
                seen.append((type(raised.value), type(raised.value.orig), str(raised.value)))
                session.rollback()
            with pytest.raises(sa.exc.IntegrityError) as raised:
                session.execute(sa.insert(Label.__table__), [{"label": "c"}, {"label": "c"}])
            seen.append((type(raised.value.orig), raised.value.statement, raised.value.params))
            session.rollback()
            seat = Seat(hall="h", number=1)
            session.add(seat)
            session.commit()
            session.refresh(seat)
            session.execute(sa.text("UPDATE seats SET version = 77"))
            seat.holder = "someone"
            with pytest.raises(sa.orm.exc.StaleDataError) as raised:
                session.flush()
            seen.append(str(raised.value))
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    seen.append(statements)
    seen.append(engine._has_events)


def test_statements_states_and_errors_are_the_same(recording, engine, url):
    told = []
    try:
        for hooked in (True, False):
            if not hooked:
                unwrap_all()
            Base.metadata.create_all(engine)
            seen = []
            with recording.request(email=MAIL):
                story(engine, seen)
            told.append(seen)
            Base.metadata.drop_all(engine)
    finally:
        BOUNDARY.hook()
    assert told[0] == told[1]
    assert recording.storage


def test_no_event_is_listened_to(recording, url):
    engine = sa.create_engine(url)
    assert not engine._has_events
    assert not getattr(sa.engine.Connection, "_has_events", False)
    assert not list(Session(engine, future=True).dispatch.before_flush)


def test_warnings_name_the_applications_own_line(session, recording):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        session.execute(sa.insert(Kinds.__table__).values(price=sa.literal(1.5, Loud)))
    (warning,) = [one for one in caught if "loud" in str(one.message)]
    assert warning.filename == __file__


class Loud(sa.types.TypeDecorator):
    impl = sa.Numeric
    cache_ok = True

    def process_bind_param(self, value, dialect):
        sa.util.warn("loud")
        return Decimal(value)


def test_log_records_of_a_transactions_end_name_the_same_lines_of_sqlalchemy(engine, recording, caplog):
    def ends():
        caplog.clear()
        with caplog.at_level("INFO", "sqlalchemy.engine"), engine.connect() as connection:
            connection.begin().commit()
            connection.begin().rollback()
            with connection.begin():
                connection.begin_nested().rollback()
        told = [(r.getMessage(), r.pathname, r.lineno, r.funcName) for r in caplog.records]
        return [one for one in told if one[0].split()[0] in ("COMMIT", "ROLLBACK") and "SAVEPOINT" not in one[0]]

    with_us = ends()
    unwrap_all()
    try:
        without = ends()
    finally:
        BOUNDARY.hook()
    assert [message.split()[0] for message, *_ in without] == ["COMMIT", "ROLLBACK", "COMMIT"]
    assert with_us == without


def test_log_records_of_statements_name_functions_of_sqlalchemy(engine, recording, caplog):
    with caplog.at_level("INFO", "sqlalchemy.engine"), engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
    names = {record.funcName for record in caplog.records}
    assert any("exec" in name for name in names)
    assert "run" not in names


def test_a_sqlalchemy_that_is_too_old_is_left_alone(recording, monkeypatch):
    before = dict(vars(sa.engine.Connection))
    unwrap_all()
    try:
        monkeypatch.setattr(sa, "__version__", "1.3.24")
        with pytest.raises(DidNotHook, match=r"1\.3\.24 is too old"):
            BOUNDARY.hook()
        assert not hasattr(sa.engine.Connection._execute_context, "__provenance__")
    finally:
        monkeypatch.undo()
        BOUNDARY.hook()
    assert set(vars(sa.engine.Connection)) == set(before)


def test_mock_engines_work_as_before(recording):
    dumped = []
    engine = sa.create_mock_engine("postgresql://", lambda sql, *a, **k: dumped.append(sql))
    Base.metadata.create_all(engine)
    assert dumped


def test_nothing_is_kept_alive(session, recording):
    with recording.request(email=MAIL):
        person = Person(mail=MAIL)
        session.add(person)
        session.commit()
    gone = weakref.ref(person)
    session.close()
    del person
    gc.collect()
    assert gone() is None


def test_a_connection_is_freed_as_before(engine, recording):
    Base.metadata.create_all(engine)
    connection = engine.connect()
    with recording.request(email=MAIL):
        connection.execute(Person.__table__.insert(), {"email_address": MAIL})
    connection.commit()
    connection.close()
    gone = weakref.ref(connection)
    gc.collect()
    gc.disable()
    try:
        del connection
        freed = gone() is None
    finally:
        gc.enable()
    assert freed


def test_faults_of_ours_stay_ours(session, recording, monkeypatch):
    monkeypatch.setattr(guard, "strict", False)
    steps = "otel_provenance.boundaries.sqlalchemy.outcomes."
    for place in ("see_statement", "_ledger", "_transaction", "_is_settled"):
        with monkeypatch.context() as patch:
            patch.setattr(steps + place, broken)
            with recording.request(email=MAIL):
                person = Person(mail=MAIL)
                session.add(person)
                with session.begin_nested():
                    session.add(Label(label=place))
                session.commit()
                assert session.get(Person, person.id) is person
                with pytest.raises(sa.exc.IntegrityError):
                    session.execute(sa.insert(Label.__table__), [{"label": place}, {"label": place}])
                session.rollback()
    assert any(reason == "error" for reason, _ in status.take_losses())


def broken(*args, **kwargs):
    raise ZeroDivisionError


def test_our_own_sql_is_not_recorded(session, recording):
    token = attach(set_value("suppress_instrumentation", True))
    try:
        session.add(Person(mail=MAIL))
        session.commit()
    finally:
        detach(token)
    assert recording.storage == []


def test_values_are_not_changed_by_being_looked_at(session, recording):
    class Text(str):
        __slots__ = ()

    prefs = {"a": [1, {"b": MAIL}]}
    with recording.request(email=MAIL):
        row = Kinds(prefs=prefs, secret=Text("s"))
        session.add(row)
        session.commit()
    assert prefs == {"a": [1, {"b": MAIL}]}
    assert row.prefs == prefs
    assert type(row.secret) is str


def test_requests_in_threads_keep_their_writes_apart(engine, recording):
    Base.metadata.create_all(engine)

    def serve(n):
        with recording.request(email=f"customer{n}@example.com") as scope, Session(engine, future=True) as session:
            for _ in range(5):
                session.add(Person(mail=f"customer{n}@example.com"))
                session.flush()
            session.commit()
            return scope.request_id

    threads = 1 if engine.dialect.name == "sqlite" else 4
    with ThreadPoolExecutor(threads) as pool:
        requests = list(pool.map(serve, range(12)))
    told = {f.request_id: f for f in recording.exporter.facts if f.storage}
    assert set(told) == set(requests)
    for facts in told.values():
        assert [s.column_name for s in facts.storage] == ["email_address"] * 5
        assert {m.event_id for m in facts.matches} == {s.event_id for s in facts.storage}
