"""Processes: started so that they end with their starter, recognised again after a kill, ended as a whole.

Every child leads a session of its own. A process is known by its id *and* the moment it started, never by its name:
ids are given out anew. Linux only (`/proc`, `prctl`).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from portal.embedded.errors import EmbeddedError

MARK = "ONRAMP_DATA"
"""Every process started here carries its data folder in this variable."""
TICK = 0.05
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Account:
    """As whom a program runs: `prefix` comes before its command; ids are None for "as ourselves"."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None


OURSELVES = Account()


@dataclass(frozen=True)
class Launch:
    """How to start a program."""

    command: Sequence[str]
    log: Path
    cwd: Path
    environment: Mapping[str, str]
    account: Account = OURSELVES
    death_signal: signal.Signals = signal.SIGTERM
    """Sent to it by the kernel when we die without a word."""


class Identity(NamedTuple):
    """A process beyond doubt: its id, and its start in ticks since the machine's boot."""

    pid: int
    started: int


class _Stat(NamedTuple):
    state: str
    session: int
    started: int


def boot() -> str:
    """Changes with every boot of the machine, so that recorded ids of an earlier one are not mistaken."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _stat(pid: int) -> _Stat | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold anything; see proc(5)
    return _Stat(fields[0], int(fields[3]), int(fields[19]))


def _living(pid: int) -> _Stat | None:
    stat = _stat(pid)
    return None if stat is None or stat.state in "ZX" else stat


def identity(pid: int) -> Identity | None:
    """None where there is no such process, or only its shell waits to be reaped."""
    stat = _living(pid)
    return Identity(pid, stat.started) if stat else None


def alive(one: Identity) -> bool:
    return identity(one.pid) == one


def working_folder(pid: int) -> Path | None:
    """Where a process works, or None where that is hidden from us."""
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return None


def start(launch: Launch) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, with its output appended to the log. Raises EmbeddedError."""
    if sys.platform != "linux":
        raise EmbeddedError(
            "The embedded servers run on Linux only; set DATABASE_URL and REDIS_URL to servers you have."
        )
    with launch.log.open("ab") as output:
        try:
            return subprocess.Popen(  # noqa: S603 - the commands are our own, never a person's input
                [*launch.account.prefix, *launch.command],
                cwd=launch.cwd,
                env=dict(launch.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=launch.account.uid,
                group=launch.account.gid,
                extra_groups=[] if launch.account.gid is not None else None,
                preexec_fn=_ends_with(os.getpid(), launch.death_signal),
            )
        except OSError as error:
            raise EmbeddedError(f"{launch.command[0]} does not start: {error}") from error


def _ends_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    """Ask the kernel for a signal at the death of the starter. It is asked after the change of user, which forgets it."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return ask


def members(session: int) -> list[int]:
    """The living processes of a session."""
    pids = (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
    return [pid for pid in pids if (stat := _living(pid)) and stat.session == session]


def stop(process: subprocess.Popen[bytes], ask: signal.Signals = signal.SIGTERM, patience: float = 10) -> bool:
    """Ask it to end, insist after `patience` seconds, and leave none of its session. False where it had to be killed."""
    willing = True
    if process.poll() is None:
        process.send_signal(ask)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            willing = False
    _kill(members(process.pid))
    process.wait()
    return willing


def end_leftovers(recorded: Iterable[Identity], data: Path, patience: float = 8) -> int:
    """End what an earlier supervisor of this folder left running; returns how many processes that were."""
    sessions = list(recorded)
    found = _leftovers(sessions, data)
    _signal(found, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while (rest := _leftovers(sessions, data)) and time.monotonic() < deadline:
        time.sleep(TICK)
    _kill(rest)
    while _leftovers(sessions, data):
        time.sleep(TICK)
    return len(found)


def _leftovers(sessions: Iterable[Identity], data: Path) -> list[int]:
    """Who is left of our sessions. Where the leader is gone, only who carries our mark: its number may be given anew."""
    found = []
    for leader in sessions:
        if alive(leader):
            found += members(leader.pid)
        elif identity(leader.pid) is None:
            found += [pid for pid in members(leader.pid) if _carries_mark(pid, data)]
    return found


def _carries_mark(pid: int, data: Path) -> bool:
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return f"{MARK}={data}".encode() in variables


def _kill(pids: Iterable[int]) -> None:
    _signal(pids, signal.SIGKILL)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
