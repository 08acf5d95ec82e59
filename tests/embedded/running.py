"""A whole demo as a process, watched from outside."""

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

from portal.embedded import processes
from portal.embedded.processes import MARK

ROOT = Path(__file__).resolve().parents[2]


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def until(true: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        time.sleep(0.1)


def surroundings() -> dict[str, str]:
    """Without the servers that the tests themselves run with."""
    ours = ("DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in os.environ.items() if name not in ours}


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """`python -m portal.embedded …` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "portal.embedded", *words],
        cwd=ROOT,
        env=surroundings(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class Demo:
    """`python -m portal.embedded demo` from one folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        ports = [str(port) for port in free_ports(3)]
        self.url = f"http://127.0.0.1:{ports[0]}"
        names = ("--port", "--sandbox-port", "--smtp-port")
        self.options = [word for pair in zip(names, ports, strict=True) for word in pair]
        self.said = data.with_name(f"{data.name}.said")
        self.process: subprocess.Popen[str] | None = None
        self.line = ""

    @property
    def words(self) -> list[str]:
        return ["demo", "--no-browser", "--data", str(self.data), *self.options]

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with self.said.open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.embedded", *self.words],
                cwd=ROOT,
                env=surroundings(),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        assert self.line, self.said.read_text()[-3000:]

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Its status and whatever else it wrote on the standard output."""
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.send_signal(number)
        rest = self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(60), rest

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def leaders(self) -> list[int]:
        """The processes that the supervisor wrote down."""
        told = json.loads((self.data / "running.json").read_text())
        return [pid for pid, _ in told["running"]]

    def leader(self, word: str) -> int:
        """The one with this word in its command."""
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in self.leaders() if alive(pid)}
        return next((pid for pid, words in commands.items() if word in words), 0)

    def processes(self) -> list[int]:
        """Everybody who carries the mark of this folder, or belongs to somebody written down."""
        mark = f"{MARK}={self.data.resolve()}".encode()
        return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and _carries(int(entry), mark)]


def alive(pid: int) -> bool:
    return processes.identity(pid) is not None


def _carries(pid: int, mark: bytes) -> bool:
    try:
        return alive(pid) and mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
