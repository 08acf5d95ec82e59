"""The processes that the supervisor keeps running, and how each is started and stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from portal.embedded import development
from portal.embedded.environment import HOST, Ports
from portal.embedded.processes import Launch, start, stop

ROOT = Path(__file__).resolve().parents[2]
QUEUES = ("source", "pipelines", "cluster", "metrics", "logs", "issues", "chat", "events")
"""All queues (`QUEUES` of the golden path): the only worker of the demo serves every one."""
WORKERS = 4
THREADS = 32
"""Each open page occupies one of them with its event stream."""


class Child(Protocol):
    """What the supervisor needs to know about a process."""

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
    """Seconds until a stop kills it."""
    inherited: tuple[int, ...] = ()
    """File descriptors that it inherits."""
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> subprocess.Popen[bytes]:
        # `-P`: modules come only from the repository, whatever the current folder is.
        command = [sys.executable, "-P", *self.words]
        environment = {**self.environment, "PYTHONPATH": str(ROOT)}
        self.process = start(Launch(command, self.log, ROOT, environment, inherited=self.inherited))
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
             "--worker-class", "portal.web_worker.Worker", "--threads", str(THREADS), "--graceful-timeout", "3",
             "--no-control-socket")  # fmt: skip
    return Program("web", words, environment, log)


def web_for_development(ports: Ports, environment: Mapping[str, str], log: Path) -> Program:
    """Shows the traceback in the terminal and on every page while the code does not import."""
    words = ("-m", "portal.embedded.development", "web", HOST, str(ports.portal))
    terminal = os.dup(sys.stderr.fileno())
    return Program("web", words, {**environment, development.TERMINAL: str(terminal)}, log, inherited=(terminal,))


def worker(environment: Mapping[str, str], log: Path) -> Program:
    """Celery's soft shutdown, which needs REMAP_SIGTERM, lets running steps finish."""
    return _worker(("-m", "celery"), environment, log)


def worker_for_development(environment: Mapping[str, str], log: Path) -> Program:
    """Waits for the next change while the code does not import."""
    return _worker(("-m", "portal.embedded.development", "worker"), environment, log)


def _worker(celery: tuple[str, ...], environment: Mapping[str, str], log: Path) -> Program:
    words = (*celery, "-A", "portal", "worker", "--pool", "prefork",
             "--concurrency", str(WORKERS), "--queues", ",".join(QUEUES), "--loglevel", "INFO",
             "--without-mingle", "--without-gossip")  # fmt: skip
    return Program("worker", words, {**environment, "REMAP_SIGTERM": "SIGQUIT"}, log, patience=30)


def manage(name: str, words: tuple[str, ...], environment: Mapping[str, str], log: Path) -> Program:
    """A command of `manage.py`, which ends on its own."""
    return Program(name, ("manage.py", *words), environment, log)
