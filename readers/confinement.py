"""What a child takes away from itself before it reads the first foreign byte. All of it holds until the child ends.

https://man7.org/linux/man-pages/man2/setrlimit.2.html, https://man7.org/linux/man-pages/man2/fcntl.2.html (O_ASYNC)
"""

import contextlib
import fcntl
import math
import os
import resource
from pathlib import Path

_OPEN_FILES = 16


def end_with_parent(lifeline: int) -> None:
    """The kernel ends this process when the last writer of the pipe is gone, whatever this process does at that time.

    PR_SET_PDEATHSIG would follow the thread that started it instead of the process, and web servers end threads.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)


def confine(memory: int) -> None:
    """At most `memory` more bytes of address space; no processes, no files longer than nothing, no core dump."""
    os.environ.clear()
    os.chdir("/")
    with contextlib.suppress(OSError):  # some containers forbid it
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")  # rather this process than its parent
    _limit(resource.RLIMIT_AS, _address_space() + memory)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)


def allow_seconds(seconds: float) -> None:
    """The kernel ends this process after so much more time on a processor, even if its parent cannot."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _limit(kind: int, amount: int) -> None:
    resource.setrlimit(kind, (amount, amount))


def _address_space() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    return int(pages) * resource.getpagesize()
