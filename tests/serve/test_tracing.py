"""Traces: spans of each request at a real OTLP receiver, in the trace of the caller, without a word of the texts."""

import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from shops import Stand, stand_in
from starlette.testclient import TestClient

from argosy.serve.settings import Settings

pytest.importorskip("opentelemetry.sdk")
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@dataclass
class Collector:
    """What came to the receiver."""

    port: int
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Any]:
        """Every span, decoded."""
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        sent = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            span
            for request in sent
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    """An OTLP/HTTP receiver on the loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            assert self.path == "/v1/traces"
            found.bodies.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Collector(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A service that sells."""
    with stand_in(tmp_path) as stand:
        yield stand


def test_a_request_is_a_trace(collector: Collector, stand: Stand) -> None:
    """A request's span stands in the caller's trace, and its steps within it, with the ids of the log."""
    tenant, head = stand.buyer()
    head |= {"traceparent": f"00-{TRACE}-{PARENT}-01", "x-request-id": "mine"}
    with TestClient(stand.app(Settings(otlp=f"http://127.0.0.1:{collector.port}"))) as client:
        answer = client.post("/v1/classify", json={"input": "a secret text"}, headers=head)
    spans = {span.name: span for span in collector.spans()}
    assert set(spans) == {"request", "admit", "reserve", "work", "settle"}
    request = spans["request"]
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, PARENT)
    for step in ("admit", "reserve", "work", "settle"):
        assert spans[step].parent_span_id == request.span_id
        assert request.start_time_unix_nano <= spans[step].start_time_unix_nano
        assert spans[step].end_time_unix_nano <= request.end_time_unix_nano
    told = {pair.key: pair.value for pair in request.attributes}
    assert told["http.route"].string_value == "/v1/classify"
    assert told["argosy.request_id"].string_value == "mine"
    assert told["argosy.event"].string_value == answer.headers["x-argosy-event"]
    assert told["argosy.tenant"].string_value == tenant
    assert told["argosy.charged"].bool_value is True
    assert not any(b"secret text" in body for body in collector.bodies)


def test_a_refusal_is_a_trace_too(collector: Collector, stand: Stand) -> None:
    """It has its code, no steps that were not taken, and a malformed parent begins a trace of its own."""
    with TestClient(stand.app(Settings(otlp=f"http://127.0.0.1:{collector.port}"))) as client:
        client.post("/v1/classify", json={"input": "a"}, headers={"traceparent": f"00-{'0' * 32}-{PARENT}-01"})
    spans = {span.name: span for span in collector.spans()}
    assert set(spans) == {"request", "admit"}
    assert spans["request"].parent_span_id == b""
    told = {pair.key: pair.value for pair in spans["request"].attributes}
    assert told["argosy.code"].string_value == "missing_key"
    assert told["http.response.status_code"].int_value == 401


def test_a_collector_that_is_away_costs_no_request(stand: Stand) -> None:
    """Requests are answered, and the server stops in time."""
    _, head = stand.buyer()
    with TestClient(stand.app(Settings(otlp="http://127.0.0.1:1"))) as client:
        assert client.post("/v1/classify", json={"input": "a"}, headers=head).status_code == 200
