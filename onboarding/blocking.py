"""A cause stops a step: one blocker per cause, however many steps it stops; when it is cleared, all of them go on."""

import functools

from django.db.models.functions import Now

from events.log import record
from onboarding.causes import Cause
from onboarding.engine import progress, waking
from onboarding.engine.outcomes import Blocked
from onboarding.models import Blocker, BlockerState, RunState, Step, StepState

RUN_KIND = "blocker"


def blocked(cause: Cause, *, detail: str = "") -> Blocked:
    """The outcome of a step that met this cause."""
    return Blocked(says=cause.summary, move=cause.owner, join=functools.partial(join, cause), detail=detail)


def join(cause: Cause, step: Step) -> Blocker:
    """The open blocker of this cause, locked, or a new one with a run that watches over it. In a transaction."""
    found = Blocker.objects.select_for_update().filter(fingerprint=cause.fingerprint, state=BlockerState.OPEN).first()
    if found is None:
        found = _open(cause)
    if found.facts != cause.facts:
        found.facts = found.facts | cause.facts
        found.save(update_fields=["facts"])
    record("onramp.blocker.joined", f"run:{step.run_id}", step=step.name, blocker=str(found.pk), cause=cause.kind)
    waking.wake_run(found.pk)
    return found


def _open(cause: Cause) -> Blocker:
    """Two steps may meet the same cause at once: the database's constraint lets one of them open it."""
    run = progress.start(RUN_KIND)
    blocker, created = Blocker.objects.get_or_create(
        fingerprint=cause.fingerprint,
        state=BlockerState.OPEN,
        defaults={
            "run": run,
            "kind": cause.kind,
            "owner": cause.owner,
            "summary": cause.summary[:250],
            "explanation": cause.explanation,
            "clears_when": cause.clears_when,
            "facts": cause.facts,
            "team": cause.team,
            "organisation": cause.organisation or (cause.team.organisation if cause.team else None),
        },
    )
    if not created:
        run.delete()
        return Blocker.objects.select_for_update().get(pk=blocker.pk)
    record("onramp.blocker.opened", f"run:{run.pk}", cause=cause.kind, summary=cause.summary)
    return blocker


def resume(blocker: Blocker, says: str) -> int:
    """The blocker has cleared: all its steps go on. In the transaction that closes it."""
    runs = sorted(set(blocker.steps.filter(state=StepState.BLOCKED).values_list("run_id", flat=True)))
    count = 0
    for run_id in runs:
        run = progress.lock(run_id)
        for step in run.steps.filter(blocker=blocker, state=StepState.BLOCKED):
            progress.make_ready(step)
            Step.objects.filter(pk=step.pk).update(reason=says)
            record("onramp.step.resumed", f"run:{run_id}", step=step.name, says=says)
            count += 1
        progress.touch(run)
    return count


def refuse(blocker: Blocker, says: str) -> int:
    """The blocker's ticket was answered "won't do": its steps end as refused, and their runs with them."""
    runs = sorted(set(blocker.steps.filter(state=StepState.BLOCKED).values_list("run_id", flat=True)))
    for run_id in runs:
        run = progress.lock(run_id)
        run.steps.filter(blocker=blocker, state=StepState.BLOCKED).update(
            state=StepState.REFUSED, reason=says, ended_at=Now(), since=Now()
        )
        progress.end(run, RunState.REFUSED)
    return len(runs)
