"""Ids are unique: among many, among threads, and among the children of one process."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from otel_provenance.identifiers import new_request_id


def test_is_a_uuid_of_version_7_and_ordered_by_time() -> None:
    ids = [new_request_id() for _ in range(1000)]
    assert {UUID(one).version for one in ids} == {7}
    assert {UUID(one).variant for one in ids} == {"specified in RFC 4122"}
    assert [one[:13] for one in ids] == sorted(one[:13] for one in ids)


def test_threads_share_none() -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: new_request_id(), range(4000)))
    assert len(set(ids)) == len(ids)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_has_random_bits_of_its_own() -> None:
    new_request_id()
    told = []
    for _ in range(2):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, "".join(new_request_id()[14:] for _ in range(3)).encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(writer)
        told.append(os.read(reader, 1000))
        os.close(reader)
    own = "".join(new_request_id()[14:] for _ in range(3)).encode()
    assert len({*told, own}) == 3
