"""The reference names everything that there is: a new column, attribute or variable without a word fails here."""

from __future__ import annotations

import re
import sqlite3

import pytest
from environments import ROOT

from otel_provenance import attributes, tables
from otel_provenance.settings import VARIABLES

REFERENCE = ROOT / "docs" / "reference"


@pytest.mark.parametrize("page", ["README.md", "docs/reference/environment.md"])
def test_every_variable_is_in_its_table(page):
    named = set(re.findall(r"^\| `(PROVENANCE_\w+)`", (ROOT / page).read_text(), re.MULTILINE))
    assert named == set(VARIABLES)


def test_every_attribute_is_documented():
    text = (REFERENCE / "attributes.md").read_text()
    names = {*attributes._REQUEST.values(), *attributes._SHARE.values()}
    for arrays in (attributes._TAGS, attributes._STORAGE, attributes._MATCHES, attributes._LEAVES):
        names.update(arrays.names)
    missing = {name for name in names if f"`{name}`" not in text and f"`.{name.rpartition('.')[2]}`" not in text}
    assert missing == set()


def test_every_table_and_column_is_documented(tmp_path):
    tables.connect(str(tmp_path / "record.db")).close()
    connection = sqlite3.connect(tmp_path / "record.db")
    text = (REFERENCE / "tables.md").read_text()
    missing = []
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        if table.startswith("sqlite_"):
            continue
        section = re.search(rf"^## `{table}`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        missing += [(table, column) for column in columns if not section or f"`{column}`" not in section[1]]
    connection.close()
    assert missing == []


def test_every_link_between_pages_leads_somewhere():
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        (page.name, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []
