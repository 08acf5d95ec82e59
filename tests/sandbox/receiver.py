"""A receiver of webhooks: keeps what arrives, in order."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class Receiver:
    url: str
    received: list[Received] = field(default_factory=list)

    def wait_for(self, count: int, seconds: float = 5.0) -> list[Received]:
        """What arrived, once there are `count`. Raises AssertionError when they do not come."""
        self._until(lambda: len(self.received) >= count, seconds)
        assert len(self.received) >= count, f"{len(self.received)} of {count} arrived"
        return self.received

    def _until(self, holds: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not holds() and time.monotonic() < deadline:
            time.sleep(0.02)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listens on a free port of the loopback."""
    kept: list[Received] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            kept.append(Received(headers, body, time.monotonic()))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """The test tells what it needs to know."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Receiver(f"http://127.0.0.1:{server.server_address[1]}/", kept)
    finally:
        server.shutdown()
        server.server_close()
