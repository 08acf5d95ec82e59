"""Valkey as a child process: the broker, with its data in a folder, on a loopback port with a password."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import redis

from portal.embedded import programs, secrets
from portal.embedded.errors import EmbeddedError
from portal.embedded.processes import MARK, TICK, Launch, start, stop

START_SECONDS = 30
_SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
"""


class Valkey:
    """`Valkey(folder).start()` returns the URL. It has a port, not a socket: every client library understands such a URL."""

    name = "valkey"

    def __init__(self, folder: Path, log: Path | None = None, port: int = 0) -> None:
        self.folder = folder.resolve()
        self.log = log or self.folder / "valkey.log"
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """redis://…; valid once started."""
        return f"redis://:{secrets.load_or_create(self.folder / 'password')}@127.0.0.1:{self.port}/0"

    def start(self) -> str:
        """Start it and wait until it has read its data. Raises EmbeddedError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.port = self.port or _free_port()
        password = secrets.load_or_create(self.folder / "password")
        # In a file: every user of the machine can read the arguments of a command.
        secrets.write(self.folder / "valkey.conf", _SETTINGS.format(port=self.port, password=password))
        command = [str(programs.valkey()), "valkey.conf"]
        environment = dict(os.environ) | {MARK: str(self.folder.parent)}
        self.process = start(Launch(command, self.log, self.folder, environment, death_signal=signal.SIGTERM))
        self._await()
        return self.url

    def stop(self) -> None:
        """A clean stop: everything written is on disk."""
        if self.process is not None:
            stop(self.process, signal.SIGTERM, patience=10)
        self.process = None

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        with redis.Redis.from_url(self.url, socket_timeout=2) as client:
            while not _answers(client):
                ended = self.process is None or self.process.poll() is not None
                if ended or time.monotonic() > deadline:
                    self.stop()
                    raise EmbeddedError(f"Valkey does not start.{self._end_of_log()}")
                time.sleep(TICK)

    def _end_of_log(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-6:] if self.log.exists() else []
        return f" The end of {self.log}:\n  " + "\n  ".join(lines)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, redis.exceptions.BusyLoadingError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
