"""What SQL text is read as."""

from __future__ import annotations

import logging
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance.boundaries.sqlplan import Bound, Computed, Literal
from otel_provenance.boundaries.sqlshapes import read_common_shape
from otel_provenance.boundaries.sqltext import Control, control_of, is_write, plans_of_text
from otel_provenance.boundaries.sqltree import Reader
from otel_provenance.boundaries.textwrites import KnownTable, events_of_text
from otel_provenance.events import Expression


def events(statement, executions=((),), db="sqlite", told=-1, table=None):
    return list(events_of_text(statement, list(executions), db, None, told, lambda name: table))


@pytest.mark.parametrize(
    ("db", "values", "expected"),
    [
        ("sqlite", "(?, ?)", (Bound(0), Bound(1))),
        ("sqlite", "(?2, ?1)", (Bound(1), Bound(0))),
        ("sqlite", "(:a, @b)", (Bound("a"), Bound("b"))),
        ("postgresql", "(%s, %s)", (Bound(0), Bound(1))),
        ("postgresql", "(%(x)s, %(a b)s)", (Bound("x"), Bound("a b"))),
        ("postgresql", "($2, $1::text)", (Bound(1), Bound(0))),
        ("postgresql", "('%s'::text, 'a:b')", (Literal("%s"), Literal("a:b"))),
        ("postgresql", "(%s, '100%% sure')", (Bound(0), Literal("100% sure"))),
        ("postgresql", "(E'a\\tb', $$it's ? :x$$)", (Literal("a\tb"), Literal("it's ? :x"))),
        ("oracle.db", "(:1, :2)", (Bound(0), Bound(1))),
        ("mysql", "(%s, 'it\\'s')", (Bound(0), Literal("it's"))),
        ("mysql", "(%s, X'00ff')", (Bound(0), Literal(b"\x00\xff"))),
        ("sqlite", "('it''s ?', -2)", (Literal("it's ?"), Literal(-2))),
        ("sqlite", "(1.50, NULL)", (Literal(Decimal("1.50")), Literal(None))),
        (
            "sqlite",
            "(lower(?), 'a' || ? || 'b')",
            (Computed((Bound(0),)), Computed((Literal("a"), Bound(1), Literal("b")))),
        ),
        ("sqlite", "(? /* ? */, ?) -- ?", (Bound(0), Bound(1))),
        ("microsoft.sql_server", "(?, N'x')", (Bound(0), Literal("x"))),
    ],
)
def test_placeholders_and_literals(db, values, expected):
    (plan,) = plans_of_text(f"INSERT INTO users (a, b) VALUES {values}", db)
    assert (plan.operation, plan.table, plan.columns) == ("insert", "users", ("a", "b"))
    assert set(plan.rows) == {expected}


@pytest.mark.parametrize(
    ("db", "statement", "expected"),
    [
        ("sqlite", "/* hi */ insert or ignore into Users(a) values (?)", ("insert", "Users", True)),
        ("postgresql", 'INSERT INTO Sales."Users" (a) VALUES (%s)', ("insert", "sales.Users", False)),
        ("mysql", "REPLACE INTO `users` (a) VALUES (%s)", ("insert", "users", False)),
        ("mysql", "INSERT INTO users SET a = %s", ("insert", "users", False)),
        ("mysql", "INSERT INTO users (a) VALUES (%s) ON DUPLICATE KEY UPDATE a = VALUES(a)", ("insert", "users", True)),
        (
            "microsoft.sql_server",
            "INSERT INTO [dbo].[users] ([a]) OUTPUT inserted.id VALUES (?)",
            ("insert", "dbo.users", False),
        ),
    ],
)
def test_spellings_of_insert(db, statement, expected):
    (plan,) = plans_of_text(statement, db)
    assert (plan.operation, plan.table, plan.may_skip) == expected
    assert plan.columns == ("a",)


def test_conditions_that_name_a_row():
    (event,) = events("UPDATE users SET name = ?, visits = visits + 1 WHERE (id = ?)", [("x", 7)], told=1)
    assert (event.columns, event.keys, event.key_columns) == (("name", "visits"), [(7,)], ("id",))
    assert event.rows == [("x", Expression((1,)))]
    (event,) = events("DELETE FROM users WHERE id = 7 AND name = 'x'", told=1)
    assert event.keys == [(7,)]
    for vague in ("id > 7", "id = 7 OR id = 8", "id = (SELECT max(id) FROM users)", "name = 'x'", "id = other"):
        (event,) = events(f"DELETE FROM users WHERE {vague}", told=3)
        assert (list(event.keys), event.row_count) == ([], 3), vague


def test_known_tables_give_columns_and_keys():
    table = KnownTable("Users", ("Mail", "Name"), ("Mail",))
    (event,) = events("insert into users values (?, ?)", [("a@b.cc", "A")], table=table)
    assert (event.table_name, event.columns, event.keys) == ("Users", ("Mail", "Name"), [("a@b.cc",)])
    (event,) = events("insert into users values (?, ?)", [("a@b.cc", "A")])
    assert event.columns == ("#1", "#2")


