"""Renews leases while a step's code runs. A dead process renews nothing, so its steps are free after one lease."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from engine import lease
from engine.models import Step
from engine.outcomes import Lost

logger = logging.getLogger(__name__)


class _Heartbeat:
    """One thread of this process that renews whatever it holds, every third of a lease."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.steps: dict[int, Step] = {}
        threading.Thread(target=self._work, name="heartbeat", daemon=True).start()

    def _work(self) -> None:
        while True:
            time.sleep(lease.LEASE.total_seconds() / 3)
            for step in list(self.steps.values()):
                self._renew(step)
            connection.close()

    def _renew(self, step: Step) -> None:
        try:
            lease.renew(step)
        except Lost:
            self.steps.pop(id(step), None)
        except Exception:
            logger.exception("could not renew the lease of %s", step)


_heartbeat: list[_Heartbeat] = []
_lock = threading.Lock()


def _of_this_process() -> _Heartbeat:
    with _lock:
        if not _heartbeat or _heartbeat[0].pid != os.getpid():  # threads do not survive a fork
            _heartbeat[:] = [_Heartbeat()]
        return _heartbeat[0]


@contextmanager
def heartbeat(step: Step) -> Iterator[None]:
    """The step's lease does not expire within this block, as long as the process lives."""
    current = _of_this_process()
    current.steps[id(step)] = step
    try:
        yield
    finally:
        current.steps.pop(id(step), None)
