"""Finds the runs in which something could go and does not, and sets them going again.

There should be none: each is a fault of ours, recorded as one. But a run in which nothing goes on, and that waits for nobody, would be
found by nobody else.
"""

import logging
import uuid

from django.db import transaction

from database import prepared
from engine import runs, statements
from engine.models import RunState, Step
from events.log import record

logger = logging.getLogger(__name__)

STRANDED = "onramp.run.stranded"
"""The event of each find."""
LIMIT = 100
"""Finds of one pass; the next one finds the rest."""


def stranded(limit: int = LIMIT) -> list[tuple[uuid.UUID, int | None]]:
    """(run, step) for every step that could go and does not, and (run, None) for a run in which nothing is left to do."""
    return [(run_id, step_id) for run_id, step_id in prepared.execute(statements.STRANDED, {"limit": limit})]


def reconcile() -> int:
    """Returns how many steps and runs were set going."""
    return sum(_set_going(run_id, step_id) for run_id, step_id in stranded())


def _set_going(run_id: uuid.UUID, step_id: int | None) -> bool:
    """False where somebody else did it, or where it has changed, before the run was locked."""
    with transaction.atomic():
        run = runs.lock(run_id)
        if (run_id, step_id) not in stranded():
            return False
        step = None if step_id is None else Step.objects.get(pk=step_id)
        record(STRANDED, f"run:{run_id}", step=step.name if step else "")
        logger.error("nothing went on in %s at %s; set going again", run, step or "its end")
        if step is None:
            runs.end(run, RunState.DONE)
        else:
            runs.make_ready(step)
            runs.touch(run)
        return True
