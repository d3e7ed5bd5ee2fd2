"""What a request tells the next service: round trip, limits, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance import passport
from otel_provenance.identifiers import IdSequence, new_request_id
from otel_provenance.tags import make_tag

SALT = b"a salt for tests"
NOW = 1_800_000_000


def tags_of(request_id, values):
    ids = IdSequence(request_id)
    return [make_tag("form", f"f{n}", value, SALT, ids.new("t")) for n, value in enumerate(values)]


def known(tags):
    return {(tag.tag_id, tag.value_hash) for tag in tags}


MEMBER = st.from_regex(r"[a-z]{1,10}=[a-zA-Z0-9%._~-]{0,40}", fullmatch=True)


@given(
    st.lists(st.lists(st.text(max_size=20), max_size=40), min_size=1, max_size=4),
    st.binary(min_size=1, max_size=100),
    st.lists(MEMBER, max_size=70),
)
def test_what_is_issued_is_read_within_the_limits_of_w3c_baggage(requests, salt, others):
    ids = [new_request_id() for _ in requests]
    tags = [tag for request_id, values in zip(ids, requests, strict=True) for tag in tags_of(request_id, values)]

    header, left_out = passport.issue(ids[0], tags, salt, NOW, ",".join(others))
    members = header.split(",") if header else []

    assert header.isascii()
    assert len(header) <= 8192
    assert members[: len(others)] == others
    if len(others) > passport.MOST_MEMBERS - 2:
        assert (members, left_out) == (others, len(tags))
        return
    assert len(members) <= 64
    read = passport.read(header, salt, NOW + 60)
    assert read.request_id == ids[0]
    assert len(read.tags) == len(tags) - left_out
    assert known(read.tags) <= known(tags)
    assert all(tag.source == "upstream" and tag.value is None for tag in read.tags)


def test_what_does_not_fit_is_counted_and_telling_values_go_first():
    request_id = new_request_id()
    tags = tags_of(request_id, ["ok"] * 200 + [f"value number {n}" for n in range(400)])

    header, left_out = passport.issue(request_id, tags, SALT, NOW)

    read = passport.read(header, SALT, NOW)
    assert 250 < len(read.tags) == 600 - left_out
    assert known(read.tags) <= known(tags[200:])
    assert 7900 < len(header) <= 8192
    assert all(len(member) <= 4096 for member in header.split(","))


@given(st.text(max_size=9000))
def test_any_header_is_read_or_refused(header):
    try:
        assert passport.read(header, SALT, NOW) is None
    except passport.Refused:
        assert "provenance." in header


@given(st.data())
def test_whatever_is_changed_is_forged(data):
    request_id = new_request_id()
    header, _ = passport.issue(request_id, tags_of(request_id, ["Ada", "ada@example.com"]), SALT, NOW)
    at = data.draw(st.integers(0, len(header) - 1))
    changed = header[:at] + data.draw(st.sampled_from("abcxyz0189.~-_=,")) + header[at + 1 :]
    try:
        read = passport.read(changed, SALT, NOW)
    except passport.Refused:
        return
    # changed where it does not count: a name of ours that is none any more takes the rest with it
    assert read is None or read == passport.read(header, SALT, NOW)


@pytest.mark.parametrize(
    ("salt", "now", "reason"),
    [
        (b"another salt", NOW, "forged"),
        (SALT, NOW + 86_401, "expired"),
        (SALT, NOW - 301, "expired"),
    ],
)
def test_wrong_salt_and_wrong_time_are_refused(salt, now, reason):
    request_id = new_request_id()
    header, _ = passport.issue(request_id, tags_of(request_id, ["Ada"]), SALT, NOW)
    with pytest.raises(passport.Refused, match=reason):
        passport.read(header, salt, now)
    assert passport.read(header, SALT, NOW + 86_400) is not None


def test_oversized_baggage_is_refused():
    request_id = new_request_id()
    header, _ = passport.issue(request_id, tags_of(request_id, ["Ada"]), SALT, NOW)
    with pytest.raises(passport.Refused, match="oversized"):
        passport.read(header + ",x=" + "y" * 9000, SALT, NOW)
    with pytest.raises(passport.Refused, match="oversized"):
        passport.read(header + ",x=1" * 64, SALT, NOW)


def test_members_of_others_are_nobodys_business():
    assert passport.read("shop=berlin,userId=alice;prop=1", SALT, NOW) is None
