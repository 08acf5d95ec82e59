"""The memory of our processes, sampled while they work."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.crowd.times import mean
from portal.embedded.children import Program

INTERVAL = 2.0
PAGE = os.sysconf("SC_PAGE_SIZE")
_GROUP, _RSS = 2, 21
"""Fields of /proc/…/stat after the name: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html"""


@dataclass
class Memory:
    """Bytes of all processes together, one entry per sample."""

    samples: list[int] = field(default_factory=list)

    @property
    def second(self) -> float:
        """Mean of the second quarter, by which everything is loaded."""
        return mean(self.samples[len(self.samples) // 4 : len(self.samples) // 2] or self.samples)

    @property
    def last(self) -> float:
        """Mean of the last quarter."""
        return mean(self.samples[-(len(self.samples) // 4) :] if len(self.samples) >= 4 else self.samples)

    @property
    def growth(self) -> float:
        return self.last / self.second - 1


@contextmanager
def sampling(programs: list[Program]) -> Iterator[dict[str, Memory]]:
    """Sample each program with all its children, and all of them together (as "all")."""
    memory = {program.name: Memory() for program in programs} | {"all": Memory()}
    stop = threading.Event()

    def work() -> None:
        due = time.monotonic()
        while not stop.is_set():
            leaders = {program.process.pid: program.name for program in programs if program.process is not None}
            resident = _resident(leaders)
            for name, samples in memory.items():
                samples.samples.append(sum(resident.values()) if name == "all" else resident.get(name, 0))
            due += INTERVAL
            stop.wait(max(0.0, due - time.monotonic()))

    thread = threading.Thread(target=work, name="memory", daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        stop.set()
        thread.join()


def _resident(leaders: dict[int, str]) -> dict[str, int]:
    """Name → resident bytes of the process group; each program leads one."""
    resident = dict.fromkeys(leaders.values(), 0)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # the process has just ended
            continue
        name = leaders.get(int(fields[_GROUP]))
        if name is not None:
            resident[name] += int(fields[_RSS]) * PAGE
    return resident
