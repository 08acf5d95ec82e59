"""A command of a job as a process group of its own: its lines go to the log, and it ends when the job must."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

MARK = "SANDBOX_JOB_FOLDER"
GRACE = 2.0  # seconds between asking a group to end and ending it


class Cancelled(Exception):
    """The job was cancelled while the command ran."""


class TimedOut(Exception):
    """The command ran longer than it may."""


class Processes:
    """The process groups of one job; their ids are on the disk so that a crash leaves none behind."""

    def __init__(self, folder: Path, cancelled: threading.Event) -> None:
        self._folder = folder
        self._cancelled = cancelled
        self._groups: list[int] = []

    def run(
        self,
        command: list[str],
        folder: Path,
        environment: Mapping[str, str],
        line: Callable[[str], None],
        deadline: float,
    ) -> int:
        """The exit code. `deadline` is of the monotonic clock. Raises Cancelled, TimedOut and OSError."""
        process = subprocess.Popen(  # noqa: S603 - running what was pushed is what a CI is for
            command,
            cwd=folder,
            env={**environment, MARK: str(self._folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._remember(process.pid)
        reader = threading.Thread(target=_read, args=(process.stdout, line), daemon=True)
        reader.start()
        try:
            return self._wait(process, deadline)
        finally:
            end_group(process.pid)
            process.wait()
            reader.join(timeout=GRACE)

    def _wait(self, process: subprocess.Popen[bytes], deadline: float) -> int:
        while True:
            try:
                return process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                if self._cancelled.is_set():
                    raise Cancelled from None
                if time.monotonic() > deadline:
                    raise TimedOut from None

    def _remember(self, group: int) -> None:
        self._groups.append(group)
        with (self._folder / "groups").open("a") as stream:
            stream.write(f"{group}\n")


def _read(stream: IO[bytes] | None, line: Callable[[str], None]) -> None:
    if stream is None:
        return
    with stream:
        for text in stream:
            line(text.decode(errors="replace").rstrip("\r\n"))


def end_group(group: int) -> None:
    """Ask the processes of a group to end, and insist; nothing happens where there are none left."""
    for number, seconds in ((signal.SIGTERM, GRACE), (signal.SIGKILL, 0.0)):
        try:
            os.killpg(group, number)
        except (ProcessLookupError, PermissionError):  # gone, or (macOS) all of them ended and not yet collected
            return
        until = time.monotonic() + seconds
        while time.monotonic() < until and _alive(group):
            time.sleep(0.05)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return not _only_zombies(group)


def _only_zombies(group: int) -> bool:
    """A leader that ended and was not waited for counts as gone."""
    try:
        return Path(f"/proc/{group}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def end_left_behind(folder: Path) -> None:
    """End the groups that a job's folder names and that are still its own (their environment says so)."""
    for line in _lines(folder / "groups"):
        try:
            environment = Path(f"/proc/{int(line)}/environ").read_bytes()
        except OSError:
            continue
        if f"{MARK}={folder}".encode() in environment.split(b"\0"):
            end_group(int(line))


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.is_file() else []
