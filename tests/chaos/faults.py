"""Injects the faults of a sequence into the processes and into the simulated outside world."""

import heapq
import itertools
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable

from tests.chaos.sequence import OUTAGE, STOPPED, Fault
from tests.chaos.surroundings import Surroundings


class Injector:
    """`step` injects what is due. A fault that lasts is ended on time, even while others strike."""

    def __init__(self, surroundings: Surroundings, faults: Iterable[Fault]) -> None:
        self.surroundings = surroundings
        self.struck: list[Fault] = []
        self._faults = iter(faults)
        self._next = next(self._faults, None)
        self._last = time.monotonic()
        self._scheduled: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    @property
    def is_over(self) -> bool:
        return self._next is None and not self._scheduled

    def step(self) -> None:
        while self._scheduled and self._scheduled[0][0] <= time.monotonic():
            heapq.heappop(self._scheduled)[2]()
        if self._next is not None and time.monotonic() - self._last >= self._next.pause:
            self.struck.append(self._next)
            self._strike(self._next)
            self._last = time.monotonic()
            self._next = next(self._faults, None)

    def stop(self) -> None:
        """No further faults: stopped workers continue, servers that are down start, the outside world behaves."""
        self._next = None
        while self._scheduled:
            heapq.heappop(self._scheduled)[2]()
        self.surroundings.sandbox.behave()

    def counts(self) -> dict[str, int]:
        return dict(sorted(Counter(fault.kind for fault in self.struck).items()))

    def _strike(self, fault: Fault) -> None:
        surroundings = self.surroundings
        match fault.kind:
            case "kill workers":
                surroundings.signal(fault.group, signal.SIGKILL)
            case "stop workers":
                surroundings.signal(fault.group, signal.SIGSTOP)
                self._after(STOPPED, lambda: surroundings.signal(fault.group, signal.SIGCONT))
            case "flush broker":
                surroundings.start_broker()
                surroundings.flush_broker()
            case "kill broker":
                surroundings.kill_broker()
                self._after(OUTAGE, surroundings.start_broker)
            case "crash database":
                surroundings.crash_database()
            case "cut connections":
                surroundings.cut_connections()
            case kind:
                method, _, path = fault.where.rpartition(" ")
                surroundings.sandbox.fault(
                    kind, path, method=method or "*", times=fault.times, seconds=fault.seconds, status=fault.status
                )

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._scheduled, (time.monotonic() + seconds, next(self._numbers), action))
