"""The salt and its file."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from otel_provenance.keys import existing_salt, key_file, key_id, salt_of


def test_a_salt_of_the_environment_makes_no_file(tmp_path):
    assert salt_of("pepper", str(tmp_path / "record.db")) == b"pepper"
    assert list(tmp_path.iterdir()) == []


def test_a_random_salt_is_made_once_with_mode_0600(tmp_path):
    path = str(tmp_path / "record.db")
    with pytest.raises(FileNotFoundError):
        existing_salt(None, path)
    salt = salt_of(None, path)
    assert len(salt) == 32
    assert salt_of(None, path) == existing_salt(None, path) == salt
    assert os.stat(key_file(path)).st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["record.db.key"]


def _make(path, barrier, queue):
    barrier.wait(10)
    queue.put(salt_of(None, path))


def test_of_many_first_processes_one_makes_it(tmp_path):
    context = multiprocessing.get_context("fork")
    barrier, queue = context.Barrier(8), context.Queue()
    path = str(tmp_path / "record.db")
    processes = [context.Process(target=_make, args=(path, barrier, queue)) for _ in range(8)]
    for process in processes:
        process.start()
    salts = {queue.get(timeout=20) for _ in processes}
    for process in processes:
        process.join(10)
    assert len(salts) == 1
    assert os.listdir(tmp_path) == ["record.db.key"]


@pytest.mark.parametrize("damage", ["", "zz", "00ff"])
def test_a_damaged_file_is_told(tmp_path, damage):
    path = str(tmp_path / "record.db")
    (tmp_path / "record.db.key").write_text(damage)
    with pytest.raises(ValueError, match=r"record\.db\.key is not a key file"):
        salt_of(None, path)


def test_the_fingerprint_is_not_the_salt():
    assert len(key_id(b"pepper")) == 16
    assert key_id(b"pepper") != key_id(b"salt")
