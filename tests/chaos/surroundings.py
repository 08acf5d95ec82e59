"""All processes of a round or of a measurement, in a folder of their own. Each can be killed, stopped and restarted."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis

from portal.embedded import children, environment
from portal.embedded.children import QUEUES, Program
from portal.embedded.environment import Ports
from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey
from tests.chaos.sequence import GROUPS
from tests.sandbox import process
from tests.sandbox.process import Sandbox, free_port

PROCESSES = 3
"""Of each group of workers."""
JOBS = 6
"""Simulated pipelines that run at once: they wait more than they work."""
SHORT_WAITS = {
    "PORTAL_POLL_SECONDS": "6",
    "PORTAL_WATCH_SECONDS": "60",
    "PORTAL_ISSUES_SETTLE_SECONDS": "6",
    "PORTAL_PRESENCE_SECONDS": "0",
}
SHORT_TRANSACTIONS = "?options=-c%20idle_in_transaction_session_timeout%3D3s"
"""As long as a lease, as in production."""
KEY = "only for the tests: 0123456789012345678901234567890123456789"


@dataclass(frozen=True)
class Setting:
    """How the processes are configured. The defaults have waits that a round can afford."""

    app: str = "tests.chaos.worker"
    """Celery's app."""
    groups: int = GROUPS
    processes: int = PROCESSES
    options: str = SHORT_TRANSACTIONS
    """Of the connections to PostgreSQL."""
    environment: Mapping[str, str] = field(default_factory=lambda: SHORT_WAITS)
    """In addition to the environment of the demo's processes, and with precedence over it."""
    background: bool = True
    """Whether the sandbox runs its pipelines, its cluster and its webhooks."""


class Surroundings:
    """PostgreSQL, Valkey, the simulated outside world, the web server, and groups of workers."""

    def __init__(self, folder: Path, setting: Setting) -> None:
        self.folder = folder
        self.setting = setting
        self.postgres = Postgres(folder / "postgres")
        self.valkey = Valkey(folder / "valkey")
        self.sandbox: Sandbox
        self.environment: dict[str, str] = {}
        self.web: Program
        self.workers: list[Program] = []
        self.keep = False
        """Whether the folder is kept at the end, for its logs."""

    def begin(self) -> None:
        """Start everything except the workers and the web server, which need the tables."""
        setting = self.setting
        servers = environment.servers(self.postgres.start() + setting.options, self.valkey.start())
        # A network for each pod would be two more processes for each of the small applications.
        os.environ["SANDBOX_POD_NETWORK"] = "mapped"
        self.sandbox = process.start(self.folder / "sandbox", background=setting.background, jobs_at_once=JOBS)
        ports = Ports(free_port(), self.sandbox.port, self.sandbox.smtp_port)
        merged = environment.inherited() | servers | environment.onramp(ports, KEY) | dict(setting.environment)
        self.environment = merged
        self.web = children.web(ports, merged, self.folder / "web.log")
        self.workers = [_workers(number, setting, merged, self.folder) for number in range(setting.groups)]

    def work(self) -> None:
        self.web.start()
        for group in self.workers:
            group.start()

    def restart_dead(self) -> None:
        """Restart processes that died, as a supervisor does. The simulated outside world must not die."""
        assert self.sandbox.process.poll() is None, "the sandbox died"
        for program in (self.web, *self.workers):
            if program.process is not None and program.process.poll() is not None:
                program.start()

    def end(self) -> None:
        for group in range(len(self.workers)):
            self.signal(group, signal.SIGKILL)
        if self.environment:
            self.web.stop()
            process.stop(self.sandbox.process)
        self.valkey.stop()
        if self.keep:
            self.postgres.stop()
        else:
            self.postgres.remove()

    def signal(self, group: int, number: signal.Signals) -> None:
        """Send the signal to every process of a group of workers at once."""
        leader = self.workers[group].process
        if leader is not None and leader.poll() is None:
            os.killpg(leader.pid, number)

    def flush_broker(self) -> None:
        with redis.Redis.from_url(self.environment["REDIS_URL"], socket_timeout=2) as client:
            client.flushall()

    def kill_broker(self) -> None:
        if self.valkey.process is not None:
            self.valkey.process.kill()
            self.valkey.process.wait()

    def start_broker(self) -> None:
        if self.valkey.process is None or self.valkey.process.poll() is not None:
            self.valkey.start()

    def crash_database(self) -> None:
        """As `pg_ctl -m immediate`: no client is warned and nothing is flushed; the next start recovers from the log."""
        assert self.postgres.process is not None
        self.postgres.process.send_signal(signal.SIGQUIT)
        self.postgres.process.wait()
        self.postgres.start()

    def cut_connections(self) -> None:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


def _workers(number: int, setting: Setting, environment: dict[str, str], folder: Path) -> Program:
    arguments = ("-m", "celery", "-A", setting.app, "worker", "--hostname", f"group{number}@%h", "--pool", "prefork",
             "--concurrency", str(setting.processes), "--queues", ",".join(QUEUES), "--loglevel", "INFO",
             "--without-mingle", "--without-gossip")  # fmt: skip
    return Program(f"worker{number}", arguments, environment, folder / f"worker{number}.log")


@contextmanager
def surrounded(setting: Setting = Setting()) -> Iterator[Surroundings]:
    folder = Path(tempfile.mkdtemp(prefix="onramp-chaos-"))
    folder.chmod(0o711)
    surroundings = Surroundings(folder, setting)
    try:
        surroundings.begin()
        os.environ.update(surroundings.environment)
        yield surroundings
    except Exception:
        surroundings.keep = True
        raise
    finally:
        surroundings.end()
        if surroundings.keep:
            sys.stderr.write(f"The data and logs of this round are kept in {folder}\n")
        else:
            shutil.rmtree(folder, ignore_errors=True)
