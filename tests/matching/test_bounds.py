"""Hostile payloads stay within the bounds, and the result says what was left out."""

from __future__ import annotations

import base64
import gzip
import json
import tracemalloc

import pytest

from benchmarks.matching import hostile_payloads
from otel_provenance import matching
from otel_provenance.matching import TagIndex, match_tags
from otel_provenance.matching.batch import Batch
from otel_provenance.matching.budget import MOST_LAYERS, Budget
from otel_provenance.matching.sightings import Sightings
from otel_provenance.tags import make_tag

INDEX = TagIndex([make_tag("form", "name", "Grace Hopper", b"s", "t-1", 0)])


HOSTILE = hostile_payloads()


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_payloads_end(name):
    payload = HOSTILE[name]
    result = match_tags(payload, INDEX, with_leaves=True)
    assert result.matches == ()
    assert len(result.leaves) <= 256
    if result.inspected == "full":
        assert result.reason is None
    else:
        assert (result.inspected, result.reason) in {
            ("partial", reason)
            for reason in ("too_large", "too_deep", "too_many_leaves", "unknown_encoding", "timeout")
        }


def test_a_bomb_is_not_unpacked():
    bomb = gzip.compress(bytes(50_000_000) + b"Grace Hopper")
    result = match_tags(bomb, INDEX)
    assert (result.matches, result.inspected, result.reason) == ((), "partial", "too_large")


def test_what_exceeds_the_limit_is_left_out():
    result = match_tags("x" * 2000 + " Grace Hopper", INDEX, limit=1000)
    assert (result.matches, result.inspected, result.reason) == ((), "partial", "too_large")
    assert match_tags("Grace Hopper" + " x" * 2000, INDEX, limit=1000)


def test_layers_are_counted():
    text = "Grace Hopper"
    for _ in range(MOST_LAYERS):
        text = base64.b64encode(text.encode()).decode()
    (match,) = match_tags(text, INDEX)
    assert match.transform == ">".join(["base64"] * MOST_LAYERS)
    deeper = match_tags(base64.b64encode(text.encode()).decode(), INDEX)
    assert (deeper.matches, deeper.inspected, deeper.reason) == ((), "partial", "too_deep")


def test_deep_json():
    deep = "[" * 200_000 + '"Grace Hopper"' + "]" * 200_000
    result = match_tags(deep, INDEX)
    assert (result.inspected, result.reason) == ("partial", "too_deep")
    assert [m.tag_id for m in result] == ["t-1"]


def test_many_leaves():
    result = match_tags(["x"] * 150_000 + ["Grace Hopper"], INDEX, limit=10_000_000)
    assert result.inspected == "partial"
    assert result.reason in ("too_many_leaves", "timeout")


def test_long_json_is_read_piece_by_piece():
    rows = [{"n": at, "text": "some text that fills the row"} for at in range(6000)]
    rows[5990]["text"] = "Grace Hopper"
    text = json.dumps({"data": {"rows": rows}, "k\u00e9y\\": 1}, indent=1)
    assert [m.field for m in match_tags(text, INDEX, limit=10_000_000)] == ["data.rows.5990.text"]


@pytest.mark.parametrize("around", ["{}", '{{"rows": {}}}', '{{"a": {{"b": [{{"c": {}}}]}}}}'])
def test_every_piece_of_long_json_is_searched(around, monkeypatch):
    """A list that is read piece by piece is searched piece by piece too: the last one as well as the first."""
    monkeypatch.setattr(Budget, "expired", lambda budget: False)
    rows = [{"n": at} for at in range(20_000)]
    for at in range(0, 20_000, 1_999):
        rows[at] = {"at": at, "text": "Grace Hopper"}
    found = match_tags(around.format(json.dumps(rows)), INDEX, limit=10_000_000)
    assert (len(found), found.inspected) == (11, "full")


def test_names_that_are_no_values_are_not_kept(monkeypatch):
    """Of those that are, one piece of long JSON tells, not each."""
    monkeypatch.setattr(Budget, "expired", lambda budget: False)
    rows = [{f"key{at}": "some text", "grace@navy.example": at} for at in range(20_000)]
    tag = make_tag("form", "email", "grace@navy.example", b"s", "t-2", 0)
    kept = []
    clear = Batch.clear

    def counted(batch):
        clear(batch)
        kept.append(set(batch._names_known))

    monkeypatch.setattr(Batch, "clear", counted)
    (match,) = match_tags(json.dumps(rows), TagIndex([tag]), limit=10_000_000)
    assert match.field.endswith(".grace@navy.example")
    assert kept[-1] == {"grace@navy.example"}


