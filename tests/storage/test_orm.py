"""What the ORM writes."""

from __future__ import annotations

import datetime
import uuid
from contextlib import ExitStack
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from otel_provenance.values import hash_value
from tests.storage.databases import own_postgresql
from tests.storage.reading import assert_record_is_true
from tests.storage.shop import Address, Base, Guest, Kinds, Label, Member, Order, Person, Plan, Seat

MAIL, NAME, STREET = "ada@example.com", "Ada Lovelace", "12 St James's Square"
V14 = sa.__version__.startswith("1.4")


@pytest.fixture
def session(engine):
    Base.metadata.create_all(engine)
    with Session(engine, future=True) as session:
        yield session


def test_inserted_rows(recording, engine, session):
    with recording.request(email=MAIL, name=NAME) as scope:
        person = Person(contact=MAIL, name=NAME, note="nothing of theirs")
        session.add(person)
        session.commit()

    key = f'{{"id": {person.id}}}'
    assert set(recording.rows) == {
        ("insert", "people", "email_address", key, "committed"),
        ("insert", "people", "full_name", key, "committed"),
    }
    event = next(s for s in recording.storage if s.column_name == "email_address")
    assert event.model == "tests.storage.shop.Person"
    assert event.value_hash == hash_value(MAIL, recording.runtime.salt)
    assert event.db_system == engine.dialect.name
    assert event.db_name == (engine.url.database or "").rpartition("/")[2]
    assert event.row_count == 1
    tags = {tag.tag_id: tag.field for tag in scope.tags.tags}
    fields = {tags[m.tag_id]: m.field for m in recording.matches if m.kind == "exact"}
    assert fields == {"email": "email_address", "name": "full_name"}
    assert {m.location for m in recording.matches} == {"column"}
    assert_record_is_true(recording, engine, {"email": MAIL, "name": NAME})


def test_an_update_tells_only_what_changed(recording, engine, session):
    person = Person(mail=MAIL, name="Bob", note="x")
    session.add(person)
    session.commit()
    recording.clear()
    with recording.request(email=MAIL, name=NAME):
        person.name = NAME
        session.commit()

    assert recording.rows == [("update", "people", "full_name", '{"id": 1}', "committed")]


def test_a_row_without_a_match_is_one_event_with_its_key(recording, session):
    with recording.request(email=MAIL):
        person = Person(mail="someone@else.org")
        session.add(person)
        session.commit()
        person.mail = "another@else.org"
        session.commit()
        session.delete(person)
        session.commit()

    assert recording.rows == [
        ("insert", "people", None, '{"id": 1}', "committed"),
        ("update", "people", None, '{"id": 1}', "committed"),
        ("delete", "people", None, '{"id": 1}', "committed"),
    ]
    assert not recording.matches


def test_many_rows_of_one_flush(recording, engine, session):
    with recording.request(email=MAIL, name=NAME):
        session.add_all([Person(mail=MAIL if n % 3 == 0 else f"n{n}@else.org", name=NAME) for n in range(30)])
        session.commit()

    assert len([r for r in recording.rows if r[2] == "email_address"]) == 10
    assert len({r[3] for r in recording.rows}) == 30
    assert_record_is_true(recording, engine, {"email": MAIL, "name": NAME})


def test_cascades_and_association_tables(recording, engine, session):
    with recording.request(address=STREET, label="fragile goods"):
        label = Label(label="fragile goods")
        person = Person(mail="p@else.org", orders=[Order(address=STREET, labels=[label]), Order(labels=[label])])
        session.add(person)
        session.commit()
        inserted = set(recording.rows)
        recording.clear()
        session.delete(person)
        session.commit()

    association = {row for row in inserted if row[1] == "tagging"}
    assert {row[3] for row in association} == {
        '{"order_id": 1, "label": "fragile goods"}',
        '{"order_id": 2, "label": "fragile goods"}',
    }
    assert {row[2] for row in association} == {"label"}
    assert ("insert", "orders", "address", '{"id": 1}', "committed") in inserted
    assert ("insert", "labels", "label", '{"label": "fragile goods"}', "committed") in inserted
    assert {row[:4] for row in recording.rows} == {
        ("delete", "tagging", None, '{"order_id": 1, "label": "fragile goods"}'),
        ("delete", "tagging", None, '{"order_id": 2, "label": "fragile goods"}'),
        ("delete", "orders", None, '{"id": 1}'),
        ("delete", "orders", None, '{"id": 2}'),
        ("delete", "people", None, '{"id": 1}'),
    }
    assert next(s.model for s in recording.storage if s.table_name == "tagging") is None


