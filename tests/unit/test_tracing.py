"""Spans are sent to the collector that the environment names, and not recorded where it names none."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

PROGRAM = """
from opentelemetry import trace
from portal import tracing
print(tracing.connect("onramp-worker"))
with trace.get_tracer("test").start_as_current_span("a step"):
    pass
getattr(trace.get_tracer_provider(), "shutdown", lambda: None)()
"""


def test_spans_are_sent_to_the_named_collector() -> None:
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Suppress the log."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        connected = run({"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{server.server_port}"})
        server.shutdown()
    assert connected == "True"
    ((path, body),) = received
    assert path == "/v1/traces"
    assert b"a step" in body
    assert b"onramp-worker" in body


def test_nothing_is_traced_without_a_collector() -> None:
    assert run({}) == "False"


def run(variables: dict[str, str]) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")} | variables
    command = [sys.executable, "-c", PROGRAM]
    process = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    return process.stdout.strip()
