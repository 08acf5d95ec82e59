"""Doing to the processes, and to the pretend outside world, what the sequence says."""

import heapq
import itertools
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable

from tests.chaos.sequence import OUTAGE, STOPPED, Fault
from tests.chaos.surroundings import Surroundings


class Injector:
    """`step` does what is due. Faults that last are ended by themselves, also while others strike."""

    def __init__(self, surroundings: Surroundings, faults: Iterable[Fault]) -> None:
        self.surroundings = surroundings
        self.struck: list[Fault] = []
        self._faults = iter(faults)
        self._next = next(self._faults, None)
        self._last = time.monotonic()
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    @property
    def over(self) -> bool:
        return self._next is None and not self._later

    def step(self) -> None:
        while self._later and self._later[0][0] <= time.monotonic():
            heapq.heappop(self._later)[2]()
        if self._next is not None and time.monotonic() - self._last >= self._next.pause:
            self.struck.append(self._next)
            self._strike(self._next)
            self._last = time.monotonic()
            self._next = next(self._faults, None)

    def cease(self) -> None:
        """No more of it: what stands still goes on, what is down comes up, the outside behaves."""
        self._next = None
        while self._later:
            heapq.heappop(self._later)[2]()
        self.surroundings.sandbox.behave()

    def counts(self) -> dict[str, int]:
        return dict(sorted(Counter(fault.kind for fault in self.struck).items()))

    def _strike(self, fault: Fault) -> None:
        to = self.surroundings
        match fault.kind:
            case "kill workers":
                to.signal(fault.group, signal.SIGKILL)
            case "stop workers":
                to.signal(fault.group, signal.SIGSTOP)
                self._in(STOPPED, lambda: to.signal(fault.group, signal.SIGCONT))
            case "flush broker":
                to.mend_broker()
                to.flush_broker()
            case "kill broker":
                to.kill_broker()
                self._in(OUTAGE, to.mend_broker)
            case "crash database":
                to.crash_database()
            case "cut connections":
                to.cut_connections()
            case kind:
                method, _, path = fault.where.rpartition(" ")
                to.sandbox.fault(
                    kind, path, method=method or "*", times=fault.times, seconds=fault.seconds, status=fault.status
                )

    def _in(self, seconds: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._later, (time.monotonic() + seconds, next(self._numbers), do))
