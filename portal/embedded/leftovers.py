"""What a killed supervisor left running, recognised by its sessions and by the mark in its environment."""

import signal
import time
from collections.abc import Iterable
from pathlib import Path

from portal.embedded.proc import Identity, alive, identity, kill, members, signal_all
from portal.embedded.processes import MARK, TICK


def end_leftovers(recorded: Iterable[Identity], data: Path, patience: float = 8) -> int:
    """End what an earlier supervisor of this folder left running; returns the number of processes."""
    sessions = list(recorded)
    leftovers = _leftovers(sessions, data)
    signal_all(leftovers, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while (rest := _leftovers(sessions, data)) and time.monotonic() < deadline:
        time.sleep(TICK)
    kill(rest)
    while _leftovers(sessions, data):
        time.sleep(TICK)
    return len(leftovers)


def _leftovers(sessions: Iterable[Identity], data: Path) -> list[int]:
    """The processes left of our sessions. Where the leader is gone, only those with our mark: its id may be reused."""
    leftovers = []
    for leader in sessions:
        if alive(leader):
            leftovers += members(leader.pid)
        elif identity(leader.pid) is None:
            leftovers += [pid for pid in members(leader.pid) if _has_mark(pid, data)]
    return leftovers


def _has_mark(pid: int, data: Path) -> bool:
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return f"{MARK}={data}".encode() in variables
