"""Celery workers as in production, as processes of their own: prefork, on the test's database and a broker of the test's own."""

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
from urllib.parse import quote

from django.db import connection

from tests.faults.carried import LANE, SLOW, WITNESS

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@dataclass
class CeleryWorkers:
    broker: str
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def witness(self) -> list[list[str]]:
        """[begins or ends, run, step, child, worker], in the order in which it happened."""
        path = self.folder / "witness"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def said(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def start(self, *options: str, count: int = 1) -> None:
        """Start them and wait until all of them are ready. `{number}` in an option is the worker's."""
        logs = []
        for _ in range(count):
            number = len(self.processes)
            logs.append(self.folder / f"worker-{number}.log")
            words = ["-m", "celery", "-A", "portal", "worker", "--include", "tests.faults.carried", "--queues", f"{LANE},{SLOW}",
                     "--pool", "prefork", "--concurrency", "2", "--hostname", f"worker{number}@here", "--loglevel", "INFO",
                     "--without-mingle", "--without-gossip", *(one.format(number=number) for one in options)]  # fmt: skip
            with logs[-1].open("ab") as log:
                self.processes.append(
                    subprocess.Popen(
                        [sys.executable, *words],
                        cwd=ROOT,
                        env=self._environment(),
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        deadline = time.monotonic() + START_SECONDS
        while not all(" ready." in log.read_text() for log in logs):
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": url_of_the_database(),
            "REDIS_URL": self.broker,
            "REMAP_SIGTERM": "SIGQUIT",
            WITNESS: str(self.folder / "witness"),
            "PYTHONPATH": str(ROOT),
        }

    def stop(self) -> None:
        """The processes that were started here, by their sessions."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        self.processes.clear()


def url_of_the_database() -> str:
    """Where this process is connected, as another one can be told."""
    given = connection.settings_dict
    user, password = quote(given["USER"]), quote(given["PASSWORD"])
    host, port = quote(given["HOST"], safe=""), f":{given['PORT']}" if given["PORT"] else ""
    return f"postgresql://{user}:{password}@{host}{port}/{given['NAME']}"


@contextmanager
def celery_workers(broker: str, *options: str, count: int = 1) -> Iterator[CeleryWorkers]:
    with tempfile.TemporaryDirectory() as folder:
        workers = CeleryWorkers(broker, Path(folder))
        try:
            workers.start(*options, count=count)
            yield workers
        finally:
            workers.stop()
