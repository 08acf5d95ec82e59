"""Cuts a connection when the time for its exchange is over.

The time limits of `requests` and `urllib3` cover only the gap between two bytes; this one covers the whole exchange,
last byte included.
"""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import urllib3

from integrations.http import peers

logger = logging.getLogger(__name__)


@dataclass
class Watch:
    """The time limit of one exchange with a provider. `expired` becomes true once it is over."""

    provider: str
    expired: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    handle: socket.socket | None = None
    """A second handle on the connection: the client may let go of its own before the answer has ended, or wrap it in TLS."""

    def follow(self, connected: socket.socket) -> None:
        """From now on this connection is cut. Raises TimeoutError if the time is over."""
        with self.lock:
            self._let_go()
            self.handle = socket.socket(fileno=os.dup(connected.fileno()))
        self.check()

    def check(self) -> None:
        if self.expired:
            raise TimeoutError("the time for this exchange is over")

    def expire(self) -> None:
        with self.lock:
            self.expired = True
            if self.handle is not None:
                try:
                    self.handle.shutdown(socket.SHUT_RDWR)
                except OSError as error:  # the peer closed it first
                    logger.debug("already closed: %s", error)

    def end(self) -> None:
        with self.lock:
            self._let_go()

    def _let_go(self) -> None:
        if self.handle is not None:
            self.handle.close()
        self.handle = None


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def limited(provider: str, seconds: float) -> Iterator[Watch]:
    """Connections used in this block are cut after this time."""
    watch = Watch(provider)
    token = _watch.set(watch)
    watchdog = threading.Timer(seconds, watch.expire)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield watch
    finally:
        watchdog.cancel()
        watch.end()
        _watch.reset(token)


def check() -> None:
    """Raises TimeoutError if the time of the current exchange is over."""
    watch = _watch.get()
    if watch is not None:
        watch.check()


def follow(connected: socket.socket) -> None:
    """For a protocol other than HTTP: the current exchange cuts this connection, too."""
    watch = _watch.get()
    if watch is not None:
        watch.follow(connected)


class _Watched:
    """Shows each connection to the current watch, and sends nothing to an address that must not be reached.

    There is nothing to cut while a host name is being resolved, so time is checked again afterwards.
    """

    host: str
    sock: socket.socket | None

    def _new_conn(self) -> socket.socket:
        check()
        connected: socket.socket = super()._new_conn()  # type: ignore[misc]
        watch = _watch.get()
        if watch is not None:
            try:
                peers.check(watch.provider, self.host, connected)
                watch.follow(connected)
            except BaseException:
                connected.close()
                raise
        return connected

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:  # a connection that is used again
            follow(self.sock)
        super().request(*args, **kwargs)  # type: ignore[misc]


class WatchedHTTPConnection(_Watched, urllib3.connection.HTTPConnection):
    pass


class WatchedHTTPSConnection(_Watched, urllib3.connection.HTTPSConnection):
    pass


class WatchedHTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = WatchedHTTPConnection


class WatchedHTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = WatchedHTTPSConnection


POOL_CLASSES = {"http": WatchedHTTPPool, "https": WatchedHTTPSPool}
"""For a `urllib3.PoolManager.pool_classes_by_scheme`, so that the watchdog reaches its connections."""
