"""A value that a statement only compares with is not stored; one that it stores in an expression is."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy import case, func, literal, select

MAIL, NAME = "ada@example.com", "Ada Lovelace"
metadata = sa.MetaData()
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("label", sa.String(200)),
    sa.Column("tags", sa.String(200)),
)
label, tags = accounts.c.label, accounts.c.tags
others = accounts.alias()
given = select(literal(NAME).label("who")).where(tags != MAIL).subquery()


@pytest.fixture
def connection(engine):
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(accounts.insert(), {"id": 1, "label": "x", "tags": "y"})
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def stored(recording, connection):
    """The columns that a statement is told to have stored a request's address or name in."""

    def run(statement, parameters=()):
        recording.clear()
        with recording.request(email=MAIL, name=NAME):
            connection.execute(statement, *([parameters] if parameters else []))
            connection.rollback()
        return [(s.column_name, s.inspected) for s in recording.storage]

    return run


COMPARED = {
    "case": case((tags == MAIL, "yes"), else_="no"),
    "case of a value": case({MAIL: "yes"}, value=tags),
    "and, or": case((sa.or_(tags == MAIL, sa.and_(tags > MAIL, label == MAIL)), "yes"), else_="no"),
    "not": case((sa.not_(tags.between(MAIL, MAIL)), "yes"), else_="no"),
    "in": case((tags.in_([MAIL, NAME]), "yes"), else_="no"),
    "spelled out": case((tags.op("<>")(MAIL), "yes"), else_="no"),
    "nullif": func.nullif("yes", MAIL),
    "exists": case((select(others.c.id).where(others.c.tags == MAIL).exists(), "yes"), else_="no"),
    "having": case((select(func.count("x")).having(func.max("y") == MAIL).scalar_subquery() == 1, "yes"), else_="no"),
    "a function's condition": func.coalesce(func.nullif(tags, MAIL), "yes"),
}
KEPT = {
    "then": case((tags == "y", NAME), else_="no"),
    "else": case((tags == MAIL, "yes"), else_=NAME),
    "coalesce": func.coalesce(NAME, label),
    "concatenation": tags + NAME,
    "more of it": tags + NAME + "!",
    "functions": func.upper(func.trim(NAME)),
    "nullif": func.nullif(NAME, MAIL),
    "subquery": select(literal(NAME)).scalar_subquery(),
    "subquery's condition": select(literal(NAME)).where(literal(MAIL) != "z").scalar_subquery(),
    "cast": sa.cast(literal(NAME), sa.String(50)),
}


@pytest.mark.parametrize("how", COMPARED)
def test_what_is_compared_with(stored, how):
    assert stored(accounts.update().where(accounts.c.id == 1).values(label=COMPARED[how])) == [(None, "partial")]
    if how not in ("exists", "having"):  # MySQL does not read the table that it writes
        assert stored(accounts.insert().values(id=2, tags="z", label=case((literal("z") == MAIL, "yes")))) == [
            (None, "partial")
        ]


@pytest.mark.parametrize("how", KEPT)
def test_what_an_expression_is_made_of(stored, how):
    assert stored(accounts.update().where(accounts.c.id == 1).values(label=KEPT[how])) == [("label", "partial")]


def test_insert_from_select(stored):
    def copy(chosen):
        return accounts.insert().from_select(["id", "label"], chosen)

    nine = literal(9)
    assert stored(copy(select(nine, literal(NAME)).where(literal(MAIL) != "y"))) == [("label", "partial")]
    assert stored(copy(select(nine, given.c.who).where(given.c.who != MAIL))) == [("label", "partial")]
    assert stored(copy(select(nine, case((tags == MAIL, "yes"), else_="no")))) == [(None, "partial")]


def test_a_parameter_that_is_called_like_a_column(stored):
    where = accounts.update().where(tags != sa.bindparam("tags", MAIL))
    assert stored(where.values(label="n")) == [(None, "full")]
    assert stored(where.values(label=NAME)) == [("label", "full")]


TEXT_COMPARED = [
    "CASE WHEN tags = :mail THEN 'yes' ELSE 'no' END",
    "CASE tags WHEN :mail THEN 'yes' END",
    "CASE WHEN tags LIKE :mail OR NOT (tags IN (:mail, 'x') AND tags IS NULL) THEN 'yes' END",
    "CASE WHEN tags BETWEEN :mail AND :mail THEN 'yes' END",
    "NULLIF('yes', :mail)",
    "(SELECT max(a.x) FROM (SELECT 'q' AS x) a WHERE a.x <> :mail GROUP BY a.x HAVING max(a.x) > :mail)",
    "(SELECT a.x FROM (SELECT 'q' AS x WHERE 'q' <> :mail) a ORDER BY a.x = :mail LIMIT 1)",
]
TEXT_KEPT = [
    "CASE WHEN tags = 'y' THEN :name ELSE '' END",
    "CASE WHEN tags = :mail THEN '' ELSE :name END",
    "coalesce(:name, label)",
    "concat(tags, :name)",
    "upper(trim(:name))",
    "(SELECT a.x FROM (SELECT :name AS x) a WHERE a.x <> :mail)",
    "(SELECT max(a.x) FROM (SELECT :name AS x UNION ALL SELECT 'z') a)",
]


@pytest.mark.parametrize("expression", TEXT_COMPARED)
def test_what_text_compares_with(stored, expression):
    statement = sa.text(f"UPDATE accounts SET label = {expression} WHERE id = 1")
    assert stored(statement, {"mail": MAIL}) == [(None, "partial")]
    statement = sa.text(f"INSERT INTO accounts (id, label) SELECT 9, {expression} FROM accounts WHERE tags <> :mail")
    assert stored(statement, {"mail": MAIL}) == [(None, "partial")]


@pytest.mark.parametrize("expression", TEXT_KEPT)
def test_what_text_stores(stored, expression, kind):
    if kind == "sqlite":
        expression = expression.replace("concat(tags, :name)", "tags || :name")
    parameters = {"name": NAME, **({"mail": MAIL} if ":mail" in expression else {})}
    statement = sa.text(f"UPDATE accounts SET label = {expression} WHERE id = 1")
    assert stored(statement, parameters) == [("label", "partial")]
    statement = sa.text(f"INSERT INTO accounts (id, label) SELECT 9, {expression} FROM accounts WHERE id = 1")
    assert stored(statement, parameters) == [("label", "partial")]
