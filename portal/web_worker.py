"""gunicorn's threaded worker, in which a slow or endless sender holds no thread: `--worker-class portal.web_worker.Worker`.

A connection waits in the worker's poller, which costs a file descriptor, until its request has arrived: the headers and
up to 64 KiB of the body. Only then a thread takes it. What is larger is read by the thread, within a deadline and by few
threads at a time. gunicorn itself gives a thread to every connection and sets no limit to how long it reads or writes.
"""

import errno
import socket
import threading
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

import patterns

REQUEST_SECONDS = 15.0
"""How long a request may take to arrive, and the rest of a large body once a thread reads it."""
RESPONSE_SECONDS = 30.0
"""How long a response may take to be taken, beyond what the kernel holds."""
DRAIN_SECONDS = 0.5
"""How long a refused body may take to end, so that the connection can be used again."""
HEADERS, BUFFER = 16_384, 65_536
"""Bytes that wait outside a thread: of headers without an end, and of a body; a larger one may be refused unread."""
SEND_BUFFER = 262_144
"""Bytes of a response that the kernel holds: a page is smaller, so that who does not read it delays nobody."""
_LENGTH = patterns.compile(r"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", ignore_case=True)


class Late(TimeoutError):
    """The rest did not arrive in time, or as many threads wait for one as may. gunicorn closes the connection silently."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the rest of the request did not arrive in time")


class Patient(socket.socket):
    """A connection whose reads end by a deadline, whatever arrives meanwhile, and whose writes end too."""

    deadline = 0.0
    places: threading.BoundedSemaphore

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """What is there costs no place. Raises Late."""
        self.settimeout(0.0)
        try:
            return super().recv(size, flags)
        except BlockingIOError:
            return self._wait(size, flags)
        finally:
            self.setblocking(True)

    def _wait(self, size: int, flags: int) -> bytes:
        remaining = self.deadline - time.monotonic()
        if remaining <= 0 or not self.places.acquire(blocking=False):
            raise Late
        try:
            self.settimeout(remaining)
            return super().recv(size, flags)
        except TimeoutError as error:
            raise Late from error
        finally:
            self.places.release()

    def setblocking(self, flag: bool, /) -> None:
        """With a timeout, `sendall` ends within it, however little is taken at a time."""
        self.settimeout(RESPONSE_SECONDS if flag else 0.0)


class Connection(TConn):  # type: ignore[misc]
    """One connection, and what has arrived of its next request."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.arrived = bytearray()
        self.needed = 0
        """Bytes of the whole request; 0 until its headers have arrived."""

    def receive(self) -> bool:
        """Take what is there, in the poller's thread; whether another thread can go on from here."""
        try:
            part = socket.socket.recv(self.sock, BUFFER)
        except OSError as error:
            return not isinstance(error, BlockingIOError)
        searched = max(0, len(self.arrived) - 3)
        self.arrived += part
        return not part or self._is_complete(searched)

    def _is_complete(self, searched: int) -> bool:
        if not self.needed:
            end = self.arrived.find(b"\r\n\r\n", searched)
            if end < 0:
                return len(self.arrived) >= HEADERS
            length = _LENGTH.search(self.arrived[: end + 2].decode("latin-1"))
            body = int(length[1]) if length else 0
            self.needed = end + 4 + (body if body <= BUFFER else 0)
        return len(self.arrived) >= self.needed

    def init(self) -> None:
        """gunicorn calls this in a thread, before each request."""
        super().init()
        self.sock.deadline = time.monotonic() + REQUEST_SECONDS
        self.parser.unreader.unread(bytes(self.arrived))
        self.arrived, self.needed = bytearray(), 0

    def close(self, graceful: bool = False) -> None:
        """In the poller's thread, which gunicorn would stop for two seconds to wait for the other side's end."""
        self.sock.deadline = 0.0
        super().close(graceful)


class Worker(ThreadWorker):  # type: ignore[misc]
    """The connections wait in `pending_conns`, which gunicorn closes when their time is over."""

    def init_process(self) -> None:
        self.places = threading.BoundedSemaphore(max(1, self.cfg.threads // 4))
        super().init_process()

    def accept(self, listener: Any) -> None:
        try:
            accepted, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        connection = Patient(fileno=accepted.detach())
        connection.places = self.places
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._wait_for_request(Connection(self.cfg, connection, address, listener.getsockname()))

    def _wait_for_request(self, connection: Connection) -> None:
        connection.sock.setblocking(False)
        connection.timeout = time.monotonic() + REQUEST_SECONDS
        self.pending_conns.append(connection)
        self.poller.register(connection.sock, EVENT_READ, partial(self.on_pending_socket_readable, connection))

    def on_pending_socket_readable(self, connection: Connection, client: Any) -> None:
        if connection.receive():
            super().on_pending_socket_readable(connection, client)

    def on_client_socket_readable(self, connection: Connection, client: Any) -> None:
        """The next request of a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(connection)
        self._wait_for_request(connection)

    def _keepalive_after(self, connection: Connection, keepalive: bool) -> bool:
        connection.sock.deadline = time.monotonic() + DRAIN_SECONDS
        return bool(super()._keepalive_after(connection, keepalive))

    def _cap_keepalive(self, deadline: float) -> None:
        """A stop does not wait for a request that may never arrive."""
        super()._cap_keepalive(deadline)
        for connection in self.pending_conns:
            connection.timeout = min(connection.timeout, deadline)