def test_long_json_lines_are_read_piece_by_piece(monkeypatch):
    monkeypatch.setattr(Budget, "expired", lambda budget: False)
    lines = [json.dumps({"n": at, "text": "some text that fills the row"}) for at in range(6000)]
    lines[5990] = json.dumps({"text": "Grace Hopper"})
    found = match_tags("\n".join(lines), INDEX, limit=10_000_000)
    assert [m.field for m in found] == ["5990.text"]


def test_long_json_in_utf8_is_decoded_piece_by_piece(monkeypatch):
    """One emoji would make four bytes of each character of the whole."""
    monkeypatch.setattr(Budget, "expired", lambda budget: False)
    rows = [{"n\u00e4me": "some text that fills the row", "key\u00e9\\": at} for at in range(13_000)]
    rows[7_990] = {"n\u00e4me": "Grace Hopper"}
    data = json.dumps({"d\u00e4ta": rows, "z\U0001f600": [["\u00e9"], "Grace Hopper"]}, ensure_ascii=False).encode()
    fields = ["d\u00e4ta.7990.n\u00e4me", "z\U0001f600.1"]
    assert [(m.field, m.transform) for m in match_tags(data, INDEX)] == [(field, "json") for field in fields]
    tracemalloc.start()
    found = match_tags(data, INDEX, media_type="application/json; charset=utf-8")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(m.field, m.transform) for m in found] == [(field, "") for field in fields]
    assert peak < 4 * len(data)
    broken = data.replace(b"\xc3\xa9", b"\xe9")
    assert [m.transform for m in match_tags(broken, INDEX)][-2:] == ["cp1252>json"] * 2


def test_of_many_bytes_the_beginning_is_searched_for_strings():
    data = b"\0\1\2\3" * 100_000
    found = match_tags(b"\0\1\2 Grace Hopper" + data, INDEX)
    assert [m.transform for m in found] == ["binary"]
    assert (found.inspected, found.reason) == ("partial", "too_large")
    assert match_tags(b"\0\1\2 Grace Hopper" + data[:1000], INDEX).inspected == "full"


def test_a_large_text_is_searched_by_itself(monkeypatch):
    """Joined to one with other characters, each of its own would take four bytes."""
    batches = []
    look_through = matching._look_through

    def recorded(batch, *rest):
        batches.append(list(map(len, batch.texts)))
        return look_through(batch, *rest)

    monkeypatch.setattr(matching, "_look_through", recorded)
    match_tags({"a": "%F0%9F%98%80%20x", "b": "some words%20" * 10_000, "c": "%F0%9F%98%80%20y"}, INDEX)
    assert [110_000] in batches
    assert all(len(sizes) == 1 or max(sizes) < 110_000 for sizes in batches[1:])


def test_time_is_up():
    budget = Budget(1000, seconds=-1, size=100_000)
    assert budget.expired()
    assert budget.reason == "timeout"


@pytest.mark.parametrize("value", ["Anna Schmidt", "yes"])
def test_as_many_pairs_as_equal_values_are_never_looked_at(value, monkeypatch):
    """Three thousand equal values that go on would be nine million pairs."""
    asked = 0
    add, count_weak = Sightings.add, Sightings.count_weak

    def counted(method):
        def call(self, *arguments):
            nonlocal asked
            asked += 1
            return method(self, *arguments)

        return call

    monkeypatch.setattr(Sightings, "add", counted(add))
    monkeypatch.setattr(Sightings, "count_weak", counted(count_weak))
    index = TagIndex([make_tag("json", f"{at}.name", value, b"salt", f"t{at}", 0) for at in range(3_000)])
    found = match_tags([{"name": value}] * 3_000, index)
    assert asked < 250_000
    if value != "yes":  # each is where it was: told of as what it is
        assert {(match.tag_id, match.field) for match in found} == {(f"t{at}", f"{at}.name") for at in range(3_000)}
    named = {f"name{at}": value for at in range(3_000)}
    index = TagIndex([make_tag("json", name, value, b"salt", name, 0) for name in named])
    found = match_tags(named, index)
    assert asked < 500_000
    row = index.match_row([("name", value), ("other", 1)])[0]
    assert (row.inspected, row.reason, len(row)) == ("partial", "too_many_leaves", 64)
