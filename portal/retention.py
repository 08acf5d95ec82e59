"""What grows and has an age: how much of it is old, and its removal in batches of short statements.

`docs/operating.md` lists every table that grows, and says what is kept for ever. Each kind is a pair of statements in
`sql/`: `measure_…` reads what `remove_…` would remove, and nothing here removes anything else.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from database import prepared

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

BATCH = 1_000
"""Rows that one statement removes: few enough that it takes only a moment."""
TIME_SLICE = 0.25
"""Seconds that a worker's sweep spends on one kind at a time."""


@dataclass(frozen=True)
class Amount:
    """Rows that are old, the bytes that they take without indexes, and the time of the oldest and the newest."""

    rows: int
    bytes: int
    oldest: datetime | None
    newest: datetime | None


@dataclass(frozen=True)
class Kind:
    """One kind of rows that is removed at an age. `name` is that of its statements, `variable` the setting, if it has one."""

    name: str
    title: str
    variable: str = ""
    days: float = 0

    @property
    def age(self) -> timedelta:
        return timedelta(days=getattr(settings.ENV, self.variable.lower()) if self.variable else self.days)

    def measure(self) -> Amount:
        """Reads all of it, however much that is."""
        statement = prepared.load(__package__, f"measure_{self.name}")
        ((rows, size, oldest, newest),) = prepared.execute(statement, {"age": self.age})
        return Amount(rows, size, oldest, newest)

    def remove_batch(self) -> tuple[int, bool]:
        """(how many rows were removed, whether there may be more). Raises OperationalError."""
        statement = prepared.load(__package__, f"remove_{self.name}")
        ((rows, more),) = prepared.execute(statement, {"age": self.age, "most": BATCH})
        return rows, more


KINDS = [
    Kind("deliveries", "webhooks that were handled", "PORTAL_WEBHOOK_DAYS"),
    Kind("attempts", "attempts and logs of ended runs", "PORTAL_KEEP_LOGS_DAYS"),
    Kind("superseded", "superseded attempts of active runs", "PORTAL_KEEP_LOGS_DAYS"),
    Kind("events", "events of steps and messages", "PORTAL_KEEP_EVENTS_DAYS"),
    Kind("plans", "plans that nobody started", "PORTAL_KEEP_PLANS_DAYS"),
    Kind("idempotency_keys", "idempotency keys of requests", "PORTAL_KEEP_KEYS_DAYS"),
    Kind("sessions", "sessions that have expired"),
    Kind("presences", "who had the page of a run open", days=1),
]


@contextmanager
def exclusive() -> Iterator[bool]:
    """Whether no other process removes anything now; until the block ends, none begins."""
    ((locked,),) = prepared.execute("SELECT pg_try_advisory_lock(hashtext('retention'))", {})
    try:
        yield locked
    finally:
        if locked:
            prepared.execute("SELECT pg_advisory_unlock(hashtext('retention'))", {})


def add_partitions() -> None:
    """A partition for the events to come, ahead of need."""
    _unless_locked(
        "new partitions of events", lambda: prepared.execute(prepared.load(__package__, "add_partitions"), {})
    )


def remove(kind: Kind, until: float = float("inf")) -> tuple[int, bool]:
    """Batches until nothing is left, or until this time of the monotonic clock; (rows, whether there may be more)."""
    total, more = 0, True
    while more and time.monotonic() < until:
        batch = _unless_locked(kind.title, kind.remove_batch)
        if batch is None:
            return total, True
        rows, more = batch
        total += rows
    return total, more


def _unless_locked(what: str, act: Callable[[], Result]) -> Result | None:
    """None where a lock was not free at once: workers come first, and the next time is soon enough."""
    try:
        return act()
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        logger.info("%s: the lock is taken; left to the next time", what)
        return None


def remove_a_little() -> bool:
    """One time slice of each kind, as a worker's sweep does; whether there may be more."""
    with exclusive() as free:
        if not free:
            return False
        add_partitions()
        left = [remove(kind, time.monotonic() + TIME_SLICE)[1] for kind in KINDS]
    return any(left)
