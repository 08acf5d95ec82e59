"""Celery workers as in production: separate prefork processes, on the test's database and a broker of their own."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from django.db import connection

from tests.faults.celery_steps import EXECUTION_LOG, QUEUE, SLOW_QUEUE

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


class Execution(NamedTuple):
    """A line of the execution log."""

    moment: str
    """ "begins" or "ends"."""
    run: str
    step: str
    child: int
    """The process that executes the step."""
    worker: int
    """The parent of that process."""


@dataclass
class CeleryWorkers:
    broker: str
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def executions(self) -> list[Execution]:
        """The execution log, in the order in which it was written."""
        path = self.folder / "executions"
        lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        return [Execution(moment, run, step, int(child), int(worker)) for moment, run, step, child, worker in lines]

    @property
    def output(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def start(self, *options: str, count: int = 1) -> None:
        """Start them and wait until all of them are ready. `{number}` in an option is the worker's."""
        logs = []
        for _ in range(count):
            number = len(self.processes)
            logs.append(self.folder / f"worker-{number}.log")
            arguments = ["-m", "celery", "-A", "portal", "worker", "--include", "tests.faults.celery_steps",
                         "--queues", f"{QUEUE},{SLOW_QUEUE}", "--pool", "prefork", "--concurrency", "2",
                         "--hostname", f"worker{number}@here", "--loglevel", "INFO", "--without-mingle",
                         "--without-gossip", *(option.format(number=number) for option in options)]  # fmt: skip
            with logs[-1].open("ab") as log:
                self.processes.append(
                    subprocess.Popen(
                        [sys.executable, *arguments],
                        cwd=ROOT,
                        env=self._environment(),
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        deadline = time.monotonic() + START_SECONDS
        while not all(" ready." in log.read_text() for log in logs):
            assert time.monotonic() < deadline, self.output
            time.sleep(0.1)

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": database_url(),
            "REDIS_URL": self.broker,
            "REMAP_SIGTERM": "SIGQUIT",
            EXECUTION_LOG: str(self.folder / "executions"),
            "PYTHONPATH": str(ROOT),
        }

    def stop(self) -> None:
        """End the processes that were started here, by their sessions."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        self.processes.clear()


def database_url() -> str:
    """The database that this process is connected to, for another process."""
    settings = connection.settings_dict
    user, password = quote(settings["USER"]), quote(settings["PASSWORD"])
    host, port = quote(settings["HOST"], safe=""), f":{settings['PORT']}" if settings["PORT"] else ""
    return f"postgresql://{user}:{password}@{host}{port}/{settings['NAME']}"


@contextmanager
def celery_workers(broker: str, *options: str, count: int = 1) -> Iterator[CeleryWorkers]:
    with tempfile.TemporaryDirectory() as folder:
        workers = CeleryWorkers(broker, Path(folder))
        try:
            workers.start(*options, count=count)
            yield workers
        finally:
            workers.stop()
