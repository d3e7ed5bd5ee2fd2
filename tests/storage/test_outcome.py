"""Whether what was written stayed: commits, rollbacks, savepoints, and what happens in between."""

from __future__ import annotations

import gc

import pytest
import sqlalchemy as sa
from processes import wait_until
from sqlalchemy.orm import Session

from otel_provenance import status
from tests.storage.reading import assert_record_is_true

NAME = "Ada Lovelace"
metadata = sa.MetaData()
people = sa.Table(
    "folks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(100)),
    mysql_engine="InnoDB",
)


@pytest.fixture
def engine(engine):
    metadata.create_all(engine)
    return engine


@pytest.fixture
def outcomes(recording, engine):
    """The outcomes so far, by the row's key; the record must be true at each look."""

    def look():
        assert_record_is_true(recording, engine, {"name": NAME})
        found = {}
        for event in recording.storage:
            found[int(event.primary_key.strip('{}"id: '))] = event.outcome
        return found

    return look


def insert(connection, *ids):
    for n in ids:
        connection.execute(people.insert(), {"id": n, "name": NAME})


def insert_and_fail(connection, *ids):
    insert(connection, *ids)
    raise ZeroDivisionError


@pytest.fixture
def request_(recording):
    with recording.request(name=NAME):
        yield


pytestmark = pytest.mark.usefixtures("request_")


def test_commit_rollback_and_close(engine, outcomes):
    with engine.connect() as connection:
        insert(connection, 1)
        connection.commit()
        insert(connection, 2)
        connection.rollback()
        insert(connection, 3)
    assert outcomes() == {1: "committed", 2: "rolled_back", 3: "rolled_back"}


def test_nothing_is_told_before_the_outcome_is_known(recording, engine):
    with engine.begin() as connection:
        insert(connection, 1)
        assert recording.storage == []
    assert [s.outcome for s in recording.storage] == ["committed"]


def test_an_error_in_the_block_rolls_back(engine, outcomes):
    with pytest.raises(ZeroDivisionError), engine.begin() as connection:
        insert_and_fail(connection, 1)
    assert outcomes() == {1: "rolled_back"}


def test_savepoints(engine, outcomes):
    with engine.connect() as connection:
        insert(connection, 1)
        first = connection.begin_nested()
        insert(connection, 2)
        second = connection.begin_nested()
        insert(connection, 3)
        second.rollback()
        third = connection.begin_nested()
        insert(connection, 4)
        third.commit()
        insert(connection, 5)
        first.rollback()
        insert(connection, 6)
        connection.commit()
    rolled_back = dict.fromkeys((2, 3, 4, 5), "rolled_back")
    assert outcomes() == {1: "committed", **rolled_back, 6: "committed"}


def test_a_savepoint_that_comes_first(engine, outcomes):
    # SQLite's driver opens no transaction for a savepoint: releasing it commits, and a rollback finds nothing
    with engine.connect() as connection:
        with connection.begin_nested():
            insert(connection, 1)
        connection.rollback()
    assert outcomes()[1] in ("committed", "rolled_back")


def test_autocommit(engine, outcomes):
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        insert(connection, 1)
        connection.rollback()
    assert outcomes() == {1: "committed"}


@pytest.mark.skipif(not sa.__version__.startswith("1.4"), reason="SQLAlchemy 2 begins a transaction for all")
def test_many_that_fail_outside_a_transaction_are_undone_before_the_next(url, outcomes):
    legacy = sa.create_engine(url)
    with legacy.connect() as connection:
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(people.insert(), [{"id": n, "name": NAME} for n in (1, 2, 1)])
        insert(connection, 3)
    legacy.dispose()
    found = outcomes()
    assert found.pop(3) == "committed"
    assert set(found) == {1, 2}
    assert set(found.values()) == {"rolled_back"}


def test_an_autocommit_that_the_driver_was_told_of(recording, url, kind, engine, outcomes):
    arguments = {"isolation_level": None} if kind == "sqlite" else {"autocommit": True}
    if kind == "postgresql":
        arguments = {}
    silent = sa.create_engine(url, connect_args=arguments, future=True)
    if kind == "postgresql":
        sa.event.listen(silent, "connect", lambda dbapi, _: setattr(dbapi, "autocommit", True))
    with silent.connect() as connection:
        insert(connection, 1)
        connection.rollback()
    silent.dispose()
    assert outcomes() == {1: "committed"}


def test_transactions_by_sql_text(kind, url, engine, outcomes):
    if kind == "sqlite":
        engine = sa.create_engine(url, connect_args={"isolation_level": None}, future=True)
    with engine.connect() as connection:
        execute = connection.exec_driver_sql
        if kind == "sqlite":
            execute("BEGIN IMMEDIATE")
        insert(connection, 1)
        execute("SAVEPOINT here")
        insert(connection, 2)
        execute("ROLLBACK TO SAVEPOINT here")
        insert(connection, 3)
        execute("RELEASE SAVEPOINT here")
        execute("COMMIT")
        if kind != "mariadb":
            execute("BEGIN")
        insert(connection, 4)
        execute("ROLLBACK")
    assert outcomes() == {1: "committed", 2: "rolled_back", 3: "committed", 4: "rolled_back"}


def test_ddl_that_commits(kind, engine, outcomes):
    with engine.connect() as connection:
        insert(connection, 1)
        sa.Table("extra", sa.MetaData(), sa.Column("x", sa.Integer)).create(connection)
        connection.rollback()
    assert outcomes() == {1: "committed" if kind == "mariadb" else "rolled_back"}


