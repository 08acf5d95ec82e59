"""Ring for a worker without waiting for the broker: a broker that is down must not hold up a request.

What carries a ring is handed in at start-up. A lost ring costs one sweep interval and nothing else.
"""

import logging
import os
import queue
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

Carrier = Callable[[str, int], None]
_carrier: list[Carrier] = []
_LIMIT = 10_000


class _Ringer:
    """One thread of this process that hands rings to the carrier."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.rings: queue.Queue[tuple[str, int]] = queue.Queue(_LIMIT)
        threading.Thread(target=self._work, name="bell", daemon=True).start()

    def _work(self) -> None:
        while True:
            lane, pk = self.rings.get()
            try:
                _carrier[0](lane, pk)
            except Exception as error:  # the sweep rings again
                logger.warning("a ring for %s %s was lost: %s", lane, pk, error)


_ringer: list[_Ringer] = []
_lock = threading.Lock()


def carried_by(carrier: Carrier) -> None:
    _carrier[:] = [carrier]


def ring(lane: str, pk: int) -> None:
    """Returns at once. Does nothing where no carrier was handed in (a management command, a test)."""
    if not _carrier:
        return
    with _lock:
        if not _ringer or _ringer[0].pid != os.getpid():  # threads do not survive a fork
            _ringer[:] = [_Ringer()]
    try:
        _ringer[0].rings.put_nowait((lane, pk))
    except queue.Full:
        logger.warning("the bell is too busy; the sweep will find %s %s", lane, pk)
