"""A command of a job: its lines go to the log, and it ends when the job must."""

import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from sandbox.world import processes

GRACE = 2.0  # seconds between asking a group to end and ending it


class Cancelled(Exception):
    """The job was cancelled while the command ran."""


class TimedOut(Exception):
    """The command ran longer than it may."""


def run(
    command: list[str],
    folder: Path,
    environment: Mapping[str, str],
    line: Callable[[str], None],
    deadline: float,
    cancelled: threading.Event,
) -> int:
    """The exit code. `deadline` is of the monotonic clock. Raises Cancelled, TimedOut and OSError."""
    process = processes.start(command, folder, environment, owner=f"a job in {folder}")
    reader = threading.Thread(target=_read, args=(process.stdout, line), daemon=True)
    reader.start()
    try:
        return _wait(process, deadline, cancelled)
    finally:
        processes.end(process, GRACE)
        reader.join(timeout=GRACE)


def _wait(process: subprocess.Popen[bytes], deadline: float, cancelled: threading.Event) -> int:
    while True:
        try:
            return process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            if cancelled.is_set():
                raise Cancelled from None
            if time.monotonic() > deadline:
                raise TimedOut from None


def _read(stream: IO[bytes], line: Callable[[str], None]) -> None:
    with stream:
        for text in stream:
            line(text.decode(errors="replace").rstrip("\r\n"))
