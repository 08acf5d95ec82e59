"""The hourly allowance of requests, kept in memory: a restart gives everybody a new hour."""

import time
from collections import Counter

LIMIT = 5000
ANONYMOUS_LIMIT = 60
HOUR = 3600

_used: Counter[tuple[str, int]] = Counter()


def _hour() -> int:
    return int(time.time()) // HOUR


def spend(who: str) -> None:
    _used[who, _hour()] += 1


def left(who: str) -> int:
    return status(who)["remaining"]


def status(who: str) -> dict[str, int]:
    """`limit`, `remaining`, `used` and `reset` (seconds since 1970), as headers and `/rate_limit` show them."""
    limit = ANONYMOUS_LIMIT if who == "anonymous" else LIMIT
    used = min(limit, _used[who, _hour()])
    return {"limit": limit, "remaining": limit - used, "used": used, "reset": (_hour() + 1) * HOUR}
