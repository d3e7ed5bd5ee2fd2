"""Records survive the way through span attributes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import TracerProvider

from otel_provenance.attributes import (
    carries_facts,
    read_facts,
    request_attributes,
    share_attributes,
    storage_attributes,
    tag_attributes,
    without_previews,
)
from otel_provenance.records import LeafRecord, MatchRecord, RequestRecord, ShareRecord, StorageRecord, TagRecord

NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
MAYBE = st.none() | NAME  # in an array, a missing text is ""
COUNT = st.integers(0, 2**53)
MAYBE_COUNT = st.none() | COUNT

REQUESTS = st.builds(
    RequestRecord,
    NAME,
    MAYBE,
    TEXT,
    TEXT,
    MAYBE,
    MAYBE,
    MAYBE,
    MAYBE_COUNT,
    MAYBE,
    MAYBE_COUNT,
    MAYBE,
    MAYBE,
    NAME,
    MAYBE,
)
TAGS = st.lists(st.builds(TagRecord, NAME, COUNT, NAME, TEXT, NAME, COUNT, NAME, MAYBE, MAYBE), max_size=4)
STORAGE = st.lists(
    st.builds(StorageRecord, NAME, COUNT, NAME, NAME, MAYBE, NAME, MAYBE, MAYBE, MAYBE, MAYBE, COUNT, NAME, NAME),
    max_size=4,
)
SHARES = st.builds(
    ShareRecord,
    *(NAME, COUNT, NAME, NAME, MAYBE, MAYBE, MAYBE_COUNT, MAYBE, MAYBE, MAYBE_COUNT, MAYBE, MAYBE, MAYBE_COUNT),
    *(NAME, NAME, MAYBE),
)
MATCHES = st.lists(st.builds(MatchRecord, NAME, NAME, NAME, TEXT, NAME, TEXT, st.floats(0, 1)), max_size=4)
LEAVES = st.lists(st.builds(LeafRecord, NAME, NAME, TEXT, NAME), max_size=4)


def through_a_span(attributes):
    span = TracerProvider().get_tracer("test").start_span("span")
    span.set_attributes(attributes)
    return span.attributes


@given(REQUESTS, TAGS)
def test_a_request_and_its_tags(request, tags):
    attributes = through_a_span({**request_attributes(request), **tag_attributes(request.request_id, tags)})
    facts = read_facts(attributes)
    assert facts.request == request
    assert list(facts.tags) == tags
    assert facts.request_id == request.request_id
    assert carries_facts(attributes)


@given(MAYBE, STORAGE, MATCHES, LEAVES)
def test_writes(request_id, storage, matches, leaves):
    attributes = through_a_span(storage_attributes(request_id, storage, matches, leaves))
    facts = read_facts(attributes)
    assert list(facts.storage) == storage
    assert list(facts.matches) == matches
    assert list(facts.leaves) == leaves
    assert facts.request_id == request_id
    assert carries_facts(attributes) == bool(storage)


@given(MAYBE, SHARES, MATCHES, LEAVES)
def test_a_share(request_id, share, matches, leaves):
    facts = read_facts(through_a_span(share_attributes(request_id, share, matches, leaves)))
    assert facts.share == share
    assert list(facts.matches) == matches
    assert list(facts.leaves) == leaves


@given(REQUESTS, TAGS)
def test_what_leaves_the_machine_has_no_preview_and_all_else(request, tags):
    attributes = {**request_attributes(request), **tag_attributes(request.request_id, tags)}
    facts = read_facts(through_a_span(without_previews(attributes)))
    assert facts.request == request._replace(response_preview=None)
    assert list(facts.tags) == [tag._replace(preview=None) for tag in tags]
