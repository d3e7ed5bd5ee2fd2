"""Database drivers used directly, without SQLAlchemy."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress

import pytest
import sqlalchemy as sa

from otel_provenance import guard
from otel_provenance.boundaries.base import install
from tests.storage.conftest import server_url
from tests.storage.databases import NAME as DATABASE
from tests.storage.shop import Base, Person

MAIL, NAME = "ada@example.com", "Ada Lovelace"
DRIVERS = {
    "sqlite3": ("sqlite", "otel_provenance.boundaries.sqlite3:BOUNDARY"),
    "psycopg": ("postgresql", "otel_provenance.boundaries.psycopg:BOUNDARY"),
    "psycopg2": ("postgresql", "otel_provenance.boundaries.psycopg2:BOUNDARY"),
    "pymysql": ("mariadb", "otel_provenance.boundaries.mysql:PYMYSQL_BOUNDARY"),
    "MySQLdb": ("mariadb", "otel_provenance.boundaries.mysql:MYSQLCLIENT_BOUNDARY"),
}


def boundary(target):
    module, _, name = target.partition(":")
    return getattr(__import__(module, fromlist=[name]), name)


@pytest.fixture(params=[pytest.param(d, marks=[] if d == "sqlite3" else pytest.mark.server) for d in DRIVERS])
def driver(request, recording):
    module = pytest.importorskip(request.param)
    install(boundary(DRIVERS[request.param][1]))
    return module


@pytest.fixture
def connect(driver, request, tmp_path):
    """Connections of this driver, all closed in the end; the first one finds an empty table."""
    made = []

    def connect(**options):
        if driver is sqlite3:
            connection = driver.connect(str(tmp_path / "app.db"), **options)
        else:
            server = request.getfixturevalue(DRIVERS[driver.__name__][0])
            name = "database" if driver.__name__ in ("pymysql", "MySQLdb") else "dbname"
            where = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
            connection = driver.connect(**where, **{name: DATABASE}, **options)
        made.append(connection)
        return connection

    first = connect()
    cursor = first.cursor()
    cursor.execute("DROP TABLE IF EXISTS people")
    cursor.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(100), name VARCHAR(100))")
    first.commit()
    yield connect
    for connection in made[1:]:
        with suppress(Exception):  # a test may have closed it
            connection.close()
    first.rollback()
    cursor.execute("DROP TABLE people")
    first.commit()
    first.close()


@pytest.fixture
def mark(driver):
    """This driver's placeholder."""
    return "?" if driver is sqlite3 else "%s"


def test_execute_and_its_outcome(recording, connect, mark):
    connection = connect()
    with recording.request(email=MAIL, name=NAME):
        cursor = connection.cursor()
        cursor.execute(f"INSERT INTO people (id, email) VALUES (1, {mark})", (MAIL,))
        assert recording.storage == []
        connection.commit()
        cursor.execute(f"UPDATE people SET name = {mark} WHERE id = {mark}", (NAME, 1))
        connection.rollback()
        cursor.execute("SELECT email FROM people")
        assert cursor.fetchall()[0][0] == MAIL
        cursor.execute("DELETE FROM people WHERE id = 1")
        connection.commit()
        cursor.execute(f"INSERT INTO people (id, email) VALUES (2, {mark})", (MAIL,))
        connection.close()
    assert recording.rows == [
        ("insert", "people", "email", '{"id": 1}', "committed"),
        ("update", "people", "name", '{"id": 1}', "rolled_back"),
        ("delete", "people", None, '{"id": 1}', "committed"),
        ("insert", "people", "email", '{"id": 2}', "rolled_back"),
    ]
    assert {s.db_name for s in recording.storage} == {"app.db" if mark == "?" else DATABASE}


def test_executemany(recording, connect, mark):
    connection = connect()
    rows = [(n, MAIL if n == 3 else f"{n}@else.org") for n in range(1, 6)]
    with recording.request(email=MAIL):
        connection.cursor().executemany(f"INSERT INTO people (id, email) VALUES ({mark}, {mark})", rows)
        connection.commit()
        recorded = recording.rows
        recording.clear()
        connection.cursor().executemany(f"UPDATE people SET name = {mark} WHERE id = {mark}", [(MAIL, 1), (MAIL, 2)])
        connection.commit()
    assert recorded == [
        ("insert", "people", "email", '{"id": 3}', "committed"),
        ("insert", "people", None, None, "committed"),
    ]
    assert [r[3] for r in recording.rows] == ['{"id": 1}', '{"id": 2}']
    cursor = connection.cursor()
    cursor.execute("SELECT id, email FROM people ORDER BY id")
    assert [tuple(row) for row in cursor.fetchall()] == rows