def test_inheritance_names_table_and_class(recording, engine, session):
    with recording.request(email=MAIL, voucher="WELCOME-2024", since="since last spring"):
        session.add_all(
            [Guest(mail=MAIL, voucher="WELCOME-2024"), Member(mail=MAIL, since="since last spring"), Person(mail=MAIL)]
        )
        session.commit()

    told = {(s.table_name, s.column_name, (s.model or "").rpartition(".")[2]) for s in recording.storage}
    assert told == {
        ("people", "email_address", "Guest"),
        ("people", "email_address", "Member"),
        ("people", "email_address", "Person"),
        ("people", "voucher", "Guest"),
        ("members", "since", "Member"),
    }
    tagged = {"email": MAIL, "voucher": "WELCOME-2024", "since": "since last spring"}
    assert_record_is_true(recording, engine, tagged)


def test_values_are_taken_as_the_app_assigned_them(recording, session):
    token = uuid.uuid4()
    values = {
        "secret": "4012 8888 8888 1881",
        "plan": "premium plan",
        "born": "1815-12-10",
        "price": "1234.50",
        "token": str(token).upper(),
        "blob": "bytes of the upload",
    }
    with recording.request(**values, street=STREET):
        session.add(
            Kinds(
                secret=values["secret"],
                prefs={"address": {"street": STREET}},
                plan=Plan.PREMIUM,
                born=datetime.date(1815, 12, 10),
                price=Decimal("1234.5"),
                token=token,
                blob=b"bytes of the upload",
            )
        )
        session.commit()

    assert {s.column_name for s in recording.storage} == {*values, "prefs"}
    assert [m.field for m in recording.matches if m.field.startswith("prefs")] == ["prefs.address.street"]


def test_an_object_of_the_apps_own_is_looked_at_as_the_driver_got_it(recording, session):
    with recording.request(address=STREET):
        session.add(Kinds(address=Address(STREET)))
        session.commit()
        session.execute(sa.update(Kinds).where(Kinds.id == 1).values(address=Address(STREET)))
        session.commit()

    assert [(s.operation, s.column_name) for s in recording.storage] == [("insert", "address"), ("update", "address")]
    assert {m.kind for m in recording.matches} == {"exact"}


def test_an_object_of_the_apps_own_is_not_touched(recording, session):
    with recording.request(email=MAIL):
        session.add(Kinds(object=Untouchable()))
        session.commit()

    (event,) = recording.storage  # at most its pickle was
    assert event.column_name is None


class Untouchable:
    """Not to be asked for its text."""

    def __str__(self):
        raise AssertionError("looked at")

    __repr__ = __str__


def test_composite_keys_and_version_counters(recording, engine, session):
    with recording.request(holder=NAME, hall="the great hall"):
        seat = Seat(hall="the great hall", number=7, holder=NAME)
        session.add(seat)
        session.commit()
        seat.holder = MAIL
        session.commit()
        session.delete(seat)
        session.commit()

    key = '{"hall": "the great hall", "number": 7}'
    assert {row[:4] for row in recording.rows} == {
        ("insert", "seats", "hall", key),
        ("insert", "seats", "holder", key),
        ("update", "seats", None, key),
        ("delete", "seats", None, key),
    }
    assert_record_is_true(recording, engine, {"holder": NAME})


def test_bulk_methods(recording, engine, session):
    with recording.request(email=MAIL, name=NAME):
        session.bulk_save_objects([Person(mail=MAIL), Person(mail="b@else.org")], return_defaults=True)
        session.bulk_insert_mappings(Person, [{"id": 11, "mail": MAIL}, {"id": 12, "mail": "c@else.org"}])
        session.bulk_update_mappings(Person, [{"id": 11, "_name": NAME}, {"id": 12, "_name": "C"}])
        session.commit()

    assert ("insert", "people", "email_address", '{"id": 1}', "committed") in recording.rows
    assert ("insert", "people", "email_address", '{"id": 11}', "committed") in recording.rows
    assert ("update", "people", "full_name", '{"id": 11}', "committed") in recording.rows
    assert ("update", "people", None, '{"id": 12}', "committed") in recording.rows
    assert sum(s.row_count for s in recording.storage if s.column_name != "full_name") == 5
    assert_record_is_true(recording, engine, {"email": MAIL, "name": NAME})


