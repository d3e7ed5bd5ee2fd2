"""Spans are forwarded where the user asks for it, without previews; the record is complete whatever is sampled."""

from __future__ import annotations

import gzip
import http.server
import threading
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from e2e.test_activation import EMAIL, sign_up
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from processes import clean_environment, free_port, serving, wait_until

UNSAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


class Collector:
    """An OTLP receiver over HTTP: keeps what it was sent."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if self.path == "/v1/traces":
                    collector.raw.append(body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def spans(self) -> list[Any]:
        return [
            span
            for body in list(self.raw)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def attributes(self) -> set[str]:
        return {attribute.key for span in self.spans for attribute in span.attributes}


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    threading.Thread(target=collector.server.serve_forever, daemon=True).start()
    yield collector
    collector.server.shutdown()
    collector.server.server_close()


def environment_for(binaries, collector, partner, **more):
    return clean_environment(
        binaries,
        PARTNER=partner.url,
        OTEL_TRACES_EXPORTER="otlp",
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
        OTEL_BSP_SCHEDULE_DELAY="50",
        OTEL_SERVICE_NAME="shop",
        **more,
    )


@pytest.mark.parametrize("prefix", [[], ["opentelemetry-instrument"]], ids=["no-prefix", "opentelemetry-instrument"])
def test_forwarded_spans_carry_the_facts_and_no_previews(installed, folder, record, partner, collector, prefix):
    port = free_port()
    environ = environment_for(installed, collector, partner)
    command = [*[installed / name for name in prefix], installed / "flask", "run", "--port", str(port)]
    with serving(command, folder, environ, port) as server:
        sign_up(server.url)
        names = wait_until(
            lambda: (
                {"provenance.tag.tag_id", "provenance.storage.event_id", "provenance.share.event_id"}
                <= collector.attributes
                and collector.attributes
            ),
            f"the facts reach the collector: {server.output}",
        )
        (flow,) = record.wait_for("SELECT service FROM requests")
        assert flow["service"] == "shop"
    assert not any(name.endswith(".preview") for name in names)
    assert EMAIL.strip().encode() not in b"".join(collector.raw)


def test_previews_are_forwarded_where_allowed(installed, folder, record, partner, collector):
    port = free_port()
    environ = environment_for(installed, collector, partner, PROVENANCE_OTLP_PREVIEWS="1")
    with serving([installed / "flask", "run", "--port", str(port)], folder, environ, port) as server:
        sign_up(server.url)
        wait_until(lambda: "provenance.tag.preview" in collector.attributes, "a preview reaches the collector")


def test_a_client_cannot_switch_the_record_off(installed, folder, record, partner, collector):
    port = free_port()
    environ = environment_for(installed, collector, partner)
    with serving([installed / "flask", "run", "--port", str(port)], folder, environ, port) as server:
        request = urllib.request.Request(
            f"{server.url}/customers",
            data=b"email=Ada.Lovelace%40example.org",
            headers={"traceparent": UNSAMPLED, "baggage": "provenance.request_id=forged"},
        )
        assert urllib.request.urlopen(request, timeout=20).status == 200
        record.wait_for("SELECT * FROM tag_matches", 2)
        (row,) = record.wait_for("SELECT * FROM requests")
        assert row["trace_id"] == UNSAMPLED[3:35]
        assert row["request_id"] != "forged"
        urllib.request.urlopen(f"{server.url}/ping?seen=1", timeout=20)
        wait_until(lambda: collector.spans, "the sampled request reaches the collector")
    assert UNSAMPLED[3:35] not in {span.trace_id.hex() for span in collector.spans}


def test_our_exporter_by_its_entry_point_name_makes_no_doubles(beside_distro, folder, record, partner):
    port = free_port()
    environ = clean_environment(
        beside_distro,
        PARTNER=partner.url,
        OTEL_TRACES_EXPORTER="provenance_sqlite",
        OTEL_METRICS_EXPORTER="none",
        OTEL_LOGS_EXPORTER="none",
        OTEL_BSP_SCHEDULE_DELAY="50",
    )
    command = [beside_distro / "opentelemetry-instrument", beside_distro / "flask", "run", "--port", str(port)]
    with serving(command, folder, environ, port) as server:
        sign_up(server.url)
        assert len(partner.received) == 1
        record.wait_for("SELECT * FROM requests")
        assert server.stop() is not None
    assert len(record.rows("SELECT * FROM requests")) == 1
    assert len(record.rows("SELECT * FROM share_events")) == 1
