"""Bodies on their way out: the client gets what it would have got, and what it sent is known."""

from __future__ import annotations

import asyncio
import io
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance.egress.bodies import SentBody, tee, tee_into
from otel_provenance.egress.http import http_event

CHUNKS = st.lists(st.binary(max_size=30), max_size=8)


class Sized:
    def __init__(self, chunks):
        self.chunks = chunks

    def __iter__(self):
        return iter(self.chunks)

    def __len__(self):
        return sum(map(len, self.chunks))


def sent_of(sent):
    sent.finish()
    data = sent.data
    return data.encode() if isinstance(data, str) else data


@given(CHUNKS, st.sampled_from([iter, list, tuple, Sized, lambda chunks: (chunk for chunk in chunks)]))
def test_iterables_give_the_same_chunks(chunks, kind):
    given_body, sent = tee(kind(chunks), 10_000)
    assert list(given_body) == chunks
    assert sent_of(sent) == b"".join(chunks)
    assert sent.size == len(b"".join(chunks))
    assert sent.inspected == ("full", None)


@given(st.binary(max_size=200), st.lists(st.integers(0, 60), max_size=9), st.integers(1, 300))
def test_files_give_the_same_reads_and_no_more_than_the_limit_is_kept(content, sizes, limit):
    plain = io.BytesIO(content)
    given_body, sent = tee(io.BytesIO(content), limit)
    for size in [*sizes, -1]:
        assert given_body.read(size) == plain.read(size)
        assert given_body.tell() == plain.tell()
    assert sent_of(sent) == content[:limit]
    assert sent.size == len(content)
    assert sent.inspected == (("full", None) if len(content) <= limit else ("partial", "too_large"))


@given(st.binary(min_size=1, max_size=100), st.integers(0, 100))
def test_after_a_rewind_the_fullest_pass_counts(content, interrupted_after):
    given_body, sent = tee(io.BytesIO(content), 10_000)
    given_body.read(interrupted_after)
    given_body.seek(0)
    given_body.read()
    given_body.seek(0)
    given_body.read(interrupted_after)
    assert sent_of(sent) == content


@pytest.mark.parametrize("body", [None, b"x", "x", bytearray(b"x"), memoryview(b"x"), [b"x", "y"], (b"x",)])
def test_what_lies_in_memory_is_handed_on_itself(body):
    given_body, sent = tee(body, 100)
    assert given_body is body
    assert not sent.is_stream


def test_a_stand_in_looks_like_the_original(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("Größe\nzwei\n")
    with path.open(encoding="utf-8") as file:
        given_body, sent = tee(file, 100)
        assert isinstance(given_body, io.TextIOBase)
        assert given_body.name == str(path)
        assert given_body.encoding == "utf-8"
        assert given_body.readline() == "Größe\n"
        assert list(given_body) == ["zwei\n"]
    assert given_body.closed
    assert sent_of(sent).decode() == "Größe\nzwei\n"
    with pytest.raises(AttributeError):
        given_body.no_such_thing  # noqa: B018


def test_a_stand_in_has_no_more_than_the_original():
    generator, _ = tee((b"x" for _ in range(1)), 10)
    for name in ("read", "seek", "tell", "len", "__len__"):
        assert not hasattr(generator, name)
    sized, _ = tee(Sized([b"x", b"yz"]), 10)
    assert len(sized) == 3
    assert bool(tee(Sized([]), 10)[0]) is False


def test_what_cannot_be_sent_is_the_clients_own_affair():
    given_body, sent = tee(7, 10)
    assert given_body == 7
    assert sent.inspected == ("none", "stream")
    assert tee_into(sent, 7) == 7


@given(CHUNKS)
def test_pieces_add_up(chunks):
    sent = SentBody(10_000)
    for at, chunk in enumerate(chunks):
        piece = tee_into(sent, (chunk, io.BytesIO(chunk), iter([chunk]))[at % 3])
        b"".join([piece] if isinstance(piece, bytes) else list(piece))
    assert sent_of(sent) == b"".join(chunks)


@given(CHUNKS)
def test_asynchronous_iterables(chunks):
    class Stream:
        async def __aiter__(self):
            for chunk in chunks:
                yield chunk

    from otel_provenance.egress.bodies import TeedIterable

    async def read():
        sent = SentBody(10_000, is_stream=True)
        return [chunk async for chunk in TeedIterable(Stream(), sent)], sent

    read_chunks, sent = asyncio.run(read())
    assert read_chunks == chunks
    assert sent_of(sent) == b"".join(chunks)


TEXT = st.text(max_size=40)


@given(
    st.one_of(TEXT, st.from_regex(r"https?://[a-z@:\[\]0-9.%]{0,20}(:\d{0,6})?/[ -~]{0,30}", fullmatch=True)),
    st.lists(st.tuples(st.one_of(TEXT, st.binary(max_size=20)), st.one_of(TEXT, st.binary(max_size=40))), max_size=5),
    st.one_of(TEXT, st.binary(max_size=50)),
)
def test_any_request_makes_an_event(url, headers, body):
    _, sent = tee(body, 1000)
    event = http_event("requests", "POST", url, headers, sent)
    assert event.outcome == "sent"
    assert pickle.loads(pickle.dumps(event.parts)) == event.parts


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (("Authorization", "Basic YWRhOnNlczphbWU="), ("auth", "", {"username": "ada", "password": "ses:ame"})),
        (("Authorization", "Basic !!!"), ("auth", "", "!!!")),
        (("Authorization", "Bearer abc.def"), ("auth", "", "abc.def")),
        (("Authorization", "token"), ("auth", "", "token")),
        (("Proxy-Authorization", "Bearer abc"), ("auth", "proxy", "abc")),
        (("Authorization", 'Digest username="ada", realm="r", response="6629"'), ("auth", "", {"username": "ada"})),
        (("Cookie", 'a=1; b="two"; c='), ("cookie", "a", "1")),
        ((b"X-Name", b"Zo\xeb"), ("header", "X-Name", "Zoë")),
        (("Baggage", "user=ada,provenance.request_id=1"), ("header", "baggage", "user=ada")),
    ],
)
def test_parts_of_headers(header, expected):
    event = http_event("requests", "GET", "https://example.org/", [header], SentBody(10))
    location, field, payload = expected
    part = event.parts[0]
    assert (part.location, part.field, part.payload) == (location, field, payload)


def test_headers_that_hold_no_ones_data_are_no_parts():
    headers = {"Host": "a", "User-Agent": "b", "Accept": "c", "Content-Type": "text/plain", "traceparent": "d"}
    assert http_event("requests", "GET", "https://example.org/", headers.items(), SentBody(10)).parts == ()
