"""Makes a schedule shorter as long as it still ends in the same violation (delta debugging: Zeller and Hildebrandt, 2002)."""

import re
import time
from collections.abc import Callable

from tests.explore.decisions import Decision, Script
from tests.explore.schedule import Explored

SECONDS = 60.0
"""After which the shortest so far has to do."""
_PARTICULARS = re.compile(r"“.*”|[0-9a-f-]{36}|\d+|\{.*\}|\[.*\]")


def kind(violation: str) -> str:
    """The violation without ids, numbers and states: what two schedules have in common that show the same fault."""
    return _PARTICULARS.sub("…", violation)


def shrunk(explored: Explored, replay: Callable[[Script], Explored], seconds: float = SECONDS) -> Explored:
    """The shortest schedule found that has the first violation of this one."""
    deadline = time.monotonic() + seconds
    wanted = kind(explored.violations[0])
    best, size = explored, len(explored.script.decisions) // 2
    while size:
        start = 0
        while start < len(best.script.decisions) and time.monotonic() < deadline:
            shorter = replay(_without(best.script, start, size))
            if wanted in map(kind, shorter.violations):
                best = shorter
            else:
                start += size
        size //= 2
    return best


def _without(script: Script, start: int, size: int) -> Script:
    decisions: list[Decision] = list(script.decisions)
    del decisions[start : start + size]
    return Script(script.setup, tuple(decisions))
