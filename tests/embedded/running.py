"""A whole demo as a process, observed from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from portal.embedded import proc
from portal.embedded.processes import MARK

ROOT = Path(__file__).resolve().parents[2]


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def until(condition: Callable[[], bool], title: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {title}"
        time.sleep(0.1)


def variables() -> dict[str, str]:
    """The environment without the servers that the tests themselves use."""
    servers = ("DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in os.environ.items() if name not in servers}


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m portal.embedded …` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "portal.embedded", *words],
        cwd=ROOT,
        env=variables(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class Demo:
    """`python -m portal.embedded demo` (or `dev`) with one data folder, from the repository or a copy of it."""

    def __init__(self, data: Path, part: str = "demo", root: Path = ROOT) -> None:
        self.data = data
        self.part = part
        self.root = root
        ports = [str(port) for port in free_ports(3)]
        self.url = f"http://127.0.0.1:{ports[0]}"
        names = ("--port", "--sandbox-port", "--smtp-port")
        self.options = [word for pair in zip(names, ports, strict=True) for word in pair]
        self.terminal = data.with_name(f"{data.name}.terminal")
        self.process: subprocess.Popen[str] | None = None
        self.line = ""

    @property
    def words(self) -> list[str]:
        return [self.part, "--no-browser", "--data", str(self.data), *self.options]

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with self.terminal.open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.embedded", *self.words],
                cwd=self.root,
                env=variables(),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        assert self.line, self.terminal.read_text()[-3000:]

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Its exit status and the rest of its standard output."""
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.send_signal(number)
        rest = self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(60), rest

    def answers(self) -> bool:
        return self.get("/healthz")[0] == 200

    def get(self, path: str) -> tuple[int, str]:
        """(status, body) of a page; (0, "") where nothing answers."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as response:  # noqa: S310 - an address of the loopback
                return int(response.status), response.read().decode()
        except urllib.error.HTTPError as response:
            with response:
                return response.code, response.read().decode()
        except (OSError, urllib.error.URLError):
            return 0, ""

    def leaders(self) -> list[int]:
        """The processes that the supervisor recorded."""
        recorded = json.loads((self.data / "running.json").read_text())
        return [pid for pid, _ in recorded["running"]]

    def leader(self, word: str) -> int:
        """The recorded process with this word in its command; 0 where there is none."""
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in self.leaders() if alive(pid)}
        return next((pid for pid, words in commands.items() if word in words), 0)

    def processes(self) -> list[int]:
        """All processes with the mark of this folder."""
        mark = f"{MARK}={self.data.resolve()}".encode()
        return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and _has_mark(int(entry), mark)]


def alive(pid: int) -> bool:
    return proc.identity(pid) is not None


def _has_mark(pid: int, mark: bytes) -> bool:
    try:
        return alive(pid) and mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
