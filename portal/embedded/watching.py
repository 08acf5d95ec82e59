"""Keeps a child running: one that dies is restarted at once, then after growing pauses while it keeps dying."""

import signal
import sys
import time
from collections.abc import Callable

from portal.embedded import processes
from portal.embedded.children import Child
from portal.embedded.errors import EmbeddedError

FIRST_PAUSE = 0.5
MAX_PAUSE = 30.0
STABLE_AFTER = 60.0
"""Seconds after which earlier deaths no longer count."""
RESTART_PATIENCE = 30.0
"""Seconds until a child that was asked to end is killed."""


def say(sentence: str) -> None:
    """Progress is for people and goes to stderr; stdout has the one line for programs."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


class Watched:
    """One child and its history of deaths."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.deaths = 0
        self.started = time.monotonic()
        self.due: float | None = None
        """When to start the child, which has died, again."""
        self.kill_at: float | None = None
        """When to kill the child, which was asked to end for a restart."""

    def restart(self) -> None:
        """Ask it to end; `check` starts it again once it has. Returns at once."""
        self.deaths = 0
        process = self.child.process
        if process is None or process.poll() is not None:
            self.due = time.monotonic()
        elif self.kill_at is None:
            process.send_signal(signal.SIGTERM)
            self.kill_at = time.monotonic() + RESTART_PATIENCE

    def check(self) -> bool:
        """Restart it where that is due; returns whether it was restarted just now."""
        now = time.monotonic()
        process = self.child.process
        ended = process is not None and process.poll() is not None
        if self.kill_at is not None:
            return (ended or now >= self.kill_at) and self._start_again()
        if self.due is not None:
            return now >= self.due and self._start_again()
        if process is not None and ended:
            self._died(now, process.returncode)
        return False

    def _died(self, now: float, status: int) -> None:
        self.deaths = 1 if now - self.started > STABLE_AFTER else self.deaths + 1
        pause = min(FIRST_PAUSE * 2 ** (self.deaths - 1), MAX_PAUSE)
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        say(f"{self.child.name} {how}; it restarts in {pause:g} s (see logs/{self.child.name}.log)")
        self.due = now + pause

    def _start_again(self) -> bool:
        self.started = time.monotonic()
        self.due = self.kill_at = None
        if self.child.process is not None:
            processes.stop(self.child.process)  # whatever is left of its session
        try:
            self.child.start()
        except EmbeddedError as error:
            say(str(error))
            self.due = time.monotonic() + MAX_PAUSE
            return False
        return True


def wait_until(answered: Callable[[], bool], stopped: Callable[[], bool], seconds: float) -> bool:
    """True once answered; False when stopped or after that many seconds."""
    deadline = time.monotonic() + seconds
    while not stopped() and time.monotonic() < deadline:
        if answered():
            return True
        time.sleep(0.1)
    return False
