"""Requests of other days, put into a record as its writer does."""

from __future__ import annotations

import time

from otel_provenance.identifiers import IdSequence
from otel_provenance.tables.adoption import rows_of
from otel_provenance.tables.recording import record_rows
from otel_provenance.tables.spool import encode
from tests.store.facts import leaf_of, match_of, request_attributes_of, share_of, share_span, storage_span
from tests.store.facts import write_of as write

DAY = 86_400


def insert(connection, *attributes, at=None):
    at_ns = time.time_ns() if at is None else int(at * 1e9)
    frames = [encode(("p", "shop", "t", "s", at_ns, at_ns + 1_000_000, some)) for some in attributes]
    connection.execute("BEGIN IMMEDIATE")
    record_rows(connection, rows_of(frames))
    connection.execute("COMMIT")


def a_life(connection, monkeypatch, email, at):
    """One request that brings a value in, stores and sends it, at a Unix time; its id."""
    monkeypatch.setattr(time, "time_ns", lambda: int(at * 1e9))
    request_id, server = request_attributes_of({"email": email}, user_id=email, client_address="10.0.0.1")
    ids = IdSequence(request_id)
    tag, w, s = ids.new("t"), ids.new("w"), ids.new("s")
    insert(
        connection,
        server,
        storage_span(request_id, write(w, "email", email), matches=[match_of(w, tag)]),
        share_span(request_id, share_of(s), [match_of(s, tag, location="body")], [leaf_of(s, f"about {email}")]),
        at=at,
    )
    monkeypatch.undo()
    return request_id
