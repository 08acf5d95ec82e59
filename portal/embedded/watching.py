"""A child that dies is started again: at once, then later and later while it keeps dying."""

import sys
import time
from collections.abc import Callable

from portal.embedded import processes
from portal.embedded.children import Child
from portal.embedded.errors import EmbeddedError

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
SETTLED = 60.0
"""Seconds; who lived so long is forgiven."""


def say(sentence: str) -> None:
    """Progress is for people; the standard output holds the one line for programs."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


class Watched:
    """One child and its history of deaths."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.deaths = 0
        self.started = time.monotonic()
        self.due: float | None = None

    def look(self) -> bool:
        """Whether it was started again just now."""
        now = time.monotonic()
        if self.due is not None:
            return now >= self.due and self._again()
        process = self.child.process
        if process is not None and process.poll() is not None:
            self._died(now, process.returncode)
        return False

    def _died(self, now: float, status: int) -> None:
        self.deaths = 1 if now - self.started > SETTLED else self.deaths + 1
        pause = min(FIRST_PAUSE * 2 ** (self.deaths - 1), LONGEST_PAUSE)
        how = f"was killed by signal {-status}" if status < 0 else f"ended with {status}"
        say(f"{self.child.name} {how}; it starts again in {pause:g} s (see logs/{self.child.name}.log)")
        self.due = now + pause

    def _again(self) -> bool:
        self.started = time.monotonic()
        self.due = None
        if self.child.process is not None:
            processes.stop(self.child.process)  # whoever is left of its session
        try:
            self.child.start()
        except EmbeddedError as error:
            say(str(error))
            self.due = time.monotonic() + LONGEST_PAUSE
            return False
        return True


def wait_until(answered: Callable[[], bool], stopped: Callable[[], bool], seconds: float) -> bool:
    """True once answered; False when stopped or after the time."""
    deadline = time.monotonic() + seconds
    while not stopped() and time.monotonic() < deadline:
        if answered():
            return True
        time.sleep(0.1)
    return False
