"""The worked example of docs/how-to/add-a-boundary.md: a boundary of someone else's, registered and by entry point."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from egress.sharing import FORM, Kept, Sharing
from processes import clean_environment

from otel_provenance import guard, register_boundary, status
from otel_provenance.boundaries.base import unwrap_all
from otel_provenance.settings import Settings
from otel_provenance.spans import runtime as runtimes

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture
def sharing(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.setattr(guard, "strict", True)
    kept = Kept()
    former = runtimes.replace(runtimes.Runtime(Settings(hash_salt="a salt for tests"), lambda *_: kept))
    from postbox_provenance import BOUNDARY

    from otel_provenance.boundaries.base import install
    from otel_provenance.boundaries.flask import BOUNDARY as FLASK

    status.hooked.clear()
    install(FLASK)
    register_boundary(BOUNDARY)
    import postbox

    postbox._boxes.clear()
    yield Sharing(kept, None)
    runtimes.replace(former)
    unwrap_all()


def letter():
    return {"to": FORM["email"], "text": f"Dear {FORM['name']}, welcome!"}


def test_a_registered_sink_is_matched(sharing):
    import postbox

    assert sharing.serve(lambda: postbox.Postbox("north").drop(letter(), express=True)) == 1
    share = sharing.share.share
    assert (share.channel, share.library, share.host, share.outcome) == ("post", "postbox", "north", "sent")
    assert sharing.matched() == {("email", "recipient"), ("name", "body")}
    assert status.hooked["postbox"] == "standard library"  # no distribution is installed: no version to show


def test_a_failure_of_the_library_is_the_hosts_own_and_recorded(sharing):
    import postbox

    with pytest.raises(postbox.BoxIsFull):
        sharing.serve(lambda: postbox.Postbox("north", room=0).drop(letter=letter()))
    assert sharing.share.share.outcome == "failed"


def test_a_registered_source_makes_tags(sharing):
    import postbox

    postbox.Postbox("south").drop({"from": "grace.hopper@example.com"})

    def view():
        found = postbox.Postbox("south").pick_up()
        postbox.Postbox("north").drop({"to": found["from"]})

    sharing.serve(view)
    (tag,) = [tag for facts in sharing.facts for tag in facts.tags if tag.source == "letter"]
    assert tag.field == "from"
    assert [match.tag_id for match in sharing.shares[-1].matches] == [tag.tag_id]


def test_a_fault_in_the_boundary_harms_nothing(sharing, monkeypatch):
    import postbox

    monkeypatch.setattr(guard, "strict", False)
    box = postbox.Postbox("north")
    assert sharing.serve(lambda: (box.drop(letter={}), box.drop(letter={"to": object()}), box.pick_up())[0]) == 1


APP = """
import flask, postbox
app = flask.Flask("shop")

@app.post("/")
def view():
    postbox.Postbox("north").drop({"to": flask.request.form["email"]})
    return "ok"

assert app.test_client().post("/", data={"email": "ada.lovelace@example.com"}).data == b"ok"
"""


@pytest.mark.parametrize("disabled", [False, True])
def test_by_entry_point_nothing_has_to_be_said(tmp_path, disabled):
    """As pip leaves it: two modules, and the metadata of a distribution."""
    site = tmp_path / "site"
    metadata = site / "postbox_provenance-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: postbox-provenance\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[otel_provenance_boundary]\npostbox = postbox_provenance:BOUNDARY\n")
    for module in ("postbox.py", "postbox_provenance.py"):
        (site / module).write_text((HERE / module).read_text())
    environment = clean_environment(PYTHONPATH=f"{ROOT}:{site}", PROVENANCE_DISABLE="1" if disabled else "")

    subprocess.run([sys.executable, "-c", APP], cwd=tmp_path, env=environment, check=True, timeout=60)

    record = tmp_path / "runtime_provenance.db"
    assert record.exists() is not disabled
    if not disabled:
        with sqlite3.connect(record) as connection:
            query = "SELECT channel, host, location, kind FROM share_events JOIN tag_matches USING (event_id)"
            assert connection.execute(query).fetchall() == [("post", "north", "recipient", "exact")]


def test_the_page_shows_the_example_as_it_is():
    page = (ROOT / "docs" / "how-to" / "add-a-boundary.md").read_text()
    shown = re.search(r"```python\n(\"\"\"Postbox: .*?)```", page, re.DOTALL)
    assert shown is not None
    assert shown[1] == (HERE / "postbox_provenance.py").read_text()
