"""How much memory our processes hold, sampled while they work."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.crowd.times import mean
from portal.embedded.children import Program

EVERY = 2.0
PAGE = os.sysconf("SC_PAGE_SIZE")
_GROUP, _RSS = 2, 21
"""Fields of /proc/…/stat after the name: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html"""


@dataclass
class Memory:
    """Bytes of all processes together, by sample."""

    samples: list[int] = field(default_factory=list)

    @property
    def second(self) -> float:
        """Mean of the second quarter: everything is loaded by then."""
        return mean(self.samples[len(self.samples) // 4 : len(self.samples) // 2] or self.samples)

    @property
    def last(self) -> float:
        return mean(self.samples[-(len(self.samples) // 4) :] if len(self.samples) >= 4 else self.samples)

    @property
    def growth(self) -> float:
        return self.last / self.second - 1


@contextmanager
def watched(programs: list[Program]) -> Iterator[dict[str, Memory]]:
    """Samples of each program with all its children, and of all together."""
    found = {one.name: Memory() for one in programs} | {"all": Memory()}
    stop = threading.Event()

    def work() -> None:
        due = time.monotonic()
        while not stop.is_set():
            held = _held({one.process.pid: one.name for one in programs if one.process is not None})
            for name, memory in found.items():
                memory.samples.append(sum(held.values()) if name == "all" else held.get(name, 0))
            due += EVERY
            stop.wait(max(0.0, due - time.monotonic()))

    thread = threading.Thread(target=work, name="memory", daemon=True)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()


def _held(leaders: dict[int, str]) -> dict[str, int]:
    """Name → resident bytes of the process group; each program leads its own."""
    held = dict.fromkeys(leaders.values(), 0)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        name = leaders.get(int(fields[_GROUP]))
        if name is not None:
            held[name] += int(fields[_RSS]) * PAGE
    return held
