"""What notifies workers of due steps: a topic that something happened to, and the sweep."""

import functools
import logging
import uuid
from datetime import timedelta

from django.db import transaction

from database import prepared
from engine import registry, statements

logger = logging.getLogger(__name__)

GRACE = timedelta(seconds=1)
"""The sweep leaves to the notifier whatever became due just now, or it would double every notification."""

BATCH = 4
"""How many steps of each queue the sweep notifies of: a worker that responds serves the others too. With one notification
for each step of a backlog, they arrive faster than they are answered, until all in the queue are out of date."""


def wake_topic(topic: str) -> int:
    """Something happened to `topic`: the waiting steps of its runs check now. Returns how many."""
    return _wake(topic=topic)


def wake_run(run_id: uuid.UUID) -> None:
    """The same for one run, after the current transaction commits. Waking it earlier could deadlock, as it waits for locks of
    this run while another run's are held. If the wake-up is lost, the next regular check does the work."""
    transaction.on_commit(functools.partial(_wake, run_id=run_id), robust=True)


def wake_step(step_id: int) -> bool:
    """The same for one step, which somebody else holds a place for. False where it waits for nothing any more."""
    steps = prepared.execute(statements.WAKE_STEP, {"step": step_id})
    for queue, _ in steps:
        transaction.on_commit(functools.partial(registry.notify, queue, step_id))
    return bool(steps)


def _wake(*, topic: str = "", run_id: uuid.UUID | None = None) -> int:
    steps = prepared.execute(statements.WAKE, {"topic": topic, "run": run_id})
    for queue, step_id in steps:
        transaction.on_commit(functools.partial(registry.notify, queue, step_id))
    return len(steps)


def sweep(limit: int = BATCH) -> int:
    """Notify of everything that is due or abandoned. Keeps no memory and changes nothing. Returns how many."""
    count = 0
    for queue, step_id in overdue(GRACE, limit):
        try:
            registry.notify(queue, step_id)
            count += 1
        except Exception:  # one bad row never ends the sweep
            logger.exception("could not notify of step %s", step_id)
    return count


def overdue(grace: timedelta = timedelta(0), limit: int = BATCH) -> list[tuple[str, int]]:
    """(queue, id) of every step that has been due for longer than `grace`, or whose holder is gone; the oldest first."""
    parameters = {"grace": grace.total_seconds(), "limit": limit}
    return [(queue, step_id) for queue, step_id in prepared.execute(statements.OVERDUE, parameters)]
