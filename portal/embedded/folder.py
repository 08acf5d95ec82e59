"""The data folder of one demo: locked by one supervisor at a time, and knowing what an earlier one left running."""

import fcntl
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from portal.embedded import processes, secrets
from portal.embedded.errors import EmbeddedError, Taken
from portal.embedded.processes import Identity

LOG_LIMIT = 5_000_000
"""Bytes; a longer log starts anew and the old one is kept beside it."""


class Folder:
    """`DIR`: postgres/, valkey/, sandbox/, logs/, secret-key, and while it runs environment.json and running.json."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock: IO[str] | None = None

    def take(self) -> None:
        """Make it and lock it until our end, however we end. Raises Taken."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / "logs").mkdir(mode=0o700, exist_ok=True)
            self._lock = (self.path / "lock").open("a")
        except OSError as error:
            raise EmbeddedError(
                f"{self.path} cannot be used: {error.strerror}. Name another folder with --data."
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Taken(
                f"Onramp is running from {self.path} already. Stop that one first (Ctrl-C where it was started), "
                "or name another folder with --data."
            ) from error

    def release(self) -> None:
        for name in ("running.json", "environment.json"):
            (self.path / name).unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()

    def log(self, name: str) -> Path:
        file = self.path / "logs" / f"{name}.log"
        if file.exists() and file.stat().st_size > LOG_LIMIT:
            file.rename(file.with_suffix(".log.1"))
        return file

    def secret_key(self) -> str:
        return secrets.kept(self.path / "secret-key")

    def record(self, running: Iterable[Identity], temporary: Iterable[Path]) -> None:
        """Write down what would be left over if we were killed."""
        told = {
            "boot": processes.boot(),
            "running": [list(one) for one in running],
            "temporary": [str(one) for one in temporary],
        }
        part = self.path / "running.part"
        secrets.write(part, json.dumps(told))
        part.rename(self.path / "running.json")

    def clear_leftovers(self) -> int:
        """End what an earlier supervisor could not; returns how many processes that were."""
        file = self.path / "running.json"
        if not file.exists():
            return 0
        told = json.loads(file.read_text())
        recorded = [Identity(*one) for one in told["running"]] if told["boot"] == processes.boot() else []
        ended = processes.end_leftovers(recorded, self.path)
        for one in told["temporary"]:
            shutil.rmtree(one, ignore_errors=True)
        file.unlink()
        return ended

    def publish(self, environment: dict[str, str]) -> None:
        """For `bin/dev manage`: what the running processes were given."""
        secrets.write(self.path / "environment.json", json.dumps(environment, indent=1))

    def published(self) -> dict[str, str]:
        """Raises EmbeddedError where nothing runs from this folder."""
        file = self.path / "environment.json"
        if not file.exists():
            raise EmbeddedError(f"Nothing runs from {self.path}: start bin/dev (or bin/demo) first, or name --data.")
        return dict(json.loads(file.read_text()))
