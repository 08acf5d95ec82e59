"""Tells over HTTP where a parcel is."""

import json
import os
import sys
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from parcels import PARCELS, under_way

PORT = int(os.environ.get("PORT", "8080"))
HOST = os.environ.get("HOST", "0.0.0.0")

requests = Counter()


def metrics() -> str:
    lines = ["# HELP parcel_tracker_requests_total Requests by kind.", "# TYPE parcel_tracker_requests_total counter"]
    lines += [f'parcel_tracker_requests_total{{kind="{kind}"}} {count}' for kind, count in sorted(requests.items())]
    lines += ["# HELP parcel_tracker_parcels_under_way Parcels not yet delivered."]
    lines += ["# TYPE parcel_tracker_parcels_under_way gauge", f"parcel_tracker_parcels_under_way {under_way()}"]
    return "\n".join(lines) + "\n"


def answer(path: str) -> tuple[int, str, str]:
    """Status, content type and body for a path."""
    if path == "/healthz":
        return 200, "text/plain", "ok\n"
    if path == "/metrics":
        return 200, "text/plain; version=0.0.4", metrics()
    if path == "/":
        requests["index"] += 1
        return 200, "application/json", json.dumps({"parcels under way": under_way(), "try": "/parcels/AC-1001"})
    parcel = PARCELS.get(path.removeprefix("/parcels/"))
    requests["parcel" if parcel else "unknown"] += 1
    if parcel is None:
        return 404, "application/json", json.dumps({"error": "no such parcel"})
    return 200, "application/json", json.dumps({"parcel": parcel.number, "to": parcel.town, "where": parcel.where})


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, kind, text = answer(self.path.partition("?")[0])
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        print(f"{self.command} {self.path} {args[1] if len(args) > 1 else ''}", flush=True)


if __name__ == "__main__":
    print(f"parcel-tracker listens on port {PORT}", flush=True)
    try:
        ThreadingHTTPServer((HOST, PORT), Handler).serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)
