"""Workers as processes that are forked from the test: they die as real ones do, and others replace them."""

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, connection, connections

from engine import execution, waking
from integrations import providers

PAUSE = 0.05
Prepare = Callable[[], None]


def forget_connections() -> None:
    """Before workers are forked, because each of them must open its own."""
    connection.close()


def work_forever() -> None:
    """As Celery does: a task that cannot reach the database ends with its error, and the worker goes on."""
    while True:
        try:
            due = waking.overdue()
            for _, step in due:
                execution.drain(step)
        except (OperationalError, InterfaceError):
            connection.close()
            due = []
        if not due:
            time.sleep(PAUSE)


@dataclass
class Workers:
    """`count` worker processes; `replace_dead` starts another one for each that died."""

    count: int
    prepare: Prepare
    """Runs in each new worker before it begins."""
    pids: set[int] = field(default_factory=set)
    deaths: int = 0

    def replace_dead(self) -> None:
        for pid in list(self.pids):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self.pids.discard(pid)
                self.deaths += 1
                assert os.WIFSIGNALED(status), (
                    f"a worker was not killed but ended with {os.waitstatus_to_exitcode(status)}"
                )
        while len(self.pids) < self.count:
            self.pids.add(self._fork())

    def _fork(self) -> int:
        pid = os.fork()
        if pid:
            return pid
        try:
            for connection in connections.all():
                connection.connection = None  # closing the parent's connection here would end it there
            providers.reset()
            self.prepare()
            work_forever()
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(1)

    def kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def worker_processes(count: int, prepare: Prepare = lambda: None) -> Iterator[Workers]:
    workers = Workers(count, prepare)
    try:
        yield workers
    finally:
        for pid in workers.pids:
            workers.kill(pid)
            os.waitpid(pid, 0)


def wait_until(condition: Callable[[], object], description: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"timed out: {description}"
        time.sleep(0.05)
