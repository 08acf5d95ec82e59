"""Leases are kept while code runs: a dead process keeps nothing, so its steps are free after one lease."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from onboarding.engine import hold
from onboarding.engine.outcomes import Lost
from onboarding.models import Step

logger = logging.getLogger(__name__)


class _Keeper:
    """One thread of this process that renews what is held, every third of a lease."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.held: dict[int, Step] = {}
        threading.Thread(target=self._work, name="leases", daemon=True).start()

    def _work(self) -> None:
        while True:
            time.sleep(hold.LEASE.total_seconds() / 3)
            for step in list(self.held.values()):
                self._renew(step)
            connection.close()

    def _renew(self, step: Step) -> None:
        try:
            hold.renew(step)
        except Lost:
            self.held.pop(id(step), None)
        except Exception:
            logger.exception("could not renew the lease of %s", step)


_keeper: list[_Keeper] = []
_lock = threading.Lock()


def _this_process() -> _Keeper:
    with _lock:
        if not _keeper or _keeper[0].pid != os.getpid():  # threads do not survive a fork
            _keeper[:] = [_Keeper()]
        return _keeper[0]


@contextmanager
def kept(step: Step) -> Iterator[None]:
    """The step's lease does not end within this block, as long as the process lives."""
    keeper = _this_process()
    keeper.held[id(step)] = step
    try:
        yield
    finally:
        keeper.held.pop(id(step), None)
