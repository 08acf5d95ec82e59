"""The data folder of one demo: locked by one supervisor at a time, with a record of its running processes."""

import fcntl
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from portal.embedded import proc, secrets
from portal.embedded.errors import EmbeddedError, InUse
from portal.embedded.leftovers import end_leftovers
from portal.embedded.proc import Identity

LOG_LIMIT = 5_000_000
"""Bytes; a longer log is renamed, and a new one begins."""


class Folder:
    """`DIR`: postgres/, valkey/, sandbox/, logs/, secret-key, and while running environment.json and running.json."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock: IO[str] | None = None

    def lock(self) -> None:
        """Create it and lock it until this process ends, however it ends. Raises InUse."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / "logs").mkdir(mode=0o700, exist_ok=True)
            self._lock = (self.path / "lock").open("a")
        except OSError as error:
            raise EmbeddedError(
                f"Onramp cannot use {self.path}: {error.strerror}. Name another folder with --data."
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUse(
                f"Onramp is already running from {self.path}. Stop it first (Ctrl-C where it was started), or name another "
                "folder with --data."
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
        return secrets.load_or_create(self.path / "secret-key")

    def record(self, running: Iterable[Identity], temporary: Iterable[Path]) -> None:
        """Record what would be left over if we were killed."""
        leftovers = {
            "boot": proc.boot_id(),
            "running": [list(identity) for identity in running],
            "temporary": [str(folder) for folder in temporary],
        }
        part = self.path / "running.part"
        secrets.write(part, json.dumps(leftovers))
        part.rename(self.path / "running.json")

    def clear_leftovers(self) -> int:
        """End what an earlier supervisor left running; returns the number of processes."""
        file = self.path / "running.json"
        if not file.exists():
            return 0
        leftovers = json.loads(file.read_text())
        is_this_boot = leftovers["boot"] == proc.boot_id()
        recorded = [Identity(*values) for values in leftovers["running"]] if is_this_boot else []
        ended = end_leftovers(recorded, self.path)
        for folder in leftovers["temporary"]:
            shutil.rmtree(folder, ignore_errors=True)
        file.unlink()
        return ended

    def publish(self, environment: dict[str, str]) -> None:
        """Save the variables of the running processes, for `bin/dev manage`."""
        secrets.write(self.path / "environment.json", json.dumps(environment, indent=1))

    def published(self) -> dict[str, str]:
        """The variables of the running processes. Raises EmbeddedError where nothing runs from this folder."""
        file = self.path / "environment.json"
        if not file.exists():
            raise EmbeddedError(
                f"Nothing runs from {self.path}. Start bin/dev (or bin/demo) first, or name its folder with --data."
            )
        return dict(json.loads(file.read_text()))
