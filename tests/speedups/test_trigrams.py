"""Which texts are told to hold nothing of any value, and which exceptions may."""

from __future__ import annotations

import pytest

from otel_provenance.matching.trigrams import Trigrams


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1990-04-23", "23.4.90"),  # a date with few digits
        ("1990-04-23", "4/23/90"),
        ("14:30", "2:30 pm"),
        ("7.00", "07"),  # a number of one digit
        ("0042", "42.0"),
        ("70000", "7e4"),
        ("72000", "7.2e4 km"),
        ("li bo", "boli"),  # short words in a ring
        ("a. b. cdefgxyz", "a. b***xyz"),
        ("+1 415 555 0100", "(415) 555 01 00"),
        ("DE89 3704 0044", "de8937040044"),
        ("ada lovelace", "lovelace"),
        ("ada@example.org", "example.org"),
        ("ada.lovelace", "ada.l"),
        ("us", "us, x"),  # may begin a row
    ],
)
def test_a_text_that_may_hold_something(value: str, text: str):
    assert Trigrams([value]).may_share(text)


@pytest.mark.parametrize(
    "text",
    ["contacts", "1061", "pending", "an ordinary phrase", "utf-8\0gzip\0version2", "12345", "2026"],
)
def test_a_text_that_holds_nothing(text: str):
    assert not Trigrams(["ada lovelace", "ada@example.org", "+44 20 7946 0018", "1990-04-23"]).may_share(text)


def test_what_is_not_ascii_or_is_long_is_searched():
    assert Trigrams(["zoë"]).may_share("pending")
    assert Trigrams(["ada"]).may_share("zoë")
    assert Trigrams(["ada"]).may_share("x" * 5_000)
    assert Trigrams(["7e3"]).may_share("pending")
    assert Trigrams(["\ud800"]).may_share("pending")
