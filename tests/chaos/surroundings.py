"""Every process of a round or of a measurement, in a folder of its own: they can be killed, stopped and started again one by
one."""

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
"""Of the pretend pipelines at once: they wait more than they work."""
PATIENCE = {
    "PORTAL_POLL_SECONDS": "6",
    "PORTAL_WATCH_SECONDS": "60",
    "PORTAL_ISSUES_SETTLE_SECONDS": "6",
    "PORTAL_PRESENCE_SECONDS": "0",
}
IMPATIENT = "?options=-c%20idle_in_transaction_session_timeout%3D3s"
"""As long as a lease, as in earnest."""
KEY = "only for the tests: 0123456789012345678901234567890123456789"


@dataclass(frozen=True)
class Setting:
    """What the processes are like: impatient ones that a round can wait for, unless said otherwise."""

    app: str = "tests.chaos.worker"
    """Of Celery."""
    groups: int = GROUPS
    processes: int = PROCESSES
    options: str = IMPATIENT
    """Of the connections to PostgreSQL."""
    environment: Mapping[str, str] = field(default_factory=lambda: PATIENCE)
    """Beside, and before, what the demo's processes are given."""
    background: bool = True
    """Whether the outside does anything by itself: its pipelines, its cluster, its webhooks."""


class Surroundings:
    """PostgreSQL, Valkey, the pretend outside world, web, and groups of workers."""

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
        """The folder, for its logs."""

    def begin(self) -> None:
        """Everything but the workers and the web server, which need the tables."""
        setting = self.setting
        servers = environment.servers(self.postgres.start() + setting.options, self.valkey.start())
        # A network for each pod would be two more processes for each of the small applications.
        os.environ["SANDBOX_POD_NETWORK"] = "mapped"
        self.sandbox = process.start(self.folder / "sandbox", background=setting.background, jobs_at_once=JOBS)
        ports = Ports(free_port(), self.sandbox.port, self.sandbox.smtp_port)
        own = environment.inherited() | servers | environment.onramp(ports, KEY) | dict(setting.environment)
        self.environment = own
        self.web = children.web(ports, own, self.folder / "web.log")
        self.workers = [_workers(number, setting, own, self.folder) for number in range(setting.groups)]

    def work(self) -> None:
        self.web.start()
        for group in self.workers:
            group.start()

    def tend(self) -> None:
        """Start again whatever died, as a supervisor does; the pretend outside world must not."""
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
        """To every process of a group of workers at once."""
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

    def mend_broker(self) -> None:
        if self.valkey.process is None or self.valkey.process.poll() is not None:
            self.valkey.start()

    def crash_database(self) -> None:
        """What `pg_ctl -m immediate` does: nobody is told, nothing is written down; the log is read at the start."""
        assert self.postgres.process is not None
        self.postgres.process.send_signal(signal.SIGQUIT)
        self.postgres.process.wait()
        self.postgres.start()

    def cut_connections(self) -> None:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


def _workers(number: int, setting: Setting, surroundings: dict[str, str], folder: Path) -> Program:
    words = ("-m", "celery", "-A", setting.app, "worker", "--hostname", f"group{number}@%h", "--pool", "prefork",
             "--concurrency", str(setting.processes), "--queues", ",".join(QUEUES), "--loglevel", "INFO",
             "--without-mingle", "--without-gossip")  # fmt: skip
    return Program(f"worker{number}", words, surroundings, folder / f"worker{number}.log")


@contextmanager
def surrounded(setting: Setting = Setting()) -> Iterator[Surroundings]:
    folder = Path(tempfile.mkdtemp(prefix="onramp-chaos-"))
    folder.chmod(0o711)
    made = Surroundings(folder, setting)
    try:
        made.begin()
        os.environ.update(made.environment)
        yield made
    except Exception:
        made.keep = True
        raise
    finally:
        made.end()
        if made.keep:
            sys.stderr.write(f"All that was kept and logged is in {folder}\n")
        else:
            shutil.rmtree(folder, ignore_errors=True)
