"""A web server that answers every request with a traceback."""

from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html>
<html lang="en">
<title>The code does not import</title>
<h1>The code does not import</h1>
<p>Fix it; this page reloads automatically.</p>
<pre>{}</pre>
"""
RELOAD_SECONDS = 2


def serve(host: str, port: int, traceback: str) -> None:
    """Until the process ends."""
    page = PAGE.format(escape(traceback)).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(500)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Refresh", str(RELOAD_SECONDS))
            self.end_headers()
            self.wfile.write(page)

        do_POST = do_GET

    with ThreadingHTTPServer((host, port), Handler) as server:
        server.serve_forever()
