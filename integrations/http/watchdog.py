"""Cuts a connection when the time for its exchange is over.

The time limits of `requests` and `urllib3` cover only the gap between two bytes; this one covers the whole exchange,
last byte included.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import urllib3

logger = logging.getLogger(__name__)


@dataclass
class Watch:
    """The time limit of one exchange. `expired` becomes true once it is over."""

    connection: Any = None
    expired: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def expire(self) -> None:
        with self.lock:
            self.expired = True
            sock = getattr(self.connection, "sock", None)
            if sock is not None:
                try:
                    sock.shutdown(2)
                except OSError as error:  # the peer closed it first
                    logger.debug("already closed: %s", error)


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def limited(seconds: float) -> Iterator[Watch]:
    """Connections used in this block are cut after this time."""
    watch = Watch()
    token = _watch.set(watch)
    watchdog = threading.Timer(seconds, watch.expire)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield watch
    finally:
        watchdog.cancel()
        _watch.reset(token)


class _Watched:
    """Reports the connection to the current watch, and sends nothing once its time is over.

    There is nothing to cut while a host name is being resolved, so time is checked again afterwards.
    """

    def connect(self) -> None:
        self._in_time()
        super().connect()  # type: ignore[misc]
        self._in_time()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._in_time()
        super().request(*args, **kwargs)  # type: ignore[misc]

    def _in_time(self) -> None:
        watch = _watch.get()
        if watch is not None:
            watch.connection = self
            if watch.expired:
                raise TimeoutError("the time for this exchange is over")


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
