"""Servers on the loopback whose answers are meant to exhaust the reader: they are written byte by byte, without a framework."""

import gzip
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

KIBIBYTE = 1024
MEBIBYTE = KIBIBYTE * KIBIBYTE
ENORMOUS = 1024 * MEBIBYTE
"""Bytes that a hostile server would send in all."""
BLOCK = 64 * 1024
DRIPS, PAUSE = 200, 0.05
"""A dripping answer is complete after this many bytes with this many seconds between them."""

Behaviour = Callable[["Peer"], None]


@dataclass
class Peer:
    """One client's connection: its requests, how many bytes it has taken so far, and whether it took a whole answer."""

    connection: socket.socket
    requests: int = 0
    request: str = ""
    """The request that is being answered, without its body."""
    sent: int = 0
    complete: bool = False

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)
        self.sent += len(data)

    def head(self, *lines: str, status: str = "200 OK") -> None:
        self.send("\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode())


def whole(body: bytes, *headers: str, status: str = "200 OK") -> Behaviour:
    """An ordinary answer with this body."""

    def behave(peer: Peer) -> None:
        peer.head(*headers, f"Content-Length: {len(body)}", status=status)
        peer.send(body)

    return behave


def too_large(peer: Peer) -> None:
    """One string of a gigabyte, announced as such."""
    peer.head("Content-Type: application/json", f"Content-Length: {ENORMOUS + 2}")
    peer.send(b'"')
    for _ in range(ENORMOUS // BLOCK):
        peer.send(b"a" * BLOCK)
    peer.send(b'"')


def unannounced(peer: Peer) -> None:
    """The same without a length: the answer ends with the connection."""
    peer.head("Connection: close")
    for _ in range(ENORMOUS // BLOCK):
        peer.send(b"[" + b" " * (BLOCK - 1))


def bomb(peer: Peer) -> None:
    """A gigabyte of blanks in a megabyte of gzip."""
    body = gzip.compress(b" " * MEBIBYTE) * (ENORMOUS // MEBIBYTE)
    peer.head("Content-Encoding: gzip", "Content-Type: application/json", f"Content-Length: {len(body)}")
    peer.send(body)


def endless(peer: Peer) -> None:
    """Chunks without an end."""
    peer.head("Transfer-Encoding: chunked")
    for _ in range(ENORMOUS // BLOCK):
        peer.send(f"{BLOCK:x}\r\n".encode() + b" " * BLOCK + b"\r\n")


def endless_chunk_line(peer: Peer) -> None:
    """A chunk whose size is never told to its end."""
    peer.head("Transfer-Encoding: chunked")
    peer.send(b"1;")
    for _ in range(ENORMOUS // BLOCK):
        peer.send(b"a" * BLOCK)


def many_headers(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        peer.send(f"X-Header-{number}: {'a' * 1000}\r\n".encode())
    peer.send(b"\r\n")


def large_headers(peer: Peer) -> None:
    """As many and as long as Python's own client accepts: six megabytes."""
    peer.head(*(f"X-Header-{number}: {'a' * 60_000}" for number in range(90)), "Content-Length: 2")
    peer.send(b"{}")


def endless_interim(peer: Peer) -> None:
    """An interim answer after the other."""
    for _ in range(ENORMOUS // BLOCK):
        peer.send(b"HTTP/1.1 100 Continue\r\n\r\n" * (BLOCK // 25))


def slow_drip(peer: Peer) -> None:
    """A byte now and then, on a connection that the answer's end closes: the client has let go of it already."""
    peer.head("Connection: close")
    for _ in range(DRIPS):
        peer.send(b"[")
        time.sleep(PAUSE)


LINE = 32
"""Bytes of a line of `log`: its number and a line feed."""


def log(peer: Peer, *, ranges: bool, size: int = ENORMOUS) -> None:
    """A log of numbered lines. `ranges`: it can be read from a byte on, as from every object storage."""
    span = re.search(r"^Range: bytes=(\d+)-(\d*)", peer.request, re.MULTILINE) if ranges else None
    start, end = (int(span[1]), int(span[2]) + 1 if span[2] else size) if span else (0, size)
    partial = [f"Content-Range: bytes {start}-{end - 1}/{size}"] if span else []
    peer.head(*partial, f"Content-Length: {end - start}", status="206 Partial Content" if span else "200 OK")
    for position in range(start, end, BLOCK):
        first, last = position // LINE, (min(position + BLOCK, end) - 1) // LINE
        lines = b"".join(b"%031d\n" % number for number in range(first, last + 1))
        peer.send(lines[position % LINE :][: min(BLOCK, end - position)])


ENDLESS = (too_large, unannounced, bomb, endless, endless_chunk_line, many_headers, large_headers)
"""Answers that must be given up by their size."""
SLOW = (slow_drip, endless_interim)
"""Answers that must be given up by their time."""


@contextmanager
def behaving(behaviour: Behaviour) -> Iterator[tuple[str, list[Peer]]]:
    """(address of a server that treats every request like this, its connections so far)."""
    peers: list[Peer] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=(server, behaviour, peers), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", peers


def _accept(server: socket.socket, behaviour: Behaviour, peers: list[Peer]) -> None:
    with suppress(OSError):  # the test has ended
        while True:
            peer = Peer(server.accept()[0])
            peers.append(peer)
            threading.Thread(target=_answer, args=(peer, behaviour), daemon=True).start()


def _answer(peer: Peer, behaviour: Behaviour) -> None:
    with suppress(OSError), peer.connection:  # the client has gone
        while request := _read_request(peer.connection):
            peer.request = request.decode("latin-1")
            peer.requests += 1
            behaviour(peer)
            peer.complete = True


def _read_request(connection: socket.socket) -> bytes:
    """Its head; empty if there is none."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(BLOCK)
        if not data:
            return b""
        head += data
    fields, _, body = head.partition(b"\r\n\r\n")
    length = next((line for line in fields.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    missing = int(length.partition(b":")[2]) - len(body)
    while missing > 0:
        missing -= len(connection.recv(BLOCK))
    return fields


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth
