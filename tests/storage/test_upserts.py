"""What an upsert is told to have written, where it may have updated the row that was there."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from tests.storage.conftest import server_url

MAIL, NAME, CITY = "ada@example.com", "Ada Lovelace", "Marylebone"
metadata = sa.MetaData()
contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("email", sa.String(100), primary_key=True),
    sa.Column("name", sa.String(100)),
    sa.Column("city", sa.String(100)),
)


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
