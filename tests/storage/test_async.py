"""What AsyncSession and AsyncConnection write."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from tests.storage.conftest import server_url
from tests.storage.shop import Base, Person

MAIL = "ada@example.com"
pytest.importorskip("greenlet")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def async_url(request, tmp_path):
    if request.param == "sqlite":
        pytest.importorskip("aiosqlite")
        return f"sqlite+aiosqlite:///{tmp_path}/shop.db"
    pytest.importorskip("asyncpg")
    return server_url(request.getfixturevalue("postgresql"), "postgresql+asyncpg")


async def write(recording, url):
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)

        async def serve(mail, *, commit):
            with recording.request(email=mail):
                async with AsyncSession(engine) as session:
                    session.add(Person(mail=mail))
                    await session.flush()
                    await asyncio.sleep(0)
                    await (session.commit() if commit else session.rollback())

        await serve(MAIL, commit=True)
        await serve(MAIL, commit=False)
        # two requests at once: each row is its own request's
        await asyncio.gather(serve("first@example.com", commit=True), serve("second@example.com", commit=True))
        async with engine.connect() as connection:
            with recording.request(email=MAIL):
                await connection.execute(sa.text("UPDATE people SET note = :m WHERE id = 1"), {"m": MAIL})
                await connection.commit()
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


def test_async_sessions(recording, async_url):
    asyncio.run(write(recording, async_url))
    told = [(s.operation, s.column_name, s.outcome) for s in recording.storage]
    assert told[:2] == [("insert", "email_address", "committed"), ("insert", "email_address", "rolled_back")]
    assert told[2:4] == [("insert", "email_address", "committed")] * 2
    assert told[4:] == [("update", "note", "committed")]
    requests = {f.request_id for f in recording.exporter.facts if f.storage}
    assert len(requests) == 5
