"""Lines, tables and trees fit the terminal, whatever is in them."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance.cli.table import Column, table
from otel_provenance.cli.text import Terminal, line_width, render, safe, terminal_of, width, wrap
from otel_provenance.cli.tree import Node, tree

lines = st.lists(st.one_of(st.text(max_size=20), st.tuples(st.text(max_size=20), st.sampled_from(["dim", "bold red"]))))
PLAIN = Terminal(None, False, True)
COLOURS = Terminal(None, True, True)


def without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@given(st.text())
def test_nothing_that_steers_a_terminal_passes(text: str) -> None:
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", safe(text))


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])))
def test_all_else_is_left_as_it_is(text: str) -> None:
    assert safe(text) == text


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    assert [width("日本"), width("e\u0301"), width("abc")] == [4, 1, 3]


@given(lines, st.integers(1, 60))
def test_a_cut_line_fits_and_begins_as_the_whole_one(line: Any, most: int) -> None:
    cut, whole = render(line, PLAIN, most), render(line, PLAIN)
    assert width(cut) <= most
    assert cut == whole or (cut.endswith("…") and whole.startswith(cut[:-1]))
    assert without_colours(render(line, COLOURS, most)) == cut


@given(lines, st.integers(4, 60))
def test_a_wrapped_line_fits_and_loses_nothing_but_blanks(line: Any, most: int) -> None:
    wrapped = wrap(line, most)
    assert all(line_width(one) <= most for one in wrapped) or line_width(line) <= most
    assert "".join(render(one, PLAIN) for one in wrapped).replace(" ", "") == render(line, PLAIN).replace(" ", "")


rows = st.lists(st.lists(st.lists(st.text(max_size=30), max_size=2), min_size=3, max_size=3), min_size=1, max_size=5)


@given(rows, st.integers(30, 100))
def test_a_table_fits_the_terminal(cells: Any, columns_wide: int) -> None:
    columns: list[Column] = [
        Column("ONE", lambda row: [[text] for text in row[0]], least=5, drop=2),
        Column("TWO", lambda row: [[text] for text in row[1]], least=5, right=True, drop=1),
        Column("THREE", lambda row: [[text] for text in row[2]], least=5),
    ]
    shown = list(table(cells, columns, Terminal(columns_wide, False, True)))
    assert all(width(line) <= columns_wide for line in shown)
    whole = list(table(cells, columns, PLAIN))
    assert len(whole) == len(shown)
    for row in cells:
        for cell in row:
            for text in cell:
                assert any(safe(text).rstrip() in line for line in whole)


def test_the_least_needed_column_goes_first() -> None:
    columns: list[Column] = [
        Column("KEPT", lambda row: [[row]], least=10),
        Column("SECOND", lambda row: [[row]], least=10, drop=1),
        Column("FIRST", lambda row: [[row]], least=10, drop=2),
    ]
    titles = [next(iter(table(["x" * 30], columns, Terminal(wide, False, True)))) for wide in (34, 33, 21)]
    assert [title.split() for title in titles] == [["KEPT", "SECOND", "FIRST"], ["KEPT", "SECOND"], ["KEPT"]]


@given(lines, lines, st.integers(40, 100))
def test_a_tree_fits_the_terminal(above: Any, below: Any, columns_wide: int) -> None:
    node = Node(above, [Node(below, [Node(below)]), Node(below)])
    assert all(width(line) <= columns_wide for line in tree(node, Terminal(columns_wide, False, True)))


class Screen(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    assert terminal_of(Screen()).colours
    assert not terminal_of(Screen(), "never").colours
    assert not terminal_of(io.StringIO()).colours
    assert terminal_of(io.StringIO(), "always").colours
    monkeypatch.setenv("COLUMNS", "99")
    assert terminal_of(Screen()).width == 99
    assert terminal_of(io.StringIO()).width is None
    monkeypatch.setenv("TERM", "dumb")
    assert not terminal_of(Screen()).colours
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not terminal_of(Screen()).colours
    assert terminal_of(Screen(), "always").colours
