"""Notify workers without waiting for the broker: a broker that is down must not delay a request.

The transport is set at start-up. A lost notification costs one sweep interval and nothing else.
"""

import logging
import os
import queue
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

Transport = Callable[[str, int], None]
_transport: list[Transport] = []
_LIMIT = 10_000


class _Sender:
    """One thread of this process that hands notifications to the transport."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.pending: queue.Queue[tuple[str, int]] = queue.Queue(_LIMIT)
        threading.Thread(target=self._work, name="notifier", daemon=True).start()

    def _work(self) -> None:
        while True:
            name, row_id = self.pending.get()
            try:
                _transport[0](name, row_id)
            except Exception as error:  # the sweep notifies again
                logger.warning("a notification of %s %s was lost: %s", name, row_id, error)


_sender: list[_Sender] = []
_lock = threading.Lock()


def set_transport(transport: Transport) -> None:
    _transport[:] = [transport]


def notify(queue_name: str, row_id: int) -> None:
    """Returns at once. Does nothing where no transport was set (a management command, a test)."""
    if not _transport:
        return
    with _lock:
        if not _sender or _sender[0].pid != os.getpid():  # threads do not survive a fork
            _sender[:] = [_Sender()]
    try:
        _sender[0].pending.put_nowait((queue_name, row_id))
    except queue.Full:
        logger.warning("the notifier is too busy; the sweep will find %s %s", queue_name, row_id)
