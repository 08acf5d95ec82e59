"""A command of a job: its output goes to the log, and it is ended when the job is cancelled or times out."""

import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from sandbox.world import processes

GRACE_SECONDS = 2.0  # between asking a process group to end and killing it


class Cancelled(Exception):
    """The job was cancelled while the command ran."""


class TimedOut(Exception):
    """The command ran past its deadline."""


def run(
    command: list[str],
    folder: Path,
    environment: Mapping[str, str],
    line: Callable[[str], None],
    deadline: float,
    cancelled: threading.Event,
) -> int:
    """The exit code. `deadline` is in time.monotonic(). Raises Cancelled, TimedOut and OSError."""
    process = processes.start(command, folder, environment, owner=f"a job in {folder}")
    reader = threading.Thread(target=_copy_lines, args=(process.stdout, line), daemon=True)
    reader.start()
    try:
        return _wait(process, deadline, cancelled)
    finally:
        processes.end(process, GRACE_SECONDS)
        reader.join(timeout=GRACE_SECONDS)


def _wait(process: subprocess.Popen[bytes], deadline: float, cancelled: threading.Event) -> int:
    while True:
        try:
            return process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            if cancelled.is_set():
                raise Cancelled from None
            if time.monotonic() > deadline:
                raise TimedOut from None


def _copy_lines(stream: IO[bytes], line: Callable[[str], None]) -> None:
    with stream:
        for text in stream:
            line(text.decode(errors="replace").rstrip("\r\n"))
