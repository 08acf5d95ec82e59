"""Fills the shelf up again, one tick at a time. Its port answers /healthz and nothing else."""

import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECONDS = float(os.environ.get("TICK_SECONDS", "5"))
FULL = 12


def needed(left: int) -> int:
    """How many are to be ordered so that the shelf is full again."""
    return max(0, FULL - left)


def work() -> None:
    tick = 0
    while True:
        tick += 1
        print(f"tick {tick}: ordered {needed(tick % FULL)}", flush=True)
        time.sleep(SECONDS)


class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):
        """Probes would drown the ticks."""


if __name__ == "__main__":
    threading.Thread(target=work, daemon=True).start()
    address = (os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080")))
    ThreadingHTTPServer(address, Health).serve_forever()
