"""Processes: each leads its own session, ends with the process that started it, and is stopped with all its children.

Linux only (`/proc`, `prctl`).
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.errors import EmbeddedError
from portal.embedded.proc import kill, members

MARK = "ONRAMP_DATA"
"""Every process started here has its data folder in this variable."""
TICK = 0.05
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Account:
    """The user that runs a program: `prefix` goes before its command; ids are None for our own user."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None


OUR_OWN = Account()


@dataclass(frozen=True)
class Launch:
    """How to start a program."""

    command: Sequence[str]
    log: Path
    cwd: Path
    environment: Mapping[str, str]
    account: Account = OUR_OWN
    death_signal: signal.Signals = signal.SIGTERM
    """Sent to it by the kernel when we die."""
    inherited: tuple[int, ...] = ()
    """File descriptors that it inherits."""


def start(launch: Launch) -> subprocess.Popen[bytes]:
    """Start it in its own session, with its output appended to the log. Raises EmbeddedError."""
    if sys.platform != "linux":
        raise EmbeddedError(
            "The embedded servers run only on Linux. Set DATABASE_URL and REDIS_URL to your own servers."
        )
    with launch.log.open("ab") as output:
        try:
            return subprocess.Popen(  # noqa: S603 - our own commands, never a person's input
                [*launch.account.prefix, *launch.command],
                cwd=launch.cwd,
                env=dict(launch.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=launch.inherited,
                user=launch.account.uid,
                group=launch.account.gid,
                extra_groups=[] if launch.account.gid is not None else None,
                preexec_fn=_ends_with(os.getpid(), launch.death_signal),
            )
        except OSError as error:
            raise EmbeddedError(f"{launch.command[0]} does not start: {error}") from error


def _ends_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    """Make the kernel signal the child when its parent dies. Called after the change of user, which resets this."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def set_death_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # the parent died in between
            os._exit(1)

    return set_death_signal


def stop(process: subprocess.Popen[bytes], request: signal.Signals = signal.SIGTERM, patience: float = 10) -> bool:
    """Ask it to end, kill it after `patience` seconds, and leave none of its session. False where it was killed."""
    ended = True
    if process.poll() is None:
        process.send_signal(request)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            ended = False
    kill(members(process.pid))
    process.wait()
    return ended
