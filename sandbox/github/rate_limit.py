"""The hourly request limit, held in memory: a restart resets it for everybody."""

import os
import time
from collections import Counter

LIMIT = int(os.environ.get("SANDBOX_GITHUB_LIMIT", "5000"))
"""For an account. The administrators of an Enterprise Server can choose another one."""
ANONYMOUS_LIMIT = 60
ANONYMOUS = "anonymous"
HOUR = 3600

_used: Counter[tuple[str, int]] = Counter()


def _hour() -> int:
    return int(time.time()) // HOUR


def spend(login: str) -> None:
    _used[login, _hour()] += 1


def remaining(login: str) -> int:
    return status(login)["remaining"]


def status(login: str) -> dict[str, int]:
    """`limit`, `remaining`, `used` and `reset` (seconds since 1970), as headers and `/rate_limit` show them."""
    limit = ANONYMOUS_LIMIT if login == ANONYMOUS else LIMIT
    used = min(limit, _used[login, _hour()])
    return {"limit": limit, "remaining": limit - used, "used": used, "reset": (_hour() + 1) * HOUR}
