"""A long value is told by one look, where a number is looked at in many ways: the answer is the same."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from otel_provenance.categories import category_of
from otel_provenance.categories.by_value import LONGEST_NUMBER, category_by_value

BEGINNING = st.sampled_from(
    ["", "AKIA", "eyJhbGciOi.eyJhIjox.", "bearer ", "Basic ", "+49 ", "4111 1111", "DE89 3704", "::1", "Ada "]
)


@given(BEGINNING, st.text(st.sampled_from("aZ09 .:+-_@é"), max_size=80))
@example("AKIA", "A" * 60)
@example("AKIA", "7" * 60)
@example("xoxb-", "7" * 60)
@example("eyJhbGciOi.eyJhIjox.", "a" * 60)
def test_a_value_of_any_length(beginning, rest):
    text = (beginning + rest).strip()
    assert category_of("form", "note", text) == category_by_value(text, identifier=False)


def test_long_credentials_are_told():
    assert category_of("form", "note", "xoxb-" + "7" * LONGEST_NUMBER) == "user.authorization.credentials"
    assert category_of("form", "note", "x" * 60) is None
