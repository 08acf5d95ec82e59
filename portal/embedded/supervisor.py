"""The supervisor of the demo: one data folder, every process, one line when people can begin."""

import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from portal.embedded import children, environment, processes
from portal.embedded.children import ROOT, Child, Program
from portal.embedded.environment import HOST, Ports
from portal.embedded.errors import EmbeddedError, Taken
from portal.embedded.folder import Folder
from portal.embedded.postgres import Postgres
from portal.embedded.reloading import Changes
from portal.embedded.valkey import Valkey
from portal.embedded.watching import Watched, say, wait_until

READY_SECONDS = 120
LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Options:
    data: Path
    ports: Ports
    browser: bool = True
    develop: bool = False
    """Web and worker read the code anew after every change."""
    only_sandbox: bool = False
    """The outside world without Onramp: what was onboarded goes on by itself."""


class Stopped(Exception):
    """Somebody asked us to end while we were starting."""


class Supervisor:
    """`run()` starts everything in order, keeps it running until SIGINT or SIGTERM, and stops it in reverse."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.folder = Folder(options.data)
        self.watched: list[Watched] = []
        self.environment: dict[str, str] = {}
        self.stopping = threading.Event()
        self.insisting = False

    def run(self) -> int:
        """0 after an ordinary stop. Raises EmbeddedError where it cannot start; nothing is left running then."""
        self.folder.take()
        self._listen_to_signals()
        try:
            ended = self.folder.clear_leftovers()
            if ended:
                say(f"An earlier start was killed; {ended} of its processes were still running and have been ended")
            _refuse_taken(self.options.ports)
            self._start()
            self._keep_running()
        except Stopped:
            pass
        finally:
            self._stop()
        return 0

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self.stopping.is_set():
            self.insisting = True
            for one in self.watched:
                if one.child.process is not None and one.child.name != "postgres":
                    one.child.process.kill()
        self.stopping.set()

    def _start(self) -> None:
        began = time.monotonic()
        log, data, ports = self.folder.log, self.folder.path, self.options.ports
        base = environment.inherited() | {processes.MARK: str(data)}
        self._add(children.sandbox(ports, data / "sandbox", base, log("sandbox")), "the sandbox")
        if self.options.only_sandbox:
            sandbox = f"http://{HOST}:{ports.sandbox}"
            self._await(sandbox, "sandbox")
            sys.stdout.write(f"The sandbox is ready at {sandbox}\n")
            sys.stdout.flush()
            return
        servers = environment.servers(self._database(), self._broker())
        self.environment = environment.onramp(ports, self.folder.secret_key()) | servers
        surroundings = base | self.environment
        self._prepare(surroundings)
        self._add(self._web(surroundings), "the web process")
        self._add(children.worker(data / "celerybeat-schedule", surroundings, log("worker")), "the worker")
        self.folder.publish(self.environment)
        self._seed(surroundings)
        url = f"http://{HOST}:{ports.portal}"
        self._await(f"{url}/healthz", "web")
        say(f"Started in {time.monotonic() - began:.1f} s; data and logs are in {data}")
        say(f"The sandbox (GitHub, JIRA, the cluster, the mailbox …) is at http://{HOST}:{ports.sandbox}")
        sys.stdout.write(f"Onramp is ready at {url}\n")
        sys.stdout.flush()
        if self.options.browser and _has_display():
            webbrowser.open(url)

    def _database(self) -> str:
        given = os.environ.get("DATABASE_URL")
        if given:
            say("DATABASE_URL is set: that database is used")
            return given
        postgres = Postgres(self.folder.path / "postgres", self.folder.log("postgres"))
        self._add(postgres, "PostgreSQL")
        if postgres.note:
            say(postgres.note)
        return postgres.url

    def _broker(self) -> str:
        given = os.environ.get("REDIS_URL")
        if given:
            say("REDIS_URL is set: that broker is used")
            return given
        valkey = Valkey(self.folder.path / "valkey", self.folder.log("valkey"))
        self._add(valkey, "Valkey")
        return valkey.url

    def _web(self, surroundings: dict[str, str]) -> Program:
        make = children.web_for_development if self.options.develop else children.web
        return make(self.options.ports, surroundings, self.folder.log("web"))

    def _add(self, child: Child, called: str) -> None:
        if self.stopping.is_set():
            raise Stopped
        say(f"Starting {called}")
        self.watched.append(Watched(child))
        try:
            child.start()
        finally:
            self._record()

    def _record(self) -> None:
        leaders = [one.child.process for one in self.watched]
        running = [known for process in leaders if process and (known := processes.identity(process.pid))]
        sockets = [one.child.sockets for one in self.watched if isinstance(one.child, Postgres) and one.child.sockets]
        self.folder.record(running, sockets)

    def _prepare(self, surroundings: dict[str, str]) -> None:
        """The database's tables and the static files, at the same time."""
        log = self.folder.log("setup")
        tables = children.manage("migrate", ("migrate", "--verbosity", "1"), surroundings, log)
        say("Preparing the database")
        tables.start()
        files = children.manage("collectstatic", ("collectstatic", "--noinput", "--verbosity", "0"), surroundings, log)
        if _static_files_changed():
            files.start()
        try:
            self._finish(tables)
            self._finish(files)
        finally:
            tables.stop()
            files.stop()

    def _seed(self, surroundings: dict[str, str]) -> None:
        """Tell Onramp about the pretend company, while web and worker come up."""
        self._await(f"http://{HOST}:{self.options.ports.sandbox}/", "sandbox")
        say("Telling Onramp about the pretend company")
        seeding = children.manage("seed_demo", ("seed_demo",), surroundings, self.folder.log("setup"))
        seeding.start()
        try:
            self._finish(seeding)
        finally:
            seeding.stop()

    def _finish(self, program: Program) -> None:
        """Wait for a program that ends by itself. Raises EmbeddedError with its last words."""
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
        """Until it answers. Raises EmbeddedError where its process keeps dying, or too late."""
        child = next(one for one in self.watched if one.child.name == name)

        def settled() -> bool:
            self._look()
            return child.deaths > 2 or _answers(url)

        answered = wait_until(settled, self.stopping.is_set, READY_SECONDS)
        if self.stopping.is_set():
            raise Stopped
        if not answered or child.deaths > 2:
            raise EmbeddedError(f"{name} does not answer at {url}.{_end_of(self.folder.log(name))}")

    def _look(self) -> None:
        started = [one.look() for one in self.watched]
        if any(started):
            self._record()

    def _keep_running(self) -> None:
        changes = Changes(ROOT) if self.options.develop else None
        while not self.stopping.wait(LOOK_SECONDS):
            self._look()
            if changes is not None and changes.happened():
                self._restart("worker")

    def _restart(self, name: str) -> None:
        say(f"The code changed: {name} starts again")
        for one in self.watched:
            if one.child.name == name:
                one.child.stop()
                one.child.start()
        self._record()

    def _stop(self) -> None:
        """In reverse: nobody loses the server it is talking to; the sandbox stays for the worker's last calls."""
        order = {name: place for place, name in enumerate(("web", "worker", "sandbox", "valkey", "postgres"))}
        for one in sorted(self.watched, key=lambda one: order[one.child.name]):
            if one.child.process is not None:
                say(
                    f"Stopping {one.child.name}"
                    + ("; again Ctrl-C does not wait" if one.child.name == "worker" else "")
                )
            one.child.stop()
        self.folder.release()


def _refuse_taken(ports: Ports) -> None:
    """Raises Taken, naming the option that helps."""
    for option, port in (("--port", ports.portal), ("--sandbox-port", ports.sandbox), ("--smtp-port", ports.smtp)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise Taken(
                    f"Port {port} cannot be used ({error.strerror}): give another one with {option}."
                ) from error


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status < 400)
    except (OSError, urllib.error.URLError):
        return False


def _end_of(log: Path, lines: int = 15) -> str:
    last = log.read_text(errors="replace").splitlines()[-lines:] if log.exists() else []
    return f" The end of {log}:\n  " + "\n  ".join(last)


def _static_files_changed() -> bool:
    collected = ROOT / "static_collected/staticfiles.json"
    if not collected.exists():
        return True
    sources = [ROOT / "requirements/runtime.txt", *(ROOT / "static").rglob("*")]
    return any(one.stat().st_mtime > collected.stat().st_mtime for one in sources)


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
