"""What the record tells of an error: enough to find it, and no text of anyone's."""

from __future__ import annotations

import re
import sqlite3
from contextlib import ExitStack

import flask
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otel_provenance.boundaries.flask.errors import WORDS, error_text
from otel_provenance.identifiers import IdSequence, new_request_id
from otel_provenance.tags import TagSet
from tests.storage import databases

PERSON = ["Zinnia Hartwell", "219-09-9999", "gouty arthritis"]


def raised(recording, error, path="/", **request):
    """The recorded error of a view that raises; ``error`` is made, or raised, within the view."""

    def view():
        raise error()

    app = flask.Flask("clinic")
    app.add_url_rule("/", "view", view, methods=["POST"])
    app.test_client().post(path, **request)
    return recording.request.error


def test_a_short_value_inside_a_longer_one_leaves_nothing_readable(recording):
    said = raised(
        recording,
        lambda: RuntimeError("boom for " + flask.request.json["who"]),
        "/?of=boom",
        json={"who": "Basil Boomer"},
    )
    assert said == "RuntimeError: xxxx for Xxxxx Xxxxxx"


@pytest.mark.parametrize(
    "quote",
    [
        lambda text: f"cannot read {text!r}",
        lambda text: f"value is too long: {text[:12]}...{text[-12:]}",
        lambda text: f"Input should be valid\n  [input_value='{text[:20]}...', input_type=str]",
    ],
)
def test_what_is_escaped_or_shortened_is_not_readable(recording, quote):
    text = "4 Foxglove Row\r\nTintagel, with my sister Isolde Marchbanks"
    said = raised(recording, lambda: ValueError(quote(flask.request.form["addr"])), data={"addr": text})
    assert said.startswith("ValueError: ")
    assert not readable(said) & set(re.findall(r"[a-z]{3,}", text.lower()))


def test_what_an_earlier_request_stored_is_not_readable_either(recording):
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE patient (name TEXT UNIQUE)")
        connection.exec_driver_sql(
            "CREATE TRIGGER told BEFORE UPDATE ON patient BEGIN SELECT RAISE(ABORT, 'new row violates Zinnia'); END"
        )
        connection.exec_driver_sql("INSERT INTO patient VALUES ('Zinnia Hartwell')")

    def write():
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE patient SET name = 'x'")

    said = raised(recording, write)
    assert said.startswith("IntegrityError")
    assert said.endswith("new row violates Xxxxxx")


def test_a_constraint_is_told_by_name(recording):
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE patient (name TEXT UNIQUE)")

    def write():
        for _ in range(2):
            with engine.begin() as connection:
                connection.execute(sa.text("INSERT INTO patient VALUES (:name)"), dict(flask.request.form))

    said = raised(recording, write, data={"name": PERSON[0]})
    assert "patient.name" in said
    assert said.endswith("UNIQUE constraint failed: xxxxxxx.xxxx")


@pytest.fixture(scope="module")
def postgresql():
    with ExitStack() as stack:
        yield databases.postgresql(stack)


@pytest.mark.server
@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_the_failing_row_of_a_check_is_not_readable(recording, postgresql, driver):
    server = postgresql
    url = sa.URL.create(
        f"postgresql+{driver}", server.user, server.password or None, server.host, server.port, "postgres"
    )
    engine = sa.create_engine(url, poolclass=sa.StaticPool)  # one connection: the table is temporary

    @recording.app.post("/new")
    def new():
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO patient VALUES (:name, :ssn, :diagnosis, 80)"), flask.request.json)
        return "ok"

    def weigh():
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE patient SET weight = :weight"), flask.request.json)

    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "CREATE TEMPORARY TABLE patient (name TEXT, ssn TEXT, diagnosis TEXT, weight INT CHECK (weight < 300))"
            )
        )
    recording.app.test_client().post("/new", json=dict(zip(["name", "ssn", "diagnosis"], PERSON, strict=True)))
    recording.exporter.spans.clear()
    said = raised(recording, weigh, json={"weight": 999})
    engine.dispose()

    assert said.startswith(
        "IntegrityError (CheckViolation, 23514, patient, patient_weight_check): new row for relation"
    )
    assert not any(text in said for text in (*PERSON, "Zinnia", "gouty", "999"))
    assert not any("Zinnia" in str(span.attributes) for span in recording.exporter.spans)


def test_what_the_code_itself_names_is_told(recording):
    def attribute():
        return None.email_address

    assert raised(recording, attribute).startswith("AttributeError (NoneType.email_address): ")


def test_a_missing_key_is_told_where_the_code_has_it_and_not_where_it_came_in(recording):
    found = {}

    @recording.app.get("/of/<name>")
    def by_name(name):
        return found[name]

    client = recording.app.test_client()
    client.get("/of/zinnia")
    assert recording.request.error == "KeyError: 'xxxxxx'"
    recording.exporter.spans.clear()
    assert raised(recording, lambda: found["email"]) == "KeyError (email): 'xxxxx'"


def test_a_file_that_is_missing_is_told_by_its_code(recording):
    said = raised(recording, lambda: open("/tmp/for/zinnia/hartwell"))  # noqa: SIM115
    assert said == "FileNotFoundError (ENOENT): No such file or directory"


def test_an_error_without_a_text_of_its_own_is_told_by_its_type(recording):
    class Speechless(Exception):
        def __str__(self):
            raise RuntimeError

    from otel_provenance import guard

    guard.strict = False
    assert raised(recording, Speechless) == "Speechless"


def readable(said):
    """Words of what was said, but for shapes."""
    return {word for word in re.findall(r"[^\W\d_]{3,}", said.casefold()) if set(word) != {"x"}}


ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
WORDY = st.lists(st.sampled_from(sorted(WORDS)) | ANY, max_size=6).map(" ".join)
QUOTES = [
    repr,
    ascii,
    "'{}'".format,
    '"{}"'.format,
    "“{}”".format,
    "({})".format,
    "[{}]".format,
    "<{}>".format,
    ": {}".format,
    "\nDETAIL:  Failing row contains ({}, 17).".format,
    "={}".format,
]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(WORDY, max_size=4), WORDY, st.sampled_from(QUOTES), ANY)
def test_no_word_that_came_in_or_is_quoted_is_readable(entered, other, quote, between):
    tags = TagSet(IdSequence(new_request_id()), b"a salt")
    for at, value in enumerate(entered):
        tags.add("form", str(at), value)
    said = error_text(LookupError(f"value {between} {' '.join(entered)}"), tags.tags)
    came_in = {word for tag in tags.tags for word in re.findall(r"[^\W\d_]{3,}", tag.normal)}
    assert not readable(said) & came_in - {"lookuperror"}

    said = error_text(LookupError(f"no such row {quote(other)}{between}"), [])
    assert readable(said) <= {"lookuperror", "such", "row"}
    assert readable(error_text(sqlite3.IntegrityError(f"failed {quote(other)}"), [])) <= {"integrityerror", "failed"}


@given(ANY, ANY)
def test_every_plain_word_is_one_of_the_list(text, more):
    said = error_text(LookupError(f"{text} {more}"), [])
    assert readable(said) <= {"lookuperror", *map(str.lower, WORDS)}
