"""Tokens for card numbers: POST /tokens with a number, get a token."""

import hashlib
import hmac
import json
import os
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = os.environ.get("VAULT_KEY", "").encode() or secrets.token_bytes(32)


def token(number: str) -> str:
    """The same number has the same token, as long as the key is the same. Raises ValueError for what is no number."""
    if not number.isdigit() or not 12 <= len(number) <= 19:
        raise ValueError("not a card number")
    return "tok_" + hmac.new(KEY, number.encode(), hashlib.sha256).hexdigest()[:24]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.path in ("/", "/healthz")
        self.reply(200 if known else 404, {"service": "vault"} if known else {"error": "not found"})

    def do_POST(self):
        number = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 100)).decode(errors="replace")
        try:
            self.reply(201, {"token": token(number.strip())})
        except ValueError as error:
            self.reply(400, {"error": str(error)})

    def reply(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        print(format % args, flush=True)


if __name__ == "__main__":
    address = (os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080")))
    ThreadingHTTPServer(address, Handler).serve_forever()