def test_autocommit(recording, driver, connect, mark):
    connection = connect(**({"isolation_level": None} if driver is sqlite3 else {}))
    if driver.__name__ in ("pymysql", "MySQLdb"):
        connection.autocommit(True)
    elif driver is not sqlite3:
        connection.autocommit = True
    with recording.request(email=MAIL):
        cursor = connection.cursor()
        cursor.execute(f"INSERT INTO people (id, email) VALUES (1, {mark})", (MAIL,))
        assert [row[4] for row in recording.rows] == ["committed"]
        cursor.execute("BEGIN")
        cursor.execute(f"INSERT INTO people (id, email) VALUES (2, {mark})", (MAIL,))
        cursor.execute("SAVEPOINT here")
        cursor.execute(f"INSERT INTO people (id, email) VALUES (3, {mark})", (MAIL,))
        cursor.execute("ROLLBACK TO SAVEPOINT here")
        cursor.execute("COMMIT")
    assert {row[3]: row[4] for row in recording.rows} == {
        '{"id": 1}': "committed",
        '{"id": 2}': "committed",
        '{"id": 3}': "rolled_back",
    }


def test_with_blocks(recording, driver, connect, mark):
    connection = connect()
    if driver.__name__ == "MySQLdb":
        pytest.skip("its block is of a cursor")
    with recording.request(email=MAIL):
        if driver.__name__ in ("sqlite3", "psycopg2"):
            with connection:
                connection.cursor().execute(f"INSERT INTO people (id, email) VALUES (1, {mark})", (MAIL,))
            with pytest.raises(ZeroDivisionError), connection:
                write_and_fail(connection, mark)
        elif driver.__name__ == "psycopg":
            with connection.transaction():
                connection.execute("INSERT INTO people (id, email) VALUES (1, %s)", (MAIL,))
                with pytest.raises(ZeroDivisionError), connection.transaction():
                    write_and_fail(connection, mark)
        else:
            connection.begin()
            connection.cursor().execute(f"INSERT INTO people (id, email) VALUES (1, {mark})", (MAIL,))
            connection.commit()
            connection.begin()
            connection.cursor().execute(f"INSERT INTO people (id, email) VALUES (2, {mark})", (MAIL,))
            connection.rollback()
    assert {row[3]: row[4] for row in recording.rows} == {'{"id": 1}': "committed", '{"id": 2}': "rolled_back"}


def write_and_fail(connection, mark):
    connection.cursor().execute(f"INSERT INTO people (id, email) VALUES (2, {mark})", (MAIL,))
    raise ZeroDivisionError


def test_errors_are_the_drivers_own(recording, driver, connect, mark):
    connection = connect()
    cursor = connection.cursor()
    with recording.request(email=MAIL):
        with pytest.raises(driver.Error) as raised:
            cursor.execute("INSERT INTO nowhere (a) VALUES (1)")
        assert type(raised.value).__module__.partition(".")[0] in (driver.__name__, "sqlite3", "psycopg2")
        connection.rollback()
        cursor.execute(f"INSERT INTO people (id, email) VALUES (1, {mark})", (MAIL,))
        with pytest.raises(driver.IntegrityError):
            cursor.executemany(f"INSERT INTO people (id) VALUES ({mark})", [(7,), (1,)])
        connection.rollback()
    assert {row[4] for row in recording.rows} == {"rolled_back"}


def test_sqlalchemy_on_the_driver_is_told_once(recording, driver, connect, request, tmp_path):
    connect()
    if driver is sqlite3:
        engine = sa.create_engine(f"sqlite:///{tmp_path}/app.db")
    else:
        kind = DRIVERS[driver.__name__][0]
        name = {"pymysql": "mysql+pymysql", "MySQLdb": "mysql+mysqldb"}.get(driver.__name__)
        engine = sa.create_engine(server_url(request.getfixturevalue(kind), name or f"postgresql+{driver.__name__}"))
    people = sa.Table("people", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("email"))
    with recording.request(email=MAIL):
        with engine.begin() as connection:
            connection.execute(people.insert(), [{"id": 1, "email": MAIL}, {"id": 2, "email": MAIL}])
            connection.exec_driver_sql("UPDATE people SET name = 'x' WHERE id = 1")
            if driver is sqlite3:
                assert type(connection.connection.dbapi_connection) is sqlite3.Connection
    engine.dispose()
    assert [(row[0], row[3]) for row in recording.rows] == [
        ("insert", '{"id": 1}'),
        ("insert", '{"id": 2}'),
        ("update", '{"id": 1}'),
    ]