def test_orm_statements(recording, engine, session):
    rows = [
        {"id": 1, "email_address" if V14 else "mail": MAIL},
        {"id": 2, "email_address" if V14 else "mail": "x@y.org"},
    ]
    with recording.request(email=MAIL, name=NAME):
        session.execute(sa.insert(Person), rows)
        session.execute(sa.update(Person).where(Person.id == 1).values(note=NAME))
        loosely = sa.update(Person).where(Person.mail.like("%y.org")).values({Person.note: NAME})
        session.execute(loosely, execution_options={"synchronize_session": False})
        session.execute(sa.delete(Person).where(Person.id == 2))
        session.commit()

    assert recording.rows == [
        ("insert", "people", "email_address", '{"id": 1}', "committed"),
        ("insert", "people", None, None, "committed"),
        ("update", "people", "note", '{"id": 1}', "committed"),
        ("update", "people", "note", None, "committed"),
        ("delete", "people", None, '{"id": 2}', "committed"),
    ]
    assert {s.model for s in recording.storage} == {"tests.storage.shop.Person"}


def test_sql_expressions_are_matched_but_not_said_to_be_stored(recording, session):
    with recording.request(email=MAIL):
        session.add(Person(mail=sa.func.lower(MAIL)))
        session.commit()

    (event,) = recording.storage
    assert (event.column_name, event.value_hash, event.inspected) == ("email_address", None, "partial")
    assert recording.matches


def test_scoped_sessions_and_several_binds(recording, engine, tmp_path):
    other = sa.create_engine(f"sqlite:///{tmp_path}/other.db", future=True)
    Base.metadata.create_all(engine)
    Base.metadata.create_all(other)
    session = scoped_session(sessionmaker(binds={Person: engine, Seat: other}, future=True))
    with recording.request(name=NAME):
        session.add_all([Person(name=NAME), Seat(hall="h", number=1, holder=NAME)])
        session.commit()
    session.remove()

    assert {(s.table_name, s.db_name) for s in recording.storage} == {
        ("people", (engine.url.database or "").rpartition("/")[2]),
        ("seats", "other.db"),
    }


def test_writes_outside_requests_are_recorded_too(recording, session):
    session.add(Person(mail=MAIL))
    session.commit()

    assert recording.rows == [("insert", "people", None, '{"id": 1}', "committed")]
    facts = [f for f in recording.exporter.facts if f.storage]
    assert [f.request_id for f in facts] == [None]
    assert hash_value(MAIL, recording.runtime.salt) in {leaf.value_hash for f in facts for leaf in f.leaves}


def test_twophase_sessions(recording, kind, engine):
    if kind == "sqlite":
        pytest.skip("SQLite has no two-phase commit")
    with ExitStack() as stack:
        if kind == "postgresql":
            engine = able_to_prepare(engine, stack)
        Base.metadata.create_all(engine)
        with recording.request(name=NAME):
            with Session(engine, twophase=True, future=True) as session:
                session.add(Person(name=NAME))
                session.flush()
                assert recording.rows == []
                session.commit()
                session.add(Person(name=NAME))
                session.flush()
                session.rollback()
        engine.dispose()

    assert [row[4] for row in recording.rows] == ["committed", "rolled_back"]


def able_to_prepare(engine, stack):
    with engine.connect() as connection:
        if connection.exec_driver_sql("SHOW max_prepared_transactions").scalar() != "0":
            return engine
    server = own_postgresql(stack)
    return sa.create_engine(f"postgresql+psycopg2://{server.user}@{server.host}:{server.port}/postgres", future=True)


def test_a_key_that_is_an_address_is_recorded_as_its_hash(recording, session):
    with recording.request(label=MAIL):
        session.add(Label(label=MAIL))
        session.commit()
        session.delete(session.get(Label, MAIL))
        session.commit()

    inserted, deleted = recording.storage
    assert inserted.primary_key == deleted.primary_key  # still tied by it
    assert inserted.primary_key.startswith('{"label": "#')
    assert MAIL not in str(recording.storage)