def test_statements_of_several_parts():
    first, second = plans_of_text(
        "WITH gone AS (DELETE FROM users WHERE id = %s RETURNING *) UPDATE log SET (a, b) = (%s, %s)", "postgresql"
    )
    assert (first.operation, first.table, first.is_whole) == ("delete", "users", False)
    assert (second.columns, second.rows) == (("a", "b"), ((Bound(1), Bound(2)),))
    assert [p.table for p in plans_of_text("UPDATE a, b SET a.x = %s, b.y = %s WHERE a.id = b.id", "mysql")] == [
        "a",
        "b",
    ]
    assert plans_of_text("WITH x AS (SELECT 'delete' AS word) SELECT * FROM x", "postgresql") == ()


@pytest.mark.parametrize(
    ("statement", "operation", "table"),
    [
        ("COPY users (a) FROM STDIN", "insert", "users"),
        ("LOAD DATA INFILE 'x' INTO TABLE users", "insert", "users"),
        ("TRUNCATE TABLE users", "delete", "users"),
        ("INSERT INTO users some $%& nonsense 'ada@example.com'", "insert", "users"),
        ("MERGE INTO users USING s ON users.id = s.id WHEN MATCHED THEN UPDATE SET a = ?", "update", "users"),
    ],
)
def test_what_cannot_be_read_is_still_a_write(statement, operation, table, caplog):
    with caplog.at_level(logging.DEBUG):
        (event,) = events(statement, told=4)
    assert (event.operation, event.table_name, event.inspected, event.row_count) == (operation, table, "none", 4)
    assert "ada@example.com" not in caplog.text


@pytest.mark.parametrize(
    "statement", ["SELECT 1", "", "PRAGMA x", "(SELECT 'insert')", "CREATE TABLE insert_log (x)", "--"]
)
def test_what_writes_nothing(statement):
    assert not is_write(statement)
    assert plans_of_text(statement, "sqlite") == ()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("BEGIN", Control("begin")),
        ("start transaction;", Control("begin")),
        ("COMMIT WORK", Control("commit")),
        ("end", Control("commit")),
        ("ROLLBACK", Control("rollback")),
        ("ROLLBACK TO x", Control("rollback_to", "x")),
        ('rollback to savepoint "x"', Control("rollback_to", "x")),
        ("SAVEPOINT x", Control("savepoint", "x")),
        ("RELEASE SAVEPOINT x;", Control("release", "x")),
        ("COMMIT PREPARED 'x'", None),
        ("SELECT 'commit'", None),
    ],
)
def test_control_of_the_transaction(statement, expected):
    assert control_of(statement) == expected


texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=30)


names = st.sampled_from(["a", "Users", '"My Table"', "x.y", "id", "values1"])
plain = st.sampled_from(
    ["?", "%s", ":n", ":1", "$1", "'it''s'", "'100%%'", "12", "-3", "1.50", "NULL", "true", "DEFAULT"]
)
odd = st.sampled_from(["lower(?)", "a + 1", "(SELECT 1)", "'a' || 'b'", "?::text", "CURRENT_DATE", "x.y", "E'\\n'"])
value = plain | plain | plain | odd


@st.composite
def statements(draw):
    table = draw(names)
    ending = draw(st.sampled_from(["", ";", " RETURNING id", " -- note"]))
    kind = draw(st.sampled_from(["insert", "update", "delete"]))
    where = " AND ".join(f"{draw(names)} = {draw(value)}" for _ in range(draw(st.integers(0, 2))))
    where = f" WHERE {where}" if where else ""
    if kind == "delete":
        return f"DELETE FROM {table}{where}{ending}"
    if kind == "update":
        assigned = ", ".join(f"{draw(names)} = {draw(value)}" for _ in range(draw(st.integers(1, 3))))
        return f"Update {table} Set {assigned}{where}{ending}"
    width = draw(st.integers(1, 3))
    rows = [", ".join(draw(value) for _ in range(width)) for _ in range(draw(st.integers(1, 3)))]
    columns = draw(st.sampled_from(["", f" ({', '.join(f'c{n}' for n in range(width))})"]))
    verb = draw(st.sampled_from(["INSERT", "insert or ignore", "INSERT OR REPLACE"]))
    return f"{verb} INTO {table}{columns} VALUES ({'), ('.join(rows)}){ending}"


@given(statements(), st.sampled_from(["sqlite", "postgresql", "mysql"]))
def test_the_common_shapes_are_read_as_sqlglot_reads_them(statement, db):
    quick = read_common_shape(statement, db)
    if quick is not None:
        assert (quick,) == tuple(Reader(statement, db).plans())


def test_common_shapes_need_no_parser_library():
    for statement in (
        "INSERT INTO t (a) VALUES (?)",
        "UPDATE t SET a = %s WHERE id = 7;",
        "delete from x.t where id = :id",
    ):
        assert read_common_shape(statement, "sqlite") is not None


@given(texts, texts)
def test_any_literal_is_read_as_it_was_written(first, second):
    quoted = [text.replace("'", "''") for text in (first, second)]
    (plan,) = plans_of_text(f"INSERT INTO t (a, b, c) VALUES ('{quoted[0]}', ?, '{quoted[1]}')", "sqlite")
    assert plan.rows == ((Literal(first), Bound(0), Literal(second)),)


@given(st.text(max_size=60))
def test_no_text_is_too_strange(text):
    for db in ("sqlite", "postgresql", "mysql", "no such"):
        for statement in (text, f"INSERT INTO t {text}", f"UPDATE t SET {text}", f"DELETE FROM {text}"):
            events(statement, db=db)
            control_of(statement)
