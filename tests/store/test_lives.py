"""The life of a value through real processes: stored by one, sent and stored again by others."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.lives import PAIRS, live, score_of, score_of_pair


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """The record after a web process, a nightly job, and another one."""
    with closing(live(tmp_path_factory.mktemp("lives"), PAIRS[0])) as connection:
        yield connection


def test_flows_across_processes_are_told_and_no_others(record: sqlite3.Connection) -> None:
    score = score_of(record)
    assert score.recall >= 0.97, score.failures
    assert score.precision >= 0.99, score.failures


@pytest.mark.slow
def test_flows_of_people_who_are_alike_are_told_apart(tmp_path: Path, record: sqlite3.Connection) -> None:
    score = score_of(record)
    for number, pair in enumerate(PAIRS[1:]):
        folder = tmp_path / str(number)
        folder.mkdir()
        score += score_of_pair(folder, pair)
    assert score.right + score.missed > 100
    assert score.recall >= 0.97, score.failures
    assert score.precision >= 0.99, score.failures


def test_the_chain_goes_through_the_writes_that_carried_it(record: sqlite3.Connection) -> None:
    vias = record.execute(
        "SELECT v.table_name, v.column_name FROM share_events s JOIN tag_matches m USING (event_id)"
        " JOIN storage_events v ON v.event_id = m.via_event_id WHERE s.url LIKE '%/newsletter-0'"
    ).fetchall()
    assert ("newsletter", "recipient") in vias
    onward = record.execute(
        "SELECT DISTINCT v.table_name FROM storage_events s JOIN tag_matches m USING (event_id)"
        " JOIN storage_events v ON v.event_id = m.via_event_id WHERE s.table_name = 'newsletter'"
    ).fetchall()
    assert ("users",) in onward
    assert record.execute("SELECT count(*) FROM losses").fetchone() == (0,)
