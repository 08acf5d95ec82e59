"""A trace collector on the loopback: https://opentelemetry.io/docs/specs/otlp/#otlphttp"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench.crowd.times import Interval
from integrations.http import SAFE_METHODS

DELAY = 1.0
"""Seconds after which a process sends its spans."""


@dataclass(frozen=True)
class Span:
    """An execution of a step, or a call to a provider within one."""

    id: bytes
    parent: bytes
    name: str
    begin: float
    end: float
    facts: dict[str, str]

    @property
    def interval(self) -> Interval:
        return self.begin, self.end

    @property
    def step(self) -> str:
        """Of an execution, whose span is named after the run's kind and the step."""
        return self.name.partition(" ")[2]

    @property
    def provider(self) -> str:
        """Of a call; empty for an execution."""
        return self.facts.get("onramp.provider", "")

    @property
    def is_change(self) -> bool:
        return self.facts.get("http.request.method") not in SAFE_METHODS


class Collector:
    """The spans received so far. Only executions and calls are kept."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._spans: dict[str, list[Span]] = defaultdict(list)
        self._lock = threading.Lock()

    @property
    def environment(self) -> dict[str, str]:
        """For the processes that export their traces to this collector."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.address,
            "OTEL_BSP_SCHEDULE_DELAY": str(int(DELAY * 1000)),
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
            "OTEL_TRACES_SAMPLER": "always_on",
        }

    def receive(self, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        spans = (span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans)
        with self._lock:
            for span in spans:
                facts = {fact.key: fact.value.string_value for fact in span.attributes}
                if "onramp.run" in facts or "onramp.provider" in facts:
                    begin, end = span.start_time_unix_nano / 1e9, span.end_time_unix_nano / 1e9
                    received = Span(span.span_id, span.parent_span_id, span.name, begin, end, facts)
                    self._spans[span.trace_id.hex()].append(received)

    def of_run(self, traceparent: str, run: str) -> tuple[list[Span], list[Span]]:
        """(the executions of this run in their order, the calls they made).

        The same trace also holds what the run triggered, such as messages; that is left out.
        """
        with self._lock:
            spans = list(self._spans.get(traceparent.split("-")[1], [])) if traceparent else []
        executions = sorted(
            (span for span in spans if span.facts.get("onramp.run") == run), key=lambda span: span.begin
        )
        ids = {span.id for span in executions}
        return executions, [span for span in spans if span.provider and span.parent in ids]

    def traces_of(self, run: str) -> list[list[Span]]:
        """Every trace with an execution of this run, complete."""
        with self._lock:
            return [
                list(spans)
                for spans in self._spans.values()
                if any(span.facts.get("onramp.run") == run for span in spans)
            ]

    def executions(self) -> list[Span]:
        """All executions of all runs."""
        with self._lock:
            return [span for spans in self._spans.values() for span in spans if "onramp.run" in span.facts]

    def calls(self, provider: str) -> list[Span]:
        """All calls to a provider."""
        with self._lock:
            return [span for spans in self._spans.values() for span in spans if span.provider == provider]


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens within this block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # exporters keep their connections

        def do_POST(self) -> None:
            collector.receive(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """No log: the spans are the record."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False  # exporters keep their connections
        collector = Collector(server.server_port)
        threading.Thread(target=server.serve_forever, name="collector", daemon=True).start()
        try:
            yield collector
        finally:
            server.shutdown()
