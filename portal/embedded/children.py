"""The processes that a supervisor keeps running, and how each is started and asked to end."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from portal.embedded.environment import HOST, Ports
from portal.embedded.processes import Launch, start, stop

ROOT = Path(__file__).resolve().parents[2]
QUEUES = ("source", "pipelines", "cluster", "metrics", "logs", "issues", "chat", "events")
"""Every queue (`LANES` of the golden path): the one worker of the demo serves them all."""
WORKERS = 4
THREADS = 32
"""Each open page holds one of them with its stream."""


class Child(Protocol):
    """What the supervisor needs to know of a process."""

    name: str
    process: subprocess.Popen[bytes] | None

    def start(self) -> object: ...
    def stop(self) -> None: ...


@dataclass
class Program:
    """A Python program of this repository."""

    name: str
    words: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    patience: float = 10
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> subprocess.Popen[bytes]:
        # `-P`: modules come from the repository alone, wherever somebody stands.
        command = [sys.executable, "-P", *self.words]
        environment = {**self.environment, "PYTHONPATH": str(ROOT)}
        self.process = start(Launch(command, self.log, ROOT, environment))
        return self.process

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process, signal.SIGTERM, self.patience)
        self.process = None


def sandbox(ports: Ports, data: Path, environment: Mapping[str, str], log: Path) -> Program:
    words = ("-m", "sandbox", "--port", str(ports.sandbox), "--smtp-port", str(ports.smtp), "--data", str(data))
    return Program("sandbox", words, environment, log)


def web(ports: Ports, environment: Mapping[str, str], log: Path) -> Program:
    words = ("-m", "gunicorn", "portal.wsgi", "--bind", f"{HOST}:{ports.portal}", "--workers", "1",
             "--worker-class", "gthread", "--threads", str(THREADS), "--graceful-timeout", "3",
             "--no-control-socket")  # fmt: skip
    return Program("web", words, environment, log)


def web_for_development(ports: Ports, environment: Mapping[str, str], log: Path) -> Program:
    """Reads the code anew after every change."""
    return Program("web", ("manage.py", "runserver", f"{HOST}:{ports.portal}"), environment, log)


def worker(schedule: Path, environment: Mapping[str, str], log: Path) -> Program:
    """With beat; Celery's soft shutdown gives running steps their time (it needs REMAP_SIGTERM)."""
    words = ("-m", "celery", "-A", "portal", "worker", "--beat", "--schedule", str(schedule), "--pool", "prefork",
             "--concurrency", str(WORKERS), "--queues", ",".join(QUEUES), "--loglevel", "INFO",
             "--without-mingle", "--without-gossip")  # fmt: skip
    return Program("worker", words, {**environment, "REMAP_SIGTERM": "SIGQUIT"}, log, patience=30)


def manage(name: str, words: tuple[str, ...], environment: Mapping[str, str], log: Path) -> Program:
    """A command of `manage.py` that ends by itself."""
    return Program(name, ("manage.py", *words), environment, log)
