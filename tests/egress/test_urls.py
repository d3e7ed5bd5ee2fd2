"""What of a URL may be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance.spans.urls import shown_url


@pytest.mark.parametrize(
    ("url", "hidden", "shown"),
    [
        (
            "https://ada:pw@crm.example:8443/v1/x?token=abc&q=#top",
            (),
            "https://crm.example:8443/v1/x?token=REDACTED&q=REDACTED",
        ),
        ("https://crm.example/users/Ada/notes", (1,), "https://crm.example/users/Xxx/notes"),
        ("https://crm.example//users//Ada/", (1,), "https://crm.example//users//Xxx/"),
        ("https://crm.example/users/ada%40example.com", (), "https://crm.example/users/xxx@xxxxxxx.xxx"),
        ("https://crm.example/users/ada@example.com/x", (), "https://crm.example/users/xxx@xxxxxxx.xxx/x"),
        ("https://crm.example/a%20b/c", (), "https://crm.example/a%20b/c"),
        ("https://crm.example/?ada@example.com", (), "https://crm.example/?REDACTED"),
        ("https://crm.example/?a=1&ada", (), "https://crm.example/?a=REDACTED&REDACTED"),
        ("https://crm.example/?ada@example.com=1", (), "https://crm.example/?xxx@xxxxxxx.xxx=REDACTED"),
        ("https://crm.example:8443/v1/charges/a-b_c.2", (), "https://crm.example:8443/v1/charges/a-b_c.2"),
        ("https://crm.example/v1/users/", (1,), "https://crm.example/v1/xxxxx/"),
        ("https://crm.example/447946095880", (), "https://crm.example/000000000000"),
        ("https://crm.example/44-79-46-09-58/a", (), "https://crm.example/00-00-00-00-00/a"),
        ("https://crm.example/4-4-7-9-4-6-0-9-5", (), "https://crm.example/0-0-0-0-0-0-0-0-0"),
        ("HTTPS://crm.example", (), "https://crm.example"),
        ("https://crm.example/x\n", (), "https://crm.example/x"),
        ("logging://shop/FileHandler/var/log/x", (), "logging://shop/FileHandler/var/log/x"),
        ("http://[bad", (), "REDACTED"),
    ],
)
def test_shown_urls(url, hidden, shown):
    assert shown_url(url, hidden) == shown


@given(st.from_regex(r"https?://[a-z.:0-9]{1,8}(/[-a-z0-9._~+@ %?#;]{0,24}){0,3}\Z"))
def test_a_plain_url_is_shown_as_one_that_is_taken_apart(url):
    taken_apart = shown_url(url, {1000})  # a segment that it has not
    assert shown_url(url) == taken_apart


@given(st.text(max_size=60), st.sets(st.integers(0, 5)))
def test_any_text_is_shown_somehow(text, hidden):
    assert isinstance(shown_url("https://crm.example/" + text, hidden), str)
    assert isinstance(shown_url(text, hidden), str)
