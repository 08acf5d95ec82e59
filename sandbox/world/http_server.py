"""The HTTP server below Django. It supports threads, chunked request bodies and connections that faults can cut."""

import os
import select
import socket
import struct
import tempfile
from socketserver import ThreadingMixIn
from typing import IO, Any, cast

from django.core.servers.basehttp import ServerHandler, WSGIRequestHandler, WSGIServer
from django.db import connections

MAX_SILENCE = 600.0
"""Seconds after which a black hole hangs up, so that a forgotten one does not occupy its thread forever."""

MAX_IN_MEMORY = 1 << 20  # bytes


class Connection:
    """The `sandbox.connection` of one request; see `fault_injection.Connection`."""

    def __init__(self, handler: WSGIRequestHandler) -> None:
        self._handler = handler
        self._socket: socket.socket = cast(socket.socket, handler.connection)

    def reset(self) -> None:
        """Cut the connection with RST: a linger time of zero discards unsent data and notifies the client."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self._socket.detach())
        self.close_after()

    def hold(self) -> None:
        select.select([self._socket], [], [], MAX_SILENCE)  # readable: the client hung up
        self.close_after()

    def close_after(self) -> None:
        self._handler.close_connection = True


def unchunk(stream: IO[bytes]) -> tuple[IO[bytes], int]:
    """The content of a body with `Transfer-Encoding: chunked` as a file, and its length (RFC 9112, 7.1).

    Raises ValueError.
    """
    body = tempfile.SpooledTemporaryFile(max_size=MAX_IN_MEMORY)  # noqa: SIM115 - the request closes it
    while size := int(stream.readline(100).partition(b";")[0], 16):
        remaining = size
        while remaining:
            piece = stream.read(min(remaining, 1 << 16))
            if not piece:
                raise ValueError("the body ended inside a chunk")
            body.write(piece)
            remaining -= len(piece)
        stream.readline(3)
    while stream.readline(1000).strip():  # trailers
        continue
    length = body.tell()
    body.seek(0)
    return body, length


class Handler(WSGIRequestHandler):
    """One connection: Django's handler, with chunked bodies and `sandbox.connection`."""

    close_connection: bool

    def handle_one_request(self) -> None:
        try:
            self.raw_requestline = self.rfile.readline(65537)
        except OSError:  # cut by us or by the client
            self.close_connection = True
            return
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        environ: dict[str, Any] = dict(self.get_environ())
        environ["sandbox.connection"] = Connection(self)
        body: IO[bytes] = self.rfile
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            try:
                body, length = unchunk(self.rfile)
            except ValueError:
                self.send_error(400, "Bad chunk")
                self.close_connection = True
                return
            environ["CONTENT_LENGTH"] = str(length)
            environ.pop("HTTP_TRANSFER_ENCODING", None)
        handler = ServerHandler(body, self.wfile, self.get_stderr(), environ)
        handler.request_handler = self  # type: ignore[attr-defined]
        handler.run(self.server.get_app())  # type: ignore[attr-defined]
        if body is not self.rfile:
            body.close()


class Server(ThreadingMixIn, WSGIServer):
    """A thread per connection, so that a slow or silent one does not delay the others."""

    daemon_threads = True
    request_queue_size = 128

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()

    def shutdown_request(self, request: Any) -> None:
        if request.fileno() >= 0:  # unless a fault rule has cut it
            super().shutdown_request(request)
