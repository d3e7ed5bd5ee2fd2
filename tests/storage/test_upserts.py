"""What an upsert is told to have written, where it may have updated the row that was there."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import declarative_base

from tests.storage.conftest import server_url
from tests.storage.databases import NAME as DATABASE

MAIL, NAME, CITY = "ada@example.com", "Ada Lovelace", "Marylebone"
metadata = sa.MetaData()
contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("email", sa.String(100), primary_key=True),
    sa.Column("name", sa.String(100)),
    sa.Column("city", sa.String(100)),
)
guests = sa.Table(
    "guests",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("email", sa.String(100), unique=True),
    sa.Column("name", sa.String(100)),
)
ROW = {"email": MAIL, "name": NAME, "city": CITY}


@pytest.fixture
def connection(engine):
    metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def told(recording, connection):
    """Execute in a request that brings three values in, and commit: column → (outcome, whether its value is known)."""

    def execute(statement, *args):
        recording.clear()
        with recording.request(**ROW):
            connection.execute(statement, *args)
            connection.commit()
        return {s.column_name: (s.outcome, s.value_hash is not None) for s in recording.storage if s.column_name}

    return execute


@pytest.fixture
def upsert(kind):
    """Make an upsert: what to set is told by a function of the row that was to be inserted."""

    def make(table, sets, key="email", **values):
        if kind == "mariadb":
            from sqlalchemy.dialects.mysql import insert

            statement = insert(table).values(values) if values else insert(table)
            return statement.on_duplicate_key_update(sets(statement.inserted))
        if kind == "sqlite":
            from sqlalchemy.dialects.sqlite import insert
        else:
            from sqlalchemy.dialects.postgresql import insert
        statement = insert(table).values(values) if values else insert(table)
        return statement.on_conflict_do_update(index_elements=[key], set_=sets(statement.excluded))

    return make


SURE, UNSURE, COMPUTED = ("committed", True), ("unknown", True), ("unknown", False)


def test_what_is_not_set_is_not_told_as_stored(told, upsert, kind, connection):
    def sets(row):
        return {"name": row.name}

    # to SQLAlchemy's clients MySQL counts an inserted row like one that was there with these values
    assert told(upsert(contacts, sets, **ROW)) == {"email": SURE, "name": SURE, "city": UNSURE}
    connection.execute(contacts.update().values(name="former"))
    again = {"email": SURE, "name": SURE}
    assert told(upsert(contacts, sets, **ROW)) == (again if kind == "mariadb" else {**again, "city": UNSURE})


def test_many_rows(told, upsert, kind, connection):
    rows = [ROW, {"email": "b@else.org", "name": "B", "city": "x"}]
    sets = {"email": SURE, "name": SURE}
    assert told(upsert(contacts, lambda row: {"name": row.name}), rows) == {**sets, "city": UNSURE}
    connection.execute(contacts.update().values(name="former"))
    found = told(upsert(contacts, lambda row: {"name": row.name}), rows)
    assert found == (sets if kind == "mariadb" else {**sets, "city": UNSURE})


def test_what_is_set_to_another_value(told, upsert, connection):
    def found(value):
        connection.execute(contacts.delete())
        return told(upsert(contacts, lambda row: {"name": value(row)}, email=MAIL, name=NAME))

    assert found(lambda row: NAME) == {"email": SURE, "name": SURE}  # the same value, given twice
    assert found(lambda row: "another") == {"email": SURE, "name": COMPUTED}
    assert found(lambda row: sa.func.coalesce(row.name, contacts.c.name)) == {"email": SURE, "name": COMPUTED}
    assert found(lambda row: sa.case((contacts.c.city == CITY, "x"), else_="y")) == {"email": SURE, "name": COMPUTED}


def test_what_is_only_set(told, upsert, connection, kind):
    statement = upsert(contacts, lambda row: {"city": CITY}, email=MAIL)
    assert told(statement) == {"email": SURE, "city": UNSURE}
    connection.execute(contacts.update().values(city="former"))
    assert told(statement) == {"email": SURE, "city": SURE if kind == "mariadb" else UNSURE}


def test_a_row_that_was_there_has_a_key_of_its_own(told, upsert, recording, kind):
    if kind == "mariadb":
        pytest.skip("no key is named: the primary key is taken for it")
    told(upsert(guests, lambda row: {"name": row.name}, id=1, email=MAIL, name="x"))
    assert told(upsert(guests, lambda row: {"name": row.name}, id=2, email=MAIL, name=NAME)) == {
        "email": SURE,
        "name": SURE,
    }
    assert {s.primary_key for s in recording.storage} == {None}
    told(upsert(guests, lambda row: {"name": row.name}, key="id", id=2, email="c@else.org", name=NAME))
    assert {s.primary_key for s in recording.storage} == {'{"id": 2}'}


def test_named_constraints(told, kind):
    if kind != "postgresql":
        pytest.skip("PostgreSQL alone takes a constraint's name")
    from sqlalchemy.dialects.postgresql import insert

    for name, expected in {"contacts_pkey": SURE, "guests_email_key": SURE}.items():
        table = contacts if name.startswith("contacts") else guests
        row = {"email": MAIL, **({"id": 5} if table is guests else {})}
        statement = insert(table).values(name=NAME, **row)
        statement = statement.on_conflict_do_update(constraint=name, set_={"name": statement.excluded.name})
        assert told(statement) == {"email": expected, "name": SURE}


def test_insert_from_select(told, kind):
    if kind == "mariadb":
        pytest.skip("MySQL names no key")
    if kind == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert
    chosen = sa.select(sa.literal(MAIL), sa.literal(NAME), sa.literal(CITY)).where(sa.literal("x") == "x")
    statement = insert(contacts).from_select(["email", "name", "city"], chosen)
    statement = statement.on_conflict_do_update(index_elements=["email"], set_={"name": statement.excluded.name})
    assert told(statement) == {"email": ("committed", False), "name": ("committed", False), "city": COMPUTED}


WRITTEN = "INSERT INTO contacts (email, name, city) VALUES (:email, :name, :city) "
TEXTS = {
    "mariadb": "ON DUPLICATE KEY UPDATE name = VALUES(name)",
    "sqlite": "ON CONFLICT (email) DO UPDATE SET name = excluded.name",
    "postgresql": "ON CONFLICT ON CONSTRAINT contacts_pkey DO UPDATE SET name = excluded.name WHERE excluded.city > ''",
}


class Contact(declarative_base(metadata=metadata)):
    """So that the primary key of a table that SQL text names is known."""

    __table__ = contacts


def test_text(told, kind, connection, recording):
    statement = WRITTEN + TEXTS[kind]
    again = {"email": SURE, "name": SURE}
    assert told(sa.text(statement), ROW) == {**again, "city": UNSURE}
    connection.execute(contacts.update().values(name="former"))
    assert told(sa.text(statement), ROW) == (again if kind == "mariadb" else {**again, "city": UNSURE})
    assert all((s.primary_key or "").startswith('{"email": "#') for s in recording.storage if s.column_name)
    other = sa.text(statement.replace("VALUES(name)", ":other").replace("excluded.name", ":other"))
    connection.execute(contacts.delete())
    assert told(other, {**ROW, "other": NAME}) == {**again, "city": UNSURE}
    connection.execute(contacts.delete())
    assert told(other, {**ROW, "other": "another"}) == {"email": SURE, "name": COMPUTED, "city": UNSURE}
    computed = sa.text(statement.replace("VALUES(name)", "upper(VALUES(name))").replace("= exc", "= '' || exc"))
    connection.execute(contacts.delete())
    assert told(computed, ROW) == {"email": SURE, "name": COMPUTED, "city": UNSURE}


def test_what_is_not_certain_links_no_later_value(recording, connection, upsert):
    """Of a value that came in with another request, too: its link would be told as the row is."""
    with recording.request(**ROW):
        pass
    recording.clear()
    values = {"email": "b@else.org", "name": "Marcellus Wallace", "city": "Inglewood by the sea"}
    connection.execute(upsert(contacts, lambda row: {"name": row.name}, **values))
    connection.commit()
    assert {leaf.field for facts in recording.exporter.facts for leaf in facts.leaves} == {"email", "name"}


@pytest.mark.server
@pytest.mark.parametrize("found_rows", [False, True])
def test_mysqls_own_count(recording, mariadb, found_rows, monkeypatch):
    """Used directly, its client counts a row that it inserts otherwise than one that was there."""
    import pymysql
    from pymysql.constants import CLIENT

    from otel_provenance.boundaries.base import install
    from otel_provenance.boundaries.dbapi import Rows
    from otel_provenance.boundaries.mysql import PYMYSQL_BOUNDARY

    install(PYMYSQL_BOUNDARY)
    where = {"host": mariadb.host, "port": mariadb.port, "user": mariadb.user, "password": mariadb.password}
    flags = CLIENT.FOUND_ROWS if found_rows else 0
    connection = pymysql.connect(database=DATABASE, client_flag=flags, **where)
    statement = WRITTEN.replace(":email, :name, :city", "%s, %s, %s") + TEXTS["mariadb"]
    told = []
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE contacts (email VARCHAR(99) PRIMARY KEY, name VARCHAR(99), city VARCHAR(99))")
        try:
            for former in (None, "former"):
                cursor.execute("UPDATE contacts SET name = %s", (former,))
                recording.clear()
                with recording.request(**ROW):
                    cursor.execute(statement, tuple(ROW.values()))
                    connection.commit()
                told.append({s.column_name: s.outcome for s in recording.storage if s.column_name})
            monkeypatch.setattr(
                Rows, "LIMIT", 2
            )  # many more rows than are kept: their count is no longer that of these
            recording.clear()
            with recording.request(**ROW):
                cursor.executemany(statement, [(f"{n}@else.org", NAME, CITY) for n in range(4)])
                connection.commit()
            many = {s.column_name: s.outcome for s in recording.storage if s.column_name}
        finally:
            cursor.execute("DROP TABLE contacts")
    connection.close()
    inserted, updated = told
    assert inserted["name"] == "committed"
    assert inserted["city"] == ("unknown" if found_rows else "committed")
    assert updated == {"name": "committed"}
    assert many == {"name": "committed", "city": "unknown"}


@pytest.fixture(params=["psycopg", "psycopg_async"])
def run_on_psycopg(request, recording, postgresql):
    """Execute on psycopg 3, whose closed cursors tell no row count, and commit."""
    pytest.importorskip("psycopg")
    if sa.__version__.startswith("1.4"):
        pytest.skip("SQLAlchemy 1.4 does not know psycopg 3")
    url = server_url(postgresql, f"postgresql+{request.param}")

    def run(act):
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        with engine.begin() as connection:
            return act(connection)

    async def run_async(act):
        from sqlalchemy.ext.asyncio import create_async_engine

        async with create_async_engine(url, poolclass=sa.pool.NullPool).begin() as connection:
            return await connection.run_sync(act)

    execute = run if request.param == "psycopg" else lambda act: asyncio.run(run_async(act))
    execute(metadata.create_all)
    yield execute
    execute(metadata.drop_all)


@pytest.mark.server
def test_psycopg_counts_an_inserts_rows(recording, run_on_psycopg):
    from sqlalchemy.dialects.postgresql import insert

    row = {"email": MAIL, "name": NAME}
    upsert = insert(contacts)
    upsert = upsert.on_conflict_do_update(index_elements=["email"], set_={"name": upsert.excluded.name})
    skip = insert(contacts).on_conflict_do_nothing()
    copy = contacts.insert().from_select(["email", "name"], sa.select(sa.literal("b@else.org"), sa.literal(NAME)))
    told = {}
    for how, statement in {"upsert": upsert.values(row), "skip": skip.values(row), "copy": copy}.items():
        recording.clear()
        with recording.request(email=MAIL, name=NAME):
            run_on_psycopg(lambda connection, statement=statement: connection.execute(statement))
        told[how] = [(s.column_name, s.row_count, s.outcome) for s in recording.storage]
    assert told == {
        "upsert": [("email", 1, "committed"), ("name", 1, "committed")],
        "skip": [(None, 0, "committed")],
        "copy": [("name", 1, "committed")],
    }
