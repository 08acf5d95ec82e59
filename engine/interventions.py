"""What people do to a run: retry a step, re-run from a step, cancel the run."""

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Now

from engine import runs, waking
from engine.models import Effect, EffectState, Move, RunState, Step, StepState
from events.log import record


class NotPossible(Exception):
    """The request does not fit the state that the run is in; the message says why."""


def retry(run_id: uuid.UUID, name: str, *, person: str) -> None:
    """Retry a failed step, or check now what a waiting or blocked one waits for. Nothing to do for a step
    that is about to start or in progress: somebody else has already retried it. Raises NotPossible."""
    with transaction.atomic():
        run = runs.lock(run_id)
        step = next((step for step in runs.lock_steps(run) if step.name == name), None)
        if run.state != RunState.ACTIVE or step is None:
            raise NotPossible("This run has ended, or has no such step.")
        if step.state in (StepState.FAILED, StepState.WAITING):
            Step.objects.filter(pk=step.pk).update(crashes=0)
            runs.make_ready(step)
        elif step.state == StepState.BLOCKED and step.blocked_by_id:
            waking.wake_run(step.blocked_by_id)
        elif step.state not in (StepState.READY, StepState.RUNNING):
            raise NotPossible(f"This step is {step.get_state_display().lower()}: there is nothing to retry.")
        record("onramp.step.retry_requested", f"run:{run_id}", person=person, step=name, before=step.state)
        runs.touch(run)


def cancel(run_id: uuid.UUID, *, person: str) -> None:
    """End the run where it is; a call in progress is fenced, and its effect stays recorded. Raises NotPossible."""
    with transaction.atomic():
        run = runs.lock(run_id)
        if run.state != RunState.ACTIVE:
            raise NotPossible("This run has already ended.")
        blockers = list(run.steps.filter(blocked_by__isnull=False).values_list("blocked_by_id", flat=True))
        runs.end(run, RunState.CANCELLED)
        record("onramp.run.cancelled", f"run:{run_id}", person=person, before=RunState.ACTIVE, after=RunState.CANCELLED)
        for blocker in blockers:
            waking.wake_run(blocker)


def from_step(steps: Iterable[Step], name: str) -> list[str]:
    """The names of the step and of everything that comes after it, in the order of the run."""
    names = [name]
    for step in sorted(steps, key=lambda step: step.position):
        if not set(names).isdisjoint(step.needs):
            names.append(step.name)
    return names


def rerun(run_id: uuid.UUID, name: str, *, person: str) -> None:
    """Run a step and everything after it again. Their effects stay: each is looked for by its name, and only a missing one
    is created. A worker that holds one of the steps is fenced. Raises NotPossible."""
    with transaction.atomic():
        run = runs.lock(run_id)
        steps = runs.lock_steps(run)
        first = next((step for step in steps if step.name == name), None)
        if run.state != RunState.ACTIVE or first is None:
            raise NotPossible("This run has ended, or has no such step.")
        if first.state == StepState.NOT_STARTED:
            raise NotPossible("This step has not started yet, so it cannot run again.")
        names = from_step(steps, name)
        blockers = {step.blocked_by_id for step in steps if step.name in names and step.blocked_by_id}
        before = {step.name: step.state for step in steps if step.name in names}
        run.steps.filter(name__in=names).update(
            state=StepState.NOT_STARTED,
            move=Move.MACHINE,
            epoch=F("epoch") + 1,
            blocked_by=None,
            failures=0,
            failing_since=None,
            crashes=0,
            lease_until=None,
            due_at=None,
            woken=False,
            reason="",
            detail="",
            links=[],
            since=Now(),
            began_at=None,
            ended_at=None,
        )
        epoch = Subquery(Step.objects.filter(pk=OuterRef("step")).values("epoch"))
        Effect.objects.filter(step__run=run_id, step__name__in=names, state=EffectState.MADE).update(
            state=EffectState.INTENDED, epoch=epoch
        )
        runs.make_ready(first)
        record("onramp.run.rerun", f"run:{run_id}", person=person, step=name, steps=names, before=before)
        runs.touch(run)
        for blocker in blockers:
            waking.wake_run(blocker)