def test_a_commit_of_an_aborted_transaction_is_a_rollback(kind, engine, outcomes):
    with engine.connect() as connection:
        insert(connection, 1)
        with pytest.raises(sa.exc.DBAPIError):
            connection.exec_driver_sql("SELECT nothing FROM nowhere")
        connection.commit()
    assert outcomes() == {1: "rolled_back" if kind == "postgresql" else "committed"}


def test_a_commit_that_fails(kind, engine, outcomes, monkeypatch):
    with engine.connect() as connection:
        insert(connection, 1)
        with monkeypatch.context() as patch:
            patch.setattr(engine.dialect, "do_commit", broken(sa.exc.OperationalError("COMMIT", {}, Exception())))
            with pytest.raises(sa.exc.OperationalError):
                connection.commit()
    assert outcomes() == {1: "rolled_back"}


def test_a_commit_that_the_database_refuses(kind, engine, outcomes):
    if kind != "postgresql":
        pytest.skip("deferred constraints of PostgreSQL")
    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE folks ADD UNIQUE (name) DEFERRABLE INITIALLY DEFERRED")
        connection.commit()
        insert(connection, 1, 2)
        with pytest.raises(sa.exc.IntegrityError):
            connection.commit()
        connection.rollback()
        insert(connection, 3)
        connection.commit()
    assert outcomes() == {1: "rolled_back", 2: "rolled_back", 3: "committed"}


def broken(error):
    def call(*args, **kwargs):
        raise error

    return call


def kill(kind, connection, killer):
    """The server ends a connection's session; wait until the driver has noticed."""
    if kind == "postgresql":
        own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        killer.exec_driver_sql(f"SELECT pg_terminate_backend({own}, 5000)")
    else:
        own = connection.exec_driver_sql("SELECT connection_id()").scalar()
        killer.exec_driver_sql(f"KILL {own}")
        gone = f"SELECT count(*) FROM information_schema.processlist WHERE id = {own}"
        wait_until(lambda: killer.exec_driver_sql(gone).scalar() == 0, "the connection is gone")


@pytest.mark.parametrize("dies_in", ["a query", "its commit"])
def test_a_connection_that_dies(recording, kind, engine, dies_in):
    if kind == "sqlite":
        pytest.skip("SQLite has no server to lose")
    with engine.connect() as connection, engine.connect() as killer:
        insert(connection, 1)
        kill(kind, connection, killer)
        with pytest.raises(sa.exc.DBAPIError):
            connection.commit() if dies_in == "its commit" else connection.exec_driver_sql("SELECT 1")
        connection.rollback()
    # a transaction ends with its connection; whether a commit came first, only the server knows
    assert [s.outcome for s in recording.storage] == ["unknown" if dies_in == "its commit" else "rolled_back"]


def test_a_connection_that_is_dropped(engine, outcomes):
    connection = engine.connect()
    insert(connection, 1)
    del connection
    gc.collect()
    assert outcomes() == {1: "rolled_back"}


def test_sessions(engine, outcomes):
    with Session(engine, future=True) as session:
        insert(session, 1)
        session.commit()
        insert(session, 2)
        with session.begin_nested():
            insert(session, 3)
        nested = session.begin_nested()
        insert(session, 4)
        nested.rollback()
        session.commit()
        insert(session, 5)
        session.rollback()
        insert(session, 6)
    committed = dict.fromkeys((1, 2, 3), "committed")
    assert outcomes() == {**committed, 4: "rolled_back", 5: "rolled_back", 6: "rolled_back"}


def test_a_session_inside_an_outer_transaction(kind, engine, outcomes):
    with engine.connect() as connection:
        outer = connection.begin()
        options = {} if sa.__version__.startswith("1.4") else {"join_transaction_mode": "create_savepoint"}
        with Session(connection, future=True, **options) as session:
            insert(session, 1)
            session.commit()
        outer.rollback()
    # SQLite's driver has no transaction around the savepoint: the session's commit is one
    assert outcomes() == {
        1: "committed" if kind == "sqlite" and not sa.__version__.startswith("1.4") else "rolled_back"
    }


def test_many_executions_of_which_one_fails(recording, kind, engine, outcomes):
    # what ran before the error stays in the transaction, where the database works row by row
    with engine.connect() as connection:
        insert(connection, 5)
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(people.insert(), [{"id": n, "name": NAME} for n in (1, 2, 5, 6)])
        if kind != "postgresql":
            connection.commit()
        else:
            connection.rollback()
    outcomes()
    found = {(s.primary_key, s.outcome) for s in recording.storage}
    expected = ("rolled_back", "rolled_back") if kind == "postgresql" else ("committed", "unknown")
    assert {('{"id": 5}', expected[0]), ('{"id": 1}', expected[1])} <= found


def test_a_transaction_without_end_is_bounded(recording, engine, monkeypatch):
    monkeypatch.setattr("otel_provenance.spans.ledger.MOST_RECORDS", 10)
    monkeypatch.setattr("otel_provenance.spans.ledger.MOST_LEAVES", 0)
    with engine.connect() as connection:
        insert(connection, *range(1, 8))
        assert {s.outcome for s in recording.storage} == {"unknown"}
        insert(connection, 8)
        connection.commit()
    assert [s.outcome for s in recording.storage][-1] == "committed"
    assert ("transaction_limit", "outcome") in status.take_losses()
