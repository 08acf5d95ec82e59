"""The hourly allowance of requests, kept in memory: a restart gives everybody a new hour."""

import threading
import time
from collections import defaultdict

LIMIT = 5000
ANONYMOUS_LIMIT = 60
HOUR = 3600.0

_used: defaultdict[str, int] = defaultdict(int)
_began: dict[str, float] = {}
_lock = threading.Lock()


def _limit(who: str) -> int:
    return ANONYMOUS_LIMIT if who == "anonymous" else LIMIT


def _refresh(who: str) -> None:
    if time.time() - _began.get(who, 0.0) >= HOUR:
        _began[who] = time.time()
        _used[who] = 0


def spend(who: str) -> None:
    with _lock:
        _refresh(who)
        _used[who] += 1


def left(who: str) -> int:
    with _lock:
        _refresh(who)
        return max(0, _limit(who) - _used[who])


def status(who: str) -> dict[str, int]:
    """`limit`, `remaining`, `used` and `reset` (seconds since 1970), as headers and `/rate_limit` show them."""
    remaining = left(who)
    limit = _limit(who)
    reset = int(_began[who] + HOUR)
    return {"limit": limit, "remaining": remaining, "used": limit - remaining, "reset": reset}
