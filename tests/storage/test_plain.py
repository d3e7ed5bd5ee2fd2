"""A plain INSERT has a way of its own through the hooks: its records are those of the way that all others go."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from otel_provenance.boundaries.sqlalchemy.plans import Plan
from tests.storage.shop import Base, Kinds, Label, Order, Person, Seat


def story(engine):
    with Session(engine, future=True) as session:
        person = Person(mail="ada@example.com", name="Ada Lovelace", orders=[Order(address="12 St James's Square")])
        session.add_all([person, *[Label(label=f"Lovelace {at}") for at in range(20)]])
        session.flush()
        session.execute(sa.insert(Label), [{"label": "Ada Lovelace"}, {"label": "nobody else"}])
        session.add(Kinds(secret="Ada Lovelace", token=uuid.UUID(int=7), prefs={"to": "ada@example.com"}))
        session.add(Seat(hall="Ada Lovelace", number=1))
        session.flush()
        session.execute(sa.insert(Order.__table__).values(address=sa.func.upper("ada@example.com")))
        session.execute(sa.insert(Order.__table__).values([{"address": "Ada Lovelace"}, {"address": "nowhere"}]))
        session.commit()


@pytest.mark.parametrize(
    "values", [{"email": "ada@example.com", "name": "Ada Lovelace"}, {"place": "12 St James's Square"}, {}]
)
def test_the_same_records_either_way(engine, recording, monkeypatch, values):
    told = []
    for is_plain in (True, False):
        if not is_plain:
            monkeypatch.setattr(Plan, "is_plain", property(lambda plan: False))
        Base.metadata.drop_all(engine)
        Base.metadata.create_all(engine)
        recording.clear()
        with recording.request(**values):
            story(engine)
        events = {record.event_id: at for at, record in enumerate(recording.storage)}
        records = [record._replace(event_id=events[record.event_id], occurred_at=0) for record in recording.storage]
        matches = [(events[match.event_id], *match[2:]) for match in recording.matches]
        leaves = [(events[leaf.event_id], *leaf[1:]) for facts in recording.exporter.facts for leaf in facts.leaves]
        told.append((records, matches, leaves))
    assert told[0] == told[1]
    assert len(told[0][0]) > 5
