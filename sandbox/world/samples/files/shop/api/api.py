"""The shop's API: GET /shelf, POST /sales/<name>."""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from shelf import STOCK, sell, shelf

PORT = int(os.environ.get("PORT", "8080"))
sold = 0
lock = threading.Lock()


def metrics() -> str:
    left = [f'shop_stock{{name="{name}"}} {count}' for name, count in sorted(STOCK.items())]
    return "\n".join(
        ["# TYPE shop_sales_total counter", f"shop_sales_total {sold}", "# TYPE shop_stock gauge", *left, ""]
    )


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        known = {"/healthz": {"status": "ok"}, "/": {"service": "shop-api"}, "/shelf": shelf()}
        if self.path == "/metrics":
            self.reply(200, metrics(), "text/plain; version=0.0.4")
        elif self.path in known:
            self.reply(200, json.dumps(known[self.path]))
        else:
            self.reply(404, json.dumps({"error": "not found"}))

    def do_POST(self):
        global sold
        name = unquote(self.path.removeprefix("/sales/"))
        with lock:
            done = self.path.startswith("/sales/") and sell(name)
            sold += done
        self.reply(201 if done else 409, json.dumps({"sold": done}))

    def reply(self, status, text, kind="application/json"):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        print("shop-api", format % args, file=sys.stdout, flush=True)


if __name__ == "__main__":
    print(f"shop-api listens on port {PORT}", flush=True)
    ThreadingHTTPServer((os.environ.get("HOST", "0.0.0.0"), PORT), Handler).serve_forever()
