"""What Core's statements write."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from otel_provenance.boundaries.base import install
from otel_provenance.boundaries.sqlalchemy import BOUNDARY

MAIL, NAME = "ada@example.com", "Ada Lovelace"
metadata = sa.MetaData()
users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(100), key="mail", unique=True),
    sa.Column("name", sa.String(100)),
    sa.Column("visits", sa.Integer, default=0, onupdate=lambda: 1),
)
notes = sa.Table("notes", metadata, sa.Column("user_id", sa.Integer), sa.Column("note", sa.String(200)))


@pytest.fixture
def connection(engine):
    metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def run(recording, connection):
    """Execute in a request that brings two values in, and commit."""

    def execute(statement, *args):
        recording.clear()
        with recording.request(email=MAIL, name=NAME):
            result = connection.execute(statement, *args)
            connection.commit()
        return result

    return execute


def test_insert(recording, run):
    run(users.insert().values(mail=MAIL, name="x"))
    assert recording.rows == [("insert", "users", "email", '{"id": 1}', "committed")]
    run(users.insert(), {"mail": "b@else.org", "name": NAME})
    assert recording.rows == [("insert", "users", "name", '{"id": 2}', "committed")]
    assert recording.storage[0].model is None
    run(users.insert().values(id=9, name=sa.bindparam("who")), {"who": NAME})
    assert recording.rows == [("insert", "users", "name", '{"id": 9}', "committed")]
    run(users.insert().values(id=10, name=sa.bindparam("x", NAME, literal_execute=True)))
    assert recording.rows == [("insert", "users", "name", '{"id": 10}', "committed")]


def test_many_rows(recording, run):
    run(users.insert(), [{"id": n, "mail": MAIL if n == 3 else f"{n}@else.org"} for n in range(1, 6)])
    assert recording.rows == [
        ("insert", "users", "email", '{"id": 3}', "committed"),
        ("insert", "users", None, None, "committed"),
    ]
    assert [s.row_count for s in recording.storage] == [1, 4]
    run(users.insert().values([{"id": 11, "name": NAME}, {"id": 12, "name": "other"}, {"id": 13, "name": NAME}]))
    assert [(s.primary_key, s.row_count) for s in recording.storage] == [
        ('{"id": 11}', 1),
        ('{"id": 13}', 1),
        (None, 1),
    ]


def test_generated_keys_are_told_only_where_their_order_is_known(recording, engine, run):
    run(users.insert(), [{"mail": MAIL}, {"mail": "b@else.org"}])
    (matched, _) = recording.storage
    if matched.primary_key is not None:
        with engine.connect() as connection:
            found = connection.execute(sa.select(users.c.id).where(users.c.mail == MAIL)).scalar()
        assert matched.primary_key == f'{{"id": {found}}}'


def test_updates(recording, run):
    run(users.insert(), [{"id": n, "mail": f"{n}@else.org", "name": "x"} for n in range(1, 6)])
    run(users.update().where(users.c.id == 2).values(name=NAME))
    assert recording.rows == [("update", "users", "name", '{"id": 2}', "committed")]
    run(users.update().where(users.c.id > 2).values(name=NAME))
    assert recording.rows == [("update", "users", "name", None, "committed")]
    assert recording.storage[0].row_count == 3
    run(users.update().where(users.c.id == 77).values(name=NAME))
    assert [(s.column_name, s.row_count) for s in recording.storage] == [(None, 0)]
    run(users.update().where(sa.and_(users.c.id == 3, users.c.mail == "3@else.org")).values(mail=users.c.mail + MAIL))
    assert [(s.column_name, s.primary_key, s.value_hash) for s in recording.storage] == [("email", '{"id": 3}', None)]
    many = users.update().where(users.c.id == sa.bindparam("key")).values(name=sa.bindparam("to"))
    run(many, [{"key": 1, "to": NAME}, {"key": 2, "to": "other"}])
    assert recording.rows == [
        ("update", "users", "name", '{"id": 1}', "committed"),
        ("update", "users", None, '{"id": 2}', "committed"),
    ]


def test_rows_that_may_not_have_been_there(recording, connection, run):
    run(users.insert(), [{"id": 1}, {"id": 2}])
    if not connection.dialect.supports_sane_multi_rowcount:
        pytest.skip("this driver does not count")
    many = users.update().where(users.c.id == sa.bindparam("key")).values(name=sa.bindparam("to"))
    run(many, [{"key": 1, "to": NAME}, {"key": 77, "to": NAME}])
    assert {(s.primary_key, s.outcome) for s in recording.storage} == {
        ('{"id": 1}', "unknown"),
        ('{"id": 77}', "unknown"),
    }


def test_deletes(recording, run):
    run(users.insert(), [{"id": n} for n in range(1, 9)])
    run(users.delete().where(users.c.id == 2))
    assert recording.rows == [("delete", "users", None, '{"id": 2}', "committed")]
    run(users.delete().where(users.c.id > 5))
    assert [(s.primary_key, s.row_count) for s in recording.storage] == [(None, 3)]
    run(users.delete().where(users.c.id == 77))
    assert [(s.primary_key, s.row_count) for s in recording.storage] == [(None, 0)]
    run(users.delete().where(users.c.id == sa.bindparam("key")), [{"key": 1}, {"key": 3}])
    assert [s.primary_key for s in recording.storage] == ['{"id": 1}', '{"id": 3}']
    run(users.delete().where(users.c.id.in_([4, 5])))
    assert [s.primary_key for s in recording.storage] == ['{"id": 4}', '{"id": 5}']
    run(users.insert(), [{"id": 4}, {"id": 5}, {"id": 6}])
    run(users.update().where(users.c.id.in_([4, 5])).values(name=NAME))
    assert [(s.column_name, s.primary_key) for s in recording.storage] == [
        ("name", '{"id": 4}'),
        ("name", '{"id": 5}'),
    ]
    run(users.delete().where(users.c.id.in_([6, 77])))
    assert [(s.primary_key, s.row_count) for s in recording.storage] == [(None, 1)]
    run(users.delete())
    assert [(s.primary_key, s.row_count) for s in recording.storage] == [(None, 2)]


def test_insert_from_select(recording, run):
    run(users.insert(), [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}])
    run(notes.insert().from_select(["user_id", "note"], sa.select(users.c.id, sa.literal(NAME))))
    assert [(s.table_name, s.column_name, s.row_count) for s in recording.storage] == [("notes", "note", 2)]
    run(notes.insert().from_select(["user_id", "note"], sa.select(users.c.id, users.c.name)))
    assert [(s.column_name, s.row_count, s.inspected) for s in recording.storage] == [(None, 2, "none")]


def test_upserts(recording, kind, run):
    run(users.insert(), {"id": 1, "mail": "old@else.org", "name": "old"})
    if kind == "mariadb":
        from sqlalchemy.dialects.mysql import insert

        upsert = insert(users).values(id=1, mail=MAIL).on_duplicate_key_update(name=NAME)
        skip = insert(users).values(id=1, mail=MAIL).prefix_with("IGNORE")
    else:
        if kind == "sqlite":
            from sqlalchemy.dialects.sqlite import insert
        else:
            from sqlalchemy.dialects.postgresql import insert
        upsert = insert(users).values(id=1, mail=MAIL).on_conflict_do_update(index_elements=["id"], set_={"name": NAME})
        skip = insert(users).values(id=1, mail=MAIL).on_conflict_do_nothing()
    run(upsert)
    # only MySQL and MariaDB tell that the row was there: else its name may not have been set, and its address be new
    outcome = "committed" if kind == "mariadb" else "unknown"
    assert ("insert", "users", "name", '{"id": 1}', outcome) in recording.rows
    assert (("insert", "users", "email", '{"id": 1}', "unknown") in recording.rows) == (kind != "mariadb")
    run(skip)
    assert [(s.column_name, s.row_count) for s in recording.storage] == [(None, 0)]


def test_writing_ctes(recording, kind, run):
    if kind != "postgresql":
        pytest.skip("only PostgreSQL writes in a CTE")
    made = users.insert().values(mail=MAIL, name="x").returning(users.c.id).cte("made")
    run(notes.insert().from_select(["user_id", "note"], sa.select(made.c.id, sa.literal(NAME))))
    assert {(s.table_name, s.column_name) for s in recording.storage} == {("users", "email"), ("notes", "note")}
    gone = notes.delete().returning(notes.c.note).cte("gone")
    run(sa.select(gone))
    assert [(s.operation, s.table_name, s.row_count) for s in recording.storage] == [("delete", "notes", -1)]


def test_updates_of_several_tables(recording, kind, run):
    if kind != "mariadb":
        pytest.skip("only MySQL and MariaDB update several tables at once")
    run(users.insert(), {"id": 1})
    run(notes.insert(), {"user_id": 1})
    run(users.update().where(users.c.id == notes.c.user_id).values({users.c.name: NAME, notes.c.note: MAIL}))
    assert {(s.table_name, s.column_name) for s in recording.storage} == {("users", "name"), ("notes", "note")}


def test_returning_is_left_to_the_application(recording, connection, kind, run):
    if kind == "mariadb" or (kind == "sqlite" and sa.__version__.startswith("1.4")):
        pytest.skip("no RETURNING")
    with recording.request(email=MAIL, name=NAME):
        statement = users.insert().values(mail=MAIL).returning(users.c.id, users.c.mail)
        assert connection.execute(statement).fetchall() == [(1, MAIL)]
        statement = users.update().where(users.c.mail == MAIL).values(name=NAME).returning(users.c.name)
        assert connection.execute(statement).fetchall() == [(NAME,)]
        connection.commit()
    assert {(s.operation, s.column_name) for s in recording.storage} == {("insert", "email"), ("update", "name")}


def test_schemas_are_named(recording, engine, kind):
    if kind != "postgresql":
        pytest.skip("schemas of PostgreSQL")
    table = sa.Table("thing", sa.MetaData(schema="elsewhere"), sa.Column("name", sa.String(50)))
    translated = sa.Table("thing", sa.MetaData(schema="tenant"), sa.Column("name", sa.String(50)))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS elsewhere")
        table.drop(connection, checkfirst=True)
        table.create(connection)
    with recording.request(name=NAME), engine.begin() as connection:
        connection.execute(table.insert(), {"name": NAME})
        translating = connection.execution_options(schema_translate_map={"tenant": "elsewhere"})
        translating.execute(translated.insert(), {"name": NAME})
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA elsewhere CASCADE")
    assert {s.table_name for s in recording.storage} == {"elsewhere.thing"}


def test_hooking_twice_records_once(recording, run):
    install(BOUNDARY)
    BOUNDARY.hook()
    run(users.insert().values(mail=MAIL))
    assert len(recording.storage) == 1
