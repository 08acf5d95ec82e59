"""The supervisor of the demo: one data folder, all processes, and one line on stdout once people can start."""

import os
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from portal.embedded import children, environment, probes, proc, processes
from portal.embedded.children import ROOT, Child, Program
from portal.embedded.environment import HOST, Ports
from portal.embedded.errors import EmbeddedError
from portal.embedded.folder import Folder
from portal.embedded.postgres import Postgres
from portal.embedded.reloading import Changes, code_files
from portal.embedded.valkey import Valkey
from portal.embedded.watching import Watched, say, wait_until

READY_SECONDS = 120
CHECK_INTERVAL = 0.2
STOP_ORDER = ("web", "worker", "sandbox", "valkey", "postgres")
"""No process loses a server it uses; the sandbox outlives the worker, which may still be calling it."""


@dataclass(frozen=True)
class Options:
    data: Path
    ports: Ports
    browser: bool = True
    develop: bool = False
    """Restart web and worker after every change of the code."""
    only_sandbox: bool = False
    """The outside world without Onramp: whatever was onboarded keeps running."""
    tools: Mapping[str, str] = field(default_factory=dict)
    """Variables of real tools, which replace simulated ones."""


class Stopped(Exception):
    """A signal arrived while we were starting."""


class Supervisor:
    """`run()` starts everything in order, keeps it running until SIGINT or SIGTERM, and stops it in reverse."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.folder = Folder(options.data)
        self.watched: list[Watched] = []
        self.environment: dict[str, str] = {}
        self.stopping = threading.Event()
        self.changes = Changes(lambda: code_files(ROOT)) if options.develop else None

    def run(self) -> int:
        """0 after an ordinary stop. Raises EmbeddedError where it cannot start; then nothing is left running."""
        self.folder.lock()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            ended = self.folder.clear_leftovers()
            if ended:
                say(f"An earlier start was killed; ended {ended} of its processes, which were still running")
            probes.check_ports(self.options.ports)
            self._start()
            self._keep_running()
        except Stopped:
            pass
        finally:
            self._stop()
        return 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """The first signal stops everything in order; a second one kills whatever is still running."""
        if self.stopping.is_set():
            for watched in self.watched:
                if watched.child.process is not None and watched.child.name != "postgres":
                    watched.child.process.kill()
        self.stopping.set()

    def _start(self) -> None:
        began = time.monotonic()
        log, data, ports = self.folder.log, self.folder.path, self.options.ports
        base = environment.inherited() | {processes.MARK: str(data)}
        self._add(children.sandbox(ports, data / "sandbox", base, log("sandbox")), "the sandbox")
        sandbox = f"http://{HOST}:{ports.sandbox}"
        if self.options.only_sandbox:
            self._await(sandbox, "sandbox")
            _announce(f"The sandbox is ready at {sandbox}")
            return
        servers = environment.servers(self._database(), self._broker())
        self.environment = environment.onramp(ports, self.folder.secret_key(), self.options.tools) | servers
        variables = base | self.environment
        self._prepare(variables)
        self._add(self._web(variables), "the web process")
        self._add(self._worker(variables), "the worker")
        self.folder.publish(self.environment)
        self._seed(sandbox, variables)
        url = f"http://{HOST}:{ports.portal}"
        self._await(f"{url}/healthz", "web")
        say(f"Started in {time.monotonic() - began:.1f} s; data and logs are in {data}")
        say(f"The sandbox (GitHub, JIRA, the cluster, the mailbox, …) is at {sandbox}")
        _announce(f"Onramp is ready at {url}")
        if self.options.browser and _has_display():
            webbrowser.open(url)

    def _database(self) -> str:
        url = os.environ.get("DATABASE_URL")
        if url:
            say("Using the database of DATABASE_URL")
            return url
        postgres = Postgres(self.folder.path / "postgres", self.folder.log("postgres"))
        self._add(postgres, "PostgreSQL")
        if postgres.note:
            say(postgres.note)
        return postgres.url

    def _broker(self) -> str:
        url = os.environ.get("REDIS_URL")
        if url:
            say("Using the broker of REDIS_URL")
            return url
        valkey = Valkey(self.folder.path / "valkey", self.folder.log("valkey"))
        self._add(valkey, "Valkey")
        return valkey.url

    def _web(self, variables: dict[str, str]) -> Program:
        create = children.web_for_development if self.options.develop else children.web
        return create(self.options.ports, variables, self.folder.log("web"))

    def _worker(self, variables: dict[str, str]) -> Program:
        create = children.worker_for_development if self.options.develop else children.worker
        return create(variables, self.folder.log("worker"))

    def _add(self, child: Child, title: str) -> None:
        if self.stopping.is_set():
            raise Stopped
        say(f"Starting {title}")
        self.watched.append(Watched(child))
        try:
            child.start()
        finally:
            self._record()

    def _record(self) -> None:
        leaders = [watched.child.process for watched in self.watched]
        running = [identity for leader in leaders if leader and (identity := proc.identity(leader.pid))]
        servers = [watched.child for watched in self.watched if isinstance(watched.child, Postgres)]
        self.folder.record(running, [server.sockets for server in servers if server.sockets])

    def _prepare(self, variables: dict[str, str]) -> None:
        """Create the database's tables and collect the static files, both at once."""
        log = self.folder.log("setup")
        tables = children.manage("migrate", ("migrate", "--verbosity", "1"), variables, log)
        say("Preparing the database")
        tables.start()
        files = children.manage("collectstatic", ("collectstatic", "--noinput", "--verbosity", "0"), variables, log)
        if _static_files_changed():
            files.start()
        try:
            self._finish(tables)
            self._finish(files)
        finally:
            tables.stop()
            files.stop()

    def _seed(self, sandbox: str, variables: dict[str, str]) -> None:
        """Import the simulated company, while web and worker start."""
        self._await(sandbox, "sandbox")
        say("Importing the simulated company")
        seeding = children.manage("seed_demo", ("seed_demo",), variables, self.folder.log("setup"))
        seeding.start()
        try:
            self._finish(seeding)
        finally:
            seeding.stop()

    def _finish(self, program: Program) -> None:
        """Wait until the program ends. Raises EmbeddedError with the end of its log where it fails."""
        process = program.process
        if process is None:
            return
        if not wait_until(lambda: process.poll() is not None, self.stopping.is_set, READY_SECONDS):
            program.stop()
            if self.stopping.is_set():
                raise Stopped
            raise EmbeddedError(f"{program.name} did not end within {READY_SECONDS} s; see {program.log}")
        if process.returncode != 0:
            raise EmbeddedError(f"{program.name} failed.{_end_of(program.log)}")

    def _await(self, url: str, name: str) -> None:
        """Wait until it answers. Raises EmbeddedError where its process keeps dying, or after READY_SECONDS."""
        child = next(watched for watched in self.watched if watched.child.name == name)

        def answers_or_keeps_dying() -> bool:
            self._check()
            return child.deaths > 2 or probes.answers(url)

        answered = wait_until(answers_or_keeps_dying, self.stopping.is_set, READY_SECONDS)
        if self.stopping.is_set():
            raise Stopped
        if not answered or child.deaths > 2:
            raise EmbeddedError(f"{name} does not answer at {url}.{_end_of(self.folder.log(name))}")

    def _check(self) -> None:
        restarted = [watched.check() for watched in self.watched]
        if any(restarted):
            self._record()

    def _keep_running(self) -> None:
        while not self.stopping.wait(CHECK_INTERVAL):
            self._check()
            if self.changes is not None and self.changes.happened():
                say("The code changed: web and worker restart")
                for watched in self.watched:
                    if watched.child.name in ("web", "worker"):
                        watched.restart()

    def _stop(self) -> None:
        for watched in sorted(self.watched, key=lambda watched: STOP_ORDER.index(watched.child.name)):
            if watched.child.process is not None:
                hint = "; press Ctrl-C again to kill it" if watched.child.name == "worker" else ""
                say(f"Stopping {watched.child.name}{hint}")
            watched.child.stop()
        self.folder.release()


def _announce(line: str) -> None:
    """The one line for programs."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _end_of(log: Path, lines: int = 15) -> str:
    last = log.read_text(errors="replace").splitlines()[-lines:] if log.exists() else []
    return f" The end of {log}:\n  " + "\n  ".join(last)


def _static_files_changed() -> bool:
    collected = ROOT / "static_collected/staticfiles.json"
    if not collected.exists():
        return True
    sources = [ROOT / "requirements/runtime.txt", *(ROOT / "static").rglob("*")]
    return any(source.stat().st_mtime > collected.stat().st_mtime for source in sources)


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