def test_faults_of_ours_stay_ours(recording, driver, connect, mark, monkeypatch):
    monkeypatch.setattr(guard, "strict", False)
    monkeypatch.setattr("otel_provenance.boundaries.dbapi.is_write", broken)
    monkeypatch.setattr("otel_provenance.boundaries.dbapi.transaction_of", broken)
    monkeypatch.setattr("otel_provenance.boundaries.dbapi._watched", None)
    connection = connect()
    cursor = connection.cursor()
    cursor.execute(f"INSERT INTO people (id, email) VALUES (1, {mark})", (MAIL,))
    connection.commit()
    cursor.execute("SELECT count(*) FROM people")
    assert tuple(cursor.fetchone()) == (1,)


def broken(*args, **kwargs):
    raise ZeroDivisionError


# --- what only one driver has ---------------------------------------------------------------------------


@pytest.fixture
def sqlite(recording, tmp_path):
    install(boundary(DRIVERS["sqlite3"][1]))
    connection = sqlite3.connect(tmp_path / "app.db")
    connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT)")
    connection.commit()
    yield connection
    connection.close()


def test_sqlite3_shortcuts_scripts_and_iterators(recording, sqlite):
    with recording.request(email=MAIL, name=NAME):
        sqlite.execute("INSERT INTO people (id, email) VALUES (1, :mail)", {"mail": MAIL})
        sqlite.executescript(f"INSERT INTO people VALUES (2, 'a; b', '{NAME}'); DELETE FROM people WHERE id = 1;")
        sqlite.executemany("INSERT INTO people (id, email) VALUES (?, ?)", iter([(3, MAIL), (4, "x")]))
        sqlite.commit()
    assert recording.rows == [
        ("insert", "people", "email", '{"id": 1}', "committed"),
        ("insert", "people", "#3", None, "committed"),
        ("delete", "people", None, '{"id": 1}', "committed"),
        ("insert", "people", "email", '{"id": 3}', "committed"),
        ("insert", "people", None, None, "committed"),
    ]


def test_sqlite3_factories_and_rows_stay_the_apps(recording, sqlite, tmp_path):
    class Own(sqlite3.Connection):
        def hello(self):
            return "hello"

    connection = sqlite3.connect(tmp_path / "app.db", factory=Own)
    connection.row_factory = sqlite3.Row
    with recording.request(email=MAIL), connection:
        connection.execute("INSERT INTO people (id, email) VALUES (1, ?)", (MAIL,))
    assert connection.hello() == "hello"
    assert isinstance(connection.execute("SELECT * FROM people").fetchone(), sqlite3.Row)
    assert isinstance(connection.cursor(), sqlite3.Cursor)
    assert len(recording.storage) == 1
    connection.close()


def test_a_failed_executemany_may_have_written(recording, sqlite):
    with recording.request(email=MAIL):
        with pytest.raises(sqlite3.IntegrityError):
            sqlite.executemany("INSERT INTO people (id, email) VALUES (?, ?)", [(1, MAIL), (1, MAIL)])
        sqlite.commit()
    assert {s.outcome for s in recording.storage} == {"unknown"}


def test_our_own_store_is_not_recorded(recording, sqlite, tmp_path):
    from otel_provenance.tables import connect

    with recording.request(email=MAIL):
        connection = connect(str(tmp_path / "record.db"))
        connection.execute("INSERT INTO meta (name, value) VALUES ('x', ?)", (MAIL,))
        assert type(connection) is sqlite3.Connection
        connection.close()
    assert recording.storage == []


