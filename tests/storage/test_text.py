"""What statements of SQL text write, through SQLAlchemy."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.storage.reading import assert_record_is_true
from tests.storage.shop import Base

MAIL, NAME = "ada@example.com", "Ada Lovelace"


@pytest.fixture
def connection(engine):
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def run(recording, connection):
    """Execute in a request that brings two values in, and commit."""

    def execute(statement, *args):
        recording.clear()
        with recording.request(email=MAIL, name=NAME):
            if isinstance(statement, str):
                connection.exec_driver_sql(statement, *args)
            else:
                connection.execute(statement, *args)
            connection.commit()

    return execute


def test_text_with_named_parameters(recording, engine, run):
    run(sa.text("INSERT INTO people (id, email_address, note) VALUES (:id, :mail, 'x')"), {"id": 1, "mail": MAIL})
    assert recording.rows == [("insert", "people", "email_address", '{"id": 1}', "committed")]
    rows = [{"id": 2, "mail": "b@else.org"}, {"id": 3, "mail": MAIL}]
    run(sa.text("INSERT INTO people (id, email_address) VALUES (:id, :mail)"), rows)
    assert [(s.column_name, s.primary_key, s.row_count) for s in recording.storage] == [
        ("email_address", '{"id": 3}', 1),
        (None, None, 1),
    ]
    run(sa.text("UPDATE people SET full_name = :name WHERE id = :id"), {"id": 2, "name": NAME})
    assert recording.rows == [("update", "people", "full_name", '{"id": 2}', "committed")]
    run(sa.text("UPDATE people SET full_name = :name WHERE id > :id"), {"id": 0, "name": NAME})
    assert [(s.column_name, s.primary_key, s.row_count) for s in recording.storage] == [("full_name", None, 3)]
    run(sa.text("DELETE FROM people WHERE id = :id"), {"id": 2})
    assert recording.rows == [("delete", "people", None, '{"id": 2}', "committed")]
    assert {s.db_system for s in recording.storage} == {engine.dialect.name}


def test_driver_sql_in_the_drivers_own_paramstyle(recording, engine, kind, run):
    one = "?" if kind == "sqlite" else "%s"
    named = ":mail" if kind == "sqlite" else "%(mail)s"
    run(f"INSERT INTO people (id, email_address) VALUES ({one}, {one})", (1, MAIL))
    run(f"INSERT INTO people (id, email_address) VALUES (2, {named})", {"mail": MAIL})
    assert recording.rows == [("insert", "people", "email_address", '{"id": 2}', "committed")]
    run(f"UPDATE people SET full_name = {one} WHERE id = {one}", [(NAME, 1), ("other", 2)])
    assert {r[2:4] for r in recording.rows} == {("full_name", '{"id": 1}'), (None, '{"id": 2}')}


def test_literals_in_the_statement(recording, engine, run):
    run(f"INSERT INTO people (id, email_address, full_name) VALUES (1, '{MAIL}', 'it''s'), (2, 'x', '{NAME}')")
    assert set(recording.rows) == {
        ("insert", "people", "email_address", '{"id": 1}', "committed"),
        ("insert", "people", "full_name", '{"id": 2}', "committed"),
    }
    assert_record_is_true(recording, engine, {"email": MAIL, "name": NAME})


def test_returning(recording, kind, run):
    if kind == "mariadb":
        pytest.skip("no UPDATE … RETURNING")
    run("INSERT INTO people (id) VALUES (1)")
    run(sa.text("UPDATE people SET full_name = :name WHERE id = 1 RETURNING id"), {"name": NAME})
    assert recording.rows == [("update", "people", "full_name", '{"id": 1}', "committed")]


def test_reads_are_not_writes(recording, run):
    run("SELECT * FROM people")
    run(sa.text("SELECT 'insert into people' WHERE 1 = :one"), {"one": 1})
    assert recording.storage == []


def test_what_cannot_be_read_is_told_as_not_inspected(recording, kind, run):
    if kind != "postgresql":
        pytest.skip("a TRUNCATE of PostgreSQL's")
    run("TRUNCATE people CASCADE")
    (event,) = recording.storage
    assert (event.operation, event.table_name, event.inspected, event.row_count) == ("delete", "people", "none", -1)
