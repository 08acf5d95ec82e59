"""Who takes which step next. A claim begins a lease and a new epoch."""

from database import prepared
from engine import lease, registry, statements
from engine.models import Run, RunState, Step


def claim(step_id: int) -> Step | None:
    """Claim the step if it is due or its holder's lease has expired; None where there is nothing to claim, or where this
    version of the code does not know the step."""
    return _claim(step_id, exactly=True)


def claim_next(step_id: int) -> Step | None:
    """Claim something due in the queue of this step, for the team with the fewest workers there, so that many runs of one
    team do not delay another's. None where nothing is due that this version of the code knows."""
    return _claim(step_id, exactly=False)


def _claim(step_id: int, *, exactly: bool) -> Step | None:
    parameters = {"step": step_id, "exactly": exactly, "lease": lease.LEASE.total_seconds(), **registry.known_names()}
    for *columns, kind, topic, trace, version, shown, is_last in prepared.execute(statements.CLAIM, parameters):
        step = Step.from_db("default", statements.HELD_COLUMNS, columns)
        run = {"id": step.run_id, "kind": kind, "state": RunState.ACTIVE, "topic": topic, "trace": trace}
        step.run = Run.from_db("default", run.keys(), run.values())
        step.run.version = version if shown is None else shown
        step.is_last = is_last
        return step
    return None
