"""A collector of traces on the loopback: https://opentelemetry.io/docs/specs/otlp/#otlphttp"""

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
"""Seconds after which a process sends what it has."""


@dataclass(frozen=True)
class Span:
    """A turn of a step, or a call to a provider within one."""

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
        """Of a turn; its span is named by the kind of the run and the step."""
        return self.name.partition(" ")[2]

    @property
    def provider(self) -> str:
        """Of a call; empty for a turn."""
        return self.facts.get("onramp.provider", "")

    @property
    def changes(self) -> bool:
        return self.facts.get("http.request.method") not in SAFE_METHODS


class Collector:
    """What came so far. Only turns and calls are kept."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._spans: dict[str, list[Span]] = defaultdict(list)
        self._lock = threading.Lock()

    @property
    def environment(self) -> dict[str, str]:
        """For the processes that are to send their traces here."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.address,
            "OTEL_BSP_SCHEDULE_DELAY": str(int(DELAY * 1000)),
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
            "OTEL_TRACES_SAMPLER": "always_on",
        }

    def take(self, body: bytes) -> None:
        came = ExportTraceServiceRequest.FromString(body)
        spans = (span for of in came.resource_spans for scope in of.scope_spans for span in scope.spans)
        with self._lock:
            for one in spans:
                facts = {fact.key: fact.value.string_value for fact in one.attributes}
                if "onramp.run" in facts or "onramp.provider" in facts:
                    begin, end = one.start_time_unix_nano / 1e9, one.end_time_unix_nano / 1e9
                    kept = Span(one.span_id, one.parent_span_id, one.name, begin, end, facts)
                    self._spans[one.trace_id.hex()].append(kept)

    def of_run(self, traceparent: str, run: str) -> tuple[list[Span], list[Span]]:
        """(the turns of this run in their order, the calls made in them). What the run caused, like a message, is in the same
        trace, and left out."""
        with self._lock:
            spans = list(self._spans.get(traceparent.split("-")[1], [])) if traceparent else []
        turns = sorted((one for one in spans if one.facts.get("onramp.run") == run), key=lambda one: one.begin)
        ours = {one.id for one in turns}
        return turns, [one for one in spans if one.provider and one.parent in ours]

    def traces_of(self, run: str) -> list[list[Span]]:
        """Every trace that a turn of this run is in, whole."""
        with self._lock:
            return [
                list(spans)
                for spans in self._spans.values()
                if any(one.facts.get("onramp.run") == run for one in spans)
            ]

    def calls(self, provider: str) -> list[Span]:
        """All calls to a provider, whoever made them."""
        with self._lock:
            return [one for spans in self._spans.values() for one in spans if one.provider == provider]


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens within this block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # whoever sends keeps its connection

        def do_POST(self) -> None:
            made.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what came is what there is to know."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False  # the senders keep their connections
        made = Collector(server.server_port)
        threading.Thread(target=server.serve_forever, name="collector", daemon=True).start()
        try:
            yield made
        finally:
            server.shutdown()
