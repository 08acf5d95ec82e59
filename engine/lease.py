"""Who may write: a claim is a lease in the database's time and a fencing token (the step's epoch)."""

from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from database import prepared
from engine import statements
from engine.models import Run, RunState, Step, StepState
from engine.outcomes import Lost

LEASE = timedelta(seconds=30)
MAX_CRASHES = 4
"""A step whose workers die this often in a row is stopped: the step is what kills them."""


def claim(step_id: int) -> Step | None:
    """Claim the step if it is due or its holder's lease has expired; None where there is nothing to claim."""
    return _claim(step_id, exactly=True)


def claim_next(step_id: int) -> Step | None:
    """Claim something due in the queue of this step, for the team with the fewest workers there, so that many runs of one
    team do not delay another's. None where nothing is due."""
    return _claim(step_id, exactly=False)


def _claim(step_id: int, *, exactly: bool) -> Step | None:
    parameters = {"step": step_id, "exactly": exactly, "lease": LEASE.total_seconds()}
    for *columns, kind, topic, trace, is_only_live in prepared.execute(statements.CLAIM, parameters):
        step = Step.from_db("default", statements.HELD_COLUMNS, columns)
        run = {"id": step.run_id, "kind": kind, "state": RunState.ACTIVE, "topic": topic, "trace": trace}
        step.run = Run.from_db("default", run.keys(), run.values())
        step.is_only_live = is_only_live
        return step
    return None


def held(step: Step) -> QuerySet[Step]:
    """The row, only while this claim still holds it."""
    return Step.objects.filter(pk=step.pk, epoch=step.epoch, state=StepState.RUNNING)


def renew(step: Step) -> None:
    """Extend the lease by its full length from now. Raises Lost."""
    if not held(step).update(lease_until=Now() + LEASE):
        raise Lost
