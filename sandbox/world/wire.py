"""The HTTP server below Django: threads, request bodies sent in chunks, and connections that can be cut for real."""

import os
import select
import socket
import struct
import tempfile
from socketserver import ThreadingMixIn
from typing import IO, Any, cast

from django.core.servers.basehttp import ServerHandler, WSGIRequestHandler, WSGIServer
from django.db import connections

LONGEST_SILENCE = 600.0
"""Seconds after which a black hole hangs up by itself, so that a forgotten one does not keep its thread for ever."""

IN_MEMORY = 1 << 20


class Connection:
    """The `sandbox.wire` of one request: see `misbehaviour.Wire`."""

    def __init__(self, handler: WSGIRequestHandler) -> None:
        self._handler = handler
        self._socket: socket.socket = cast(socket.socket, handler.connection)

    def reset(self) -> None:
        """Cut with RST: lingering for zero seconds drops what is unsent and tells the other side so."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self._socket.detach())
        self.close_after()

    def hold(self) -> None:
        select.select([self._socket], [], [], LONGEST_SILENCE)  # readable means: the other side hung up
        self.close_after()

    def close_after(self) -> None:
        self._handler.close_connection = True


def unchunk(stream: IO[bytes]) -> tuple[IO[bytes], int]:
    """A body of `Transfer-Encoding: chunked` as a file and its length (RFC 9112, 7.1). Raises ValueError."""
    body = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the request closes it
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
    """One connection: as Django's, with chunked bodies taken and the wire handed on."""

    close_connection: bool

    def handle_one_request(self) -> None:
        try:
            self.raw_requestline = self.rfile.readline(65537)
        except OSError:  # cut by us or by the other side
            self.close_connection = True
            return
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        environ: dict[str, Any] = dict(self.get_environ())
        environ["sandbox.wire"] = Connection(self)
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
    """A thread per connection, so that a slow or silent one keeps nobody waiting."""

    daemon_threads = True
    request_queue_size = 128

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()

    def shutdown_request(self, request: Any) -> None:
        if request.fileno() >= 0:  # not one that a rule has cut
            super().shutdown_request(request)
