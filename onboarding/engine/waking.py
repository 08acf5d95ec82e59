"""What rings for a step that is due: a topic heard of, and the sweep."""

import functools
import logging
import uuid
from datetime import timedelta

from django.db import transaction

from events import prepared
from onboarding.engine import registry, statements

logger = logging.getLogger(__name__)

GRACE = timedelta(seconds=1)
"""The sweep leaves to the bell what became due just now, or it would double every ring."""

BATCH = 4
"""How many of each lane the sweep rings for: whoever answers serves the others, too. With a ring for each of a backlog, rings
come faster than they are answered, until all in the queue are out of date."""


def heard(topic: str) -> int:
    """Something happened to `topic`: the waiting steps of its runs look now. Returns how many."""
    return _wake("r.topic = %(which)s AND r.topic <> ''", topic)


def wake_run(run_id: uuid.UUID) -> int:
    """The same for one run."""
    return _wake("r.id = %(which)s", run_id)


def _wake(condition: str, which: object) -> int:
    """A step that is held meanwhile remembers that it was woken, so that its wait ends at once."""
    found = prepared.rows(statements.WAKE.format(which=condition), {"which": which})
    for queue, pk in found:
        transaction.on_commit(functools.partial(registry.ring, queue, pk))
    return len(found)


def sweep(limit: int = BATCH) -> int:
    """Ring for all that is due or abandoned, whoever died. Memoryless; changes nothing itself."""
    rung = 0
    for queue, pk in overdue(GRACE, limit):
        try:
            registry.ring(queue, pk)
            rung += 1
        except Exception:  # one bad row never ends the sweep
            logger.exception("could not ring for step %s", pk)
    return rung


def overdue(grace: timedelta = timedelta(0), limit: int = BATCH) -> list[tuple[str, int]]:
    """(lane, id) of every step that has been due for longer than `grace`, or whose holder is gone; the oldest first."""
    return [
        (lane, pk) for lane, pk in prepared.rows(statements.SWEEP, {"grace": grace.total_seconds(), "limit": limit})
    ]
