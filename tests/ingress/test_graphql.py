"""What a GraphQL client spells out in its document, without variables, is values like any others."""

from __future__ import annotations

import flask
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance.graphqlvalues import NotGraphql, graphql_values

MUTATION = 'mutation { addPerson(input: {name: "Hannah Arendt", mail: "hannah@ny.example"}) { id } }'
SAMPLE = '''
# who is asked for
query Find($n: Int = 20, $who: [String!]! @deprecated(reason: "old")) @cached(ttl: 60) {
  first: person(mail: "a@example.org", active: true, rank: -1.5e2, role: EDITOR, none: null) {
    ...Shown @include(if: $x)
    ... on Doctor @skip(if: false) { visits(after: "2026-01-02", of: $who) }
    ... { id }
  }
  second: person(mail: "caf\\u00e9@example.org", note: """
    He said \\"""hello\\"""
      to all
  """)
  many(ids: [7, 8], where: {or: [{city: "Göteborg"}, {zip: 10117}]})
}
fragment Shown on Person { name }
'''
OF_SAMPLE = {
    "n": 20,
    "deprecated.reason": "old",
    "cached.ttl": 60,
    "person.mail": ["a@example.org", "café@example.org"],
    "person.active": True,
    "person.rank": -150.0,
    "person.role": "EDITOR",
    "person.visits.after": "2026-01-02",
    "skip.if": False,
    "person.note": 'He said """hello"""\n  to all',
    "many.ids": [7, 8],
    "many.where.or.city": "Göteborg",
    "many.where.or.zip": 10117,
}


@pytest.mark.parametrize(
    "request_",
    [
        {"json": {"query": MUTATION}},
        {"query_string": {"query": MUTATION}},
        {"data": MUTATION, "content_type": "application/graphql"},
    ],
)
def test_what_a_document_spells_out_is_known_by_its_arguments(recording, request_):
    @recording.app.post("/graphql")
    def graphql():
        return {"read": len(flask.request.get_data(cache=True)), "query": len(flask.request.args)}

    assert recording.app.test_client().post("/graphql", **request_).status_code == 200
    fields = {tag.field.removeprefix("query."): tag.category for facts in recording.facts for tag in facts.tags}
    assert fields["addPerson.input.mail"] == "user.contact.email"
    assert "addPerson.input.name" in fields


def test_every_kind_of_value_and_place():
    assert graphql_values(SAMPLE, 100) == OF_SAMPLE


@pytest.mark.parametrize(
    "text",
    [
        "{not: 'GraphQL'}",
        '{color: "red"}',
        "query the archive (it is {old}): 7",
        'mutation { a(b: "c") ',
        "mutation { a(b: ) }",
        "{ a(b: 1..2) }",
        "# Title\n\nkey: 7",
        "{" * 100 + "}" * 100,
        "{a(b:" + "[" * 100 + "]" * 100 + ")}",
        "{a(b: [1 2 3 4 5 6 7 8 9])}",
    ],
)
def test_what_only_resembles_it_is_not_read(text):
    with pytest.raises(NotGraphql):
        graphql_values(text, 8)


@pytest.mark.parametrize(
    "text",
    ["# #\n" * 15_000 + "\x00", "#,#\n," * 9_000 + "\x00", '{a(b:"""' + '\\"""' * 9_000, '{a(b:"' + "\\\\" * 30_000],
)
def test_hostile_text_is_given_up(text):
    with pytest.raises(NotGraphql):  # at once: what takes its time by the length squared would not end here
        graphql_values(text, 100)


@given(st.text(alphabet='{}()[]:$"\\#@!.,|& \nabn1-e') | st.text())
def test_no_text_raises_anything_else(text):
    try:
        graphql_values(text, 100)
    except NotGraphql:
        pass
