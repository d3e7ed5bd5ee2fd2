"""Waiting for a module: the import is what it was."""

from __future__ import annotations

import importlib
import importlib.util
import sys

import pytest

from otel_provenance import guard, imports
from otel_provenance.identifiers import IdSequence, new_request_id, short_prefix


@pytest.fixture
def module(tmp_path, monkeypatch):
    """The name of a module that can be imported once."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(guard, "faults", {})
    (tmp_path / "awaited.py").write_text("value = 1\n")
    yield "awaited"
    sys.modules.pop("awaited", None)
    imports._waiting.pop("awaited", None)


def test_the_callback_comes_after_the_module_is_whole(module):
    seen = []
    imports.when_imported(module, lambda: seen.append(sys.modules[module].value))
    awaited = importlib.import_module(module)
    assert seen == [1]
    assert type(awaited.__loader__).__name__ == type(awaited.__spec__.loader).__name__ == "SourceFileLoader"
    importlib.reload(awaited)
    assert seen == [1]


def test_a_module_that_is_there_already_is_not_waited_for(module):
    importlib.import_module(module)
    seen = []
    imports.when_imported(module, lambda: seen.append(1))
    assert seen == [1]
    assert module not in imports._waiting


def test_looking_for_it_is_not_importing_it(module):
    seen = []
    imports.when_imported(module, lambda: seen.append(1))
    spec = importlib.util.find_spec(module)
    assert spec.loader.get_filename(module).endswith("awaited.py")
    assert seen == []
    importlib.import_module(module)
    assert seen == [1]


def test_a_module_that_fails_fails_as_before(module, tmp_path):
    seen = []
    (tmp_path / "awaited.py").write_text("raise KeyError('x')\n")
    imports.when_imported(module, lambda: seen.append(1))
    with pytest.raises(KeyError, match="x"):
        importlib.import_module(module)
    (tmp_path / "awaited.py").write_text("value = 12\n")
    importlib.invalidate_caches()
    assert importlib.import_module(module).value == 12
    assert seen == [1]


def test_a_fault_of_the_callback_does_not_reach_the_import(module, monkeypatch):
    monkeypatch.setattr(guard, "strict", False)
    seen = []

    def fails():
        raise RuntimeError

    imports.when_imported(module, fails)
    imports.when_imported(module, lambda: seen.append(1))
    assert importlib.import_module(module).value == 1
    assert seen == [1]
    assert guard.faults == {("imports.awaited", "RuntimeError"): 1}


def test_an_absent_module_is_absent_as_before():
    imports.when_imported("awaited_in_vain", lambda: None)
    with pytest.raises(ModuleNotFoundError, match="awaited_in_vain"):
        importlib.import_module("awaited_in_vain")
    imports._waiting.pop("awaited_in_vain")


def test_ids_are_ordered_by_time_and_unique():
    ids = [new_request_id() for _ in range(2000)]
    assert len(set(ids)) == len({short_prefix(one) for one in ids}) == 2000
    assert [one[:13] for one in ids] == sorted(one[:13] for one in ids)
    assert all(len(short_prefix(one)) == 20 for one in ids)
    assert [short_prefix(one)[:9] for one in ids] == sorted(short_prefix(one)[:9] for one in ids)
    sequence = IdSequence(ids[0])
    assert [sequence.new("t"), sequence.new("w")] == [f"{sequence.prefix}.t0", f"{sequence.prefix}.w1"]
