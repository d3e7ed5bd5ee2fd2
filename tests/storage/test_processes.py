"""Real processes: an application that had its engine before Flask was there, and one that activates by itself."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys

import pytest
from environments import ROOT
from processes import clean_environment

EARLY = """
from sqlalchemy import create_engine, Column, Integer, String
from sqlalchemy.orm import Session, declarative_base
{early}
engine = create_engine("sqlite:///shop.db")
connection = engine.connect()
Base = declarative_base()

class Person(Base):
    __tablename__ = "people"
    id = Column(Integer, primary_key=True)
    mail = Column(String(100))

Base.metadata.create_all(engine)
session = Session(engine)

import flask
{late}
app = flask.Flask(__name__)

@app.post("/")
def sign_up():
    session.add(Person(mail=flask.request.form["email"]))
    session.commit()
    return "welcome"

assert app.test_client().post("/", data={{"email": "ada@example.com"}}).data == b"welcome"
"""
FLASK_SQLALCHEMY = """
import flask
from flask_sqlalchemy import SQLAlchemy

app = flask.Flask(__name__, instance_path=__file__ + ".instance")
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
db = SQLAlchemy(app)

class Person(db.Model):
    __tablename__ = "people"
    id = db.Column(db.Integer, primary_key=True)
    mail = db.Column(db.String(100))

@app.post("/")
def sign_up():
    db.session.add(Person(mail=flask.request.form["email"]))
    db.session.commit()
    return "welcome"

with app.app_context():
    db.create_all()
assert app.test_client().post("/", data={"email": "ada@example.com"}).data == b"welcome"
"""
SQLITE3 = """
import sqlite3
import flask

app = flask.Flask(__name__)

@app.post("/")
def sign_up():
    with sqlite3.connect("shop.db") as connection:
        connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, mail TEXT)")
        connection.execute("INSERT INTO people (mail) VALUES (?)", (flask.request.form["email"],))
    return "welcome"

assert app.test_client().post("/", data={"email": "ada@example.com"}).data == b"welcome"
"""
BY_HAND = "import otel_provenance; otel_provenance.setup_sqlalchemy_instrumentation"


def run(folder, script, **variables):
    """The storage events with a match that a script leaves, as (table, column, outcome, kind, form field)."""
    (folder / "app.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=folder,
        env=clean_environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    record = folder / "runtime_provenance.db"
    if not record.exists():
        return None
    connection = sqlite3.connect(record)
    try:
        return connection.execute(
            "SELECT s.table_name, s.column_name, s.outcome, m.kind, d.field FROM storage_events s"
            " JOIN tag_matches m USING (event_id) JOIN data_events d USING (tag_id)"
        ).fetchall()
    finally:
        connection.close()


CHECKOUT = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "exporters")])}
STORED = [("people", "mail", "committed", "exact", "email")]


def test_an_engine_and_a_session_made_before_flask_was_imported(tmp_path):
    assert run(tmp_path, EARLY.format(early="", late=""), **CHECKOUT) == STORED


@pytest.mark.parametrize(
    ("early", "late"),
    [(f"{BY_HAND}()", ""), ("", f"{BY_HAND}(engine)"), ("", f"{BY_HAND}(engine=engine, session=session)")],
)
def test_setting_it_up_by_hand(tmp_path, early, late):
    script = f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'exporters')]!r}" + EARLY.format(
        early=early, late=late
    )
    assert run(tmp_path, script, PYTHONNOUSERSITE="1") == STORED


def test_setting_it_up_by_hand_while_disabled(tmp_path):
    script = EARLY.format(early=f"{BY_HAND}()", late=f"{BY_HAND}(engine, session='nonsense')")
    assert run(tmp_path, script, **CHECKOUT, PROVENANCE_DISABLE="1") is None


def test_flask_sqlalchemy(tmp_path):
    pytest.importorskip("flask_sqlalchemy")
    assert run(tmp_path, FLASK_SQLALCHEMY, **CHECKOUT) == STORED


def test_sqlite3_used_directly(tmp_path):
    assert run(tmp_path, SQLITE3, **CHECKOUT) == STORED