@pytest.mark.server
def test_psycopg_composed_statements_and_copy(recording, postgresql):
    psycopg = pytest.importorskip("psycopg")
    install(boundary(DRIVERS["psycopg"][1]))
    where = {"host": postgresql.host, "port": postgresql.port, "user": postgresql.user, "dbname": DATABASE}
    with psycopg.connect(**where) as connection, recording.request(email=MAIL):
        connection.execute("DROP TABLE IF EXISTS people")
        connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(100), name VARCHAR(100))")
        insert = psycopg.sql.SQL("INSERT INTO {} (id, email) VALUES (1, %s)").format(psycopg.sql.Identifier("people"))
        connection.execute(insert, [MAIL])
        with connection.cursor().copy("COPY people (id, email) FROM STDIN") as copy:
            copy.write_row((2, MAIL))
        connection.commit()
        connection.execute("DROP TABLE people")
    assert [(s.table_name, s.column_name, s.inspected, s.outcome) for s in recording.storage] == [
        ("people", "email", "full", "committed"),
        ("people", None, "none", "committed"),
    ]


@pytest.mark.server
@pytest.mark.parametrize("name", ["psycopg", "asyncpg"])
def test_awaited_drivers(recording, postgresql, name):
    module = pytest.importorskip(name)
    install(boundary(f"otel_provenance.boundaries.{name}:BOUNDARY"))

    async def story():
        where = {"host": postgresql.host, "port": postgresql.port, "user": postgresql.user}
        if name == "psycopg":
            connection = await module.AsyncConnection.connect(**where, dbname=DATABASE, autocommit=True)
            mark, args = ("%s", "%s"), lambda *a: (a,)
        else:
            connection = await module.connect(**where, database=DATABASE)
            mark, args = ("$1", "$2"), lambda *a: a
        try:
            await connection.execute("DROP TABLE IF EXISTS people")
            await connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT)")
            insert = f"INSERT INTO people (id, email) VALUES ({mark[0]}, {mark[1]})"
            with recording.request(email=MAIL):
                await connection.execute(insert, *args(1, MAIL))
                async with connection.transaction():
                    await connection.execute(insert, *args(2, MAIL))
                    try:
                        async with connection.transaction():
                            await connection.execute(insert, *args(3, MAIL))
                            raise ZeroDivisionError
                    except ZeroDivisionError:
                        pass
                if name == "asyncpg":
                    await connection.executemany(insert, [(4, MAIL), (5, "x")])
                    prepared = await connection.prepare(insert)
                    await prepared.fetch(6, MAIL)
                    assert await connection.fetchval(insert + " RETURNING id", 7, MAIL) == 7
        finally:
            await connection.execute("DROP TABLE people")
            await connection.close()

    asyncio.run(story())
    told = {row[3]: row[4] for row in recording.rows if row[2]}
    expected = {'{"id": 1}': "committed", '{"id": 2}': "committed", '{"id": 3}': "rolled_back"}
    if name == "asyncpg":
        expected |= dict.fromkeys(('{"id": 4}', '{"id": 6}', '{"id": 7}'), "committed")
    assert told == expected


@pytest.mark.server
def test_a_driver_that_does_not_count_is_told_no_number_of_rows(recording, postgresql):
    """asyncpg counts nothing where a statement runs many times."""
    asyncpg = pytest.importorskip("asyncpg")
    install(boundary("otel_provenance.boundaries.asyncpg:BOUNDARY"))

    async def story():
        connection = await asyncpg.connect(
            host=postgresql.host, port=postgresql.port, user=postgresql.user, database=DATABASE
        )
        await connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT)")
        try:
            with recording.request(email=MAIL):
                await connection.executemany(
                    "UPDATE people SET email = $1 WHERE id > $2", [(MAIL, n) for n in range(3)]
                )
        finally:
            await connection.execute("DROP TABLE people")
            await connection.close()

    asyncio.run(story())
    assert {(s.column_name, s.row_count) for s in recording.storage} == {("email", -1)}


@pytest.mark.server
def test_async_sqlalchemy_on_the_driver_is_told_once(recording, postgresql):
    from tests.storage.test_async import write

    pytest.importorskip("asyncpg")
    install(boundary("otel_provenance.boundaries.asyncpg:BOUNDARY"))
    asyncio.run(write(recording, server_url(postgresql, "postgresql+asyncpg")))
    assert len(recording.storage) == 5


def test_sqlalchemy_without_its_boundary_is_not_told_by_the_drivers(recording, sqlite, tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path}/orm.db")
    Base.metadata.create_all(engine)
    with recording.request(email=MAIL), sa.orm.Session(engine) as session:
        session.add(Person(mail=MAIL))
        session.commit()
    assert len(recording.storage) == 1
