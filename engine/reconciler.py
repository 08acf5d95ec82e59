"""Finds runs that could continue but do not, and resumes them.

There should be none: each is a defect of Onramp, and is recorded as one. Without this, nobody would notice a run that has stopped
and waits for nobody.
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
"""The type of the event that records a stranded run."""
LIMIT = 100
"""Stranded steps and runs that one pass resumes; the next pass takes the rest."""


def stranded(limit: int = LIMIT) -> list[tuple[uuid.UUID, int | None]]:
    """(run, step) for each step that could start but does not, and (run, None) for each run with nothing left to do."""
    return [(run_id, step_id) for run_id, step_id in prepared.execute(statements.STRANDED, {"limit": limit})]


def reconcile() -> int:
    """Resume all of them; returns how many steps and runs that were."""
    return sum(_set_going(run_id, step_id) for run_id, step_id in stranded())


def _set_going(run_id: uuid.UUID, step_id: int | None) -> bool:
    """False if the run changed before it was locked."""
    with transaction.atomic():
        run = runs.lock(run_id)
        if (run_id, step_id) not in stranded():
            return False
        step = None if step_id is None else Step.objects.get(pk=step_id)
        record(STRANDED, f"run:{run_id}", step=step.name if step else "")
        logger.error("%s had stopped at %s; resumed", run, step or "its end")
        if step is None:
            runs.end(run, RunState.DONE)
        else:
            runs.make_ready(step)
            runs.touch(run)
        return True
