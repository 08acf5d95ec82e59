"""Workers as processes of their own, forked from the test: they die as real ones do, and are started again."""

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, connection, connections

from integrations import providers
from onboarding.engine import waking, work

PAUSE = 0.05
Prepare = Callable[[], None]


def forget_connections() -> None:
    """Before workers are forked: each opens its own."""
    connection.close()


def work_for_ever() -> None:
    """As Celery does it: a task that meets a database that is away ends with its error, and the worker goes on."""
    while True:
        try:
            due = waking.overdue()
            for _, step in due:
                work.carry(step)
        except (OperationalError, InterfaceError):
            connection.close()
            due = []
        if not due:
            time.sleep(PAUSE)


@dataclass
class Workers:
    """So many workers; `tend` starts another one for each that died."""

    count: int
    prepare: Prepare
    """Runs in each new worker before it begins."""
    pids: set[int] = field(default_factory=set)
    deaths: int = 0

    def tend(self) -> None:
        for pid in list(self.pids):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self.pids.discard(pid)
                self.deaths += 1
                assert os.WIFSIGNALED(status), f"a worker ended by itself with {os.waitstatus_to_exitcode(status)}"
        while len(self.pids) < self.count:
            self.pids.add(self._fork())

    def _fork(self) -> int:
        pid = os.fork()
        if pid:
            return pid
        try:
            for connection in connections.all():
                connection.connection = None  # the parent's: closing it here would end it there
            providers.provider.cache_clear()
            self.prepare()
            work_for_ever()
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(1)

    def kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def working(count: int, prepare: Prepare = lambda: None) -> Iterator[Workers]:
    workers = Workers(count, prepare)
    try:
        yield workers
    finally:
        for pid in workers.pids:
            workers.kill(pid)
            os.waitpid(pid, 0)


def until(holds: Callable[[], object], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
