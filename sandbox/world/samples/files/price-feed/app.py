"""Serves today's prices. CURRENCY says in what they are shown."""

import json
import os
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CURRENCY = os.getenv("CURRENCY", "EUR")
BASE = {"apple": 45, "bread": 320, "cheese": 780}


def prices(day: date) -> dict:
    """Prices drift a little from day to day, always the same for the same day."""
    return {name: cents + (day.toordinal() * len(name)) % 20 for name, cents in BASE.items()}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/healthz":
            self.reply(200, {"status": "ok"})
        elif self.path == "/":
            self.reply(200, {"currency": CURRENCY, "cents": prices(date.today())})
        else:
            self.reply(404, {"error": "not found"})

    def reply(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        print("price-feed:", format % args, flush=True)


def main():
    port = int(os.environ.get("PORT", 8080))
    print(f"price-feed: listening on port {port}", flush=True)
    ThreadingHTTPServer((os.environ.get("HOST", "0.0.0.0"), port), Handler).serve_forever()


if __name__ == "__main__":
    main()
