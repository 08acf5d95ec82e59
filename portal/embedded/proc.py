"""What Linux tells of processes in /proc (proc(5)).

A process is identified by its id *and* its start time, never by its name, because ids are reused.
"""

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Identity(NamedTuple):
    """Identifies a process: its id, and its start in ticks since the machine's boot."""

    pid: int
    started: int


class _Stat(NamedTuple):
    state: str
    session: int
    started: int


def boot_id() -> str:
    """Changes with every boot of the machine: process ids recorded before it mean nothing."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _stat(pid: int) -> _Stat | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may contain anything; see proc(5)
    return _Stat(fields[0], int(fields[3]), int(fields[19]))


def _living(pid: int) -> _Stat | None:
    stat = _stat(pid)
    return None if stat is None or stat.state in "ZX" else stat


def identity(pid: int) -> Identity | None:
    """None where there is no such process, or only a zombie."""
    stat = _living(pid)
    return Identity(pid, stat.started) if stat else None


def alive(process: Identity) -> bool:
    return identity(process.pid) == process


def working_folder(pid: int) -> Path | None:
    """The current folder of a process, or None where we are not allowed to see it."""
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return None


def members(session: int) -> list[int]:
    """The living processes of a session."""
    pids = (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
    return [pid for pid in pids if (stat := _living(pid)) and stat.session == session]


def kill(pids: Iterable[int]) -> None:
    signal_all(pids, signal.SIGKILL)


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
