"""OpenTelemetry's own instrumentors beside ours, whichever hooked in first: one call is one event."""

from __future__ import annotations

import httpx
import pytest
import requests
import urllib3
from egress.sharing import FORM
from opentelemetry import trace
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from otel_provenance import status
from otel_provenance.boundaries.base import install, unwrap_all
from otel_provenance.boundaries.httpx import BOUNDARY as HTTPX
from otel_provenance.boundaries.requests import BOUNDARY as REQUESTS
from otel_provenance.boundaries.urllib3 import BOUNDARY as URLLIB3


def by_requests(url):
    return requests.post(url, data={"mail": FORM["email"]}).status_code


def by_httpx(url):
    return httpx.post(url, data={"mail": FORM["email"]}).status_code


def by_urllib3(url):
    return urllib3.request("POST", url, json={"mail": FORM["email"]}).status


CLIENTS = [
    (by_requests, RequestsInstrumentor, REQUESTS),
    (by_httpx, HTTPXClientInstrumentor, HTTPX),
    (by_urllib3, URLLib3Instrumentor, URLLIB3),
]


@pytest.fixture
def exported(monkeypatch):
    """What the application's own provider exports."""
    provider = TracerProvider(shutdown_on_exit=False)
    memory = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    return memory


@pytest.mark.parametrize("ours_first", [True, False], ids=["ours inside", "ours outside"])
@pytest.mark.parametrize(("call", "instrumentor", "boundary"), CLIENTS, ids=["requests", "httpx", "urllib3"])
def test_one_call_is_one_event_and_carries_one_context(
    sharing, wire, exported, call, instrumentor, boundary, ours_first
):
    if ours_first:
        instrumentor().instrument()
    else:
        unwrap_all()
        instrumentor().instrument()
        status.hooked.clear()
        install(boundary)
        from otel_provenance.boundaries.flask import BOUNDARY as FLASK

        install(FLASK)
    try:
        assert sharing.serve(lambda: call(wire.url)) == 200
    finally:
        unwrap_all()
        instrumentor().uninstrument()

    assert sharing.matched() == {("email", "body")}
    (request,) = wire.received
    assert len([name for name, _ in request.fields if name.lower() == "traceparent"]) == 1
    ours = sharing.span_of(sharing.share)
    assert request.header("traceparent")[3:52] == f"{ours.context.trace_id:032x}-{ours.context.span_id:016x}"
    assert int(request.header("traceparent")[53:], 16) & 1
    assert request.header("baggage") is None
    clients = [span for span in exported.get_finished_spans() if span.kind is trace.SpanKind.CLIENT]
    assert len({span.context.trace_id for span in exported.get_finished_spans()}) == 1
    # theirs sees the call first where it hooked in last; it hooks httpx at the transport, which is below ours
    assert len(clients) == (2 if ours_first and call is not by_httpx else 1)


def test_spans_of_ours_are_exported_without_previews(sharing, wire, exported):
    sharing.serve(lambda: by_requests(wire.url))
    spans = exported.get_finished_spans()
    assert {span.name for span in spans} >= {"POST"}
    assert not [name for span in spans for name in span.attributes if name.endswith(".preview")]
