"""What people do to a run: try a step again, do it and all after it once more, end the run where it is."""

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from events.log import record
from onboarding.engine import progress, waking
from onboarding.models import Effect, EffectState, Move, RunState, Step, StepState


class NotPossible(Exception):
    """What was asked does not fit the state that the run is in; the message says why."""


def retry(run_id: uuid.UUID, name: str, *, person: str) -> None:
    """Try a failed step again, or look at once at one that waits. Raises NotPossible."""
    with transaction.atomic():
        run = progress.lock(run_id)
        step = next((one for one in run.steps.all() if one.name == name), None)
        if run.state != RunState.ACTIVE or step is None:
            raise NotPossible("This run has ended, or has no such step.")
        if step.state in (StepState.FAILED, StepState.WAITING):
            Step.objects.filter(pk=step.pk).update(losses=0)
            progress.make_ready(step)
        elif step.state == StepState.BLOCKED and step.blocker_id:
            waking.wake_run(step.blocker_id)
        else:
            raise NotPossible(f"This step is {step.get_state_display().lower()}: there is nothing to try again.")
        record("onramp.step.retry_asked", f"run:{run_id}", step=name, person=person)
        progress.touch(run)


def cancel(run_id: uuid.UUID, *, person: str) -> None:
    """End the run where it is; a call under way is fenced, and its effect stays recorded. Raises NotPossible."""
    with transaction.atomic():
        run = progress.lock(run_id)
        if run.state != RunState.ACTIVE:
            raise NotPossible("This run has ended already.")
        blockers = list(run.steps.filter(blocker__isnull=False).values_list("blocker_id", flat=True))
        progress.end(run, RunState.CANCELLED)
        record("onramp.run.cancelled", f"run:{run_id}", person=person)
        for blocker in blockers:
            waking.wake_run(blocker)


def following(steps: Iterable[Step], name: str) -> list[str]:
    """The step itself and all that comes after it, in the order of the run."""
    found = [name]
    for step in sorted(steps, key=lambda one: one.position):
        if not step.needs or set(found).isdisjoint(step.needs):
            continue
        found.append(step.name)
    return found


def repeat(run_id: uuid.UUID, name: str, *, person: str) -> None:
    """Do a step and all that comes after it once more. What they made stays: each looks for it by its name, and makes
    what is not there. Whoever holds one of them is fenced. Raises NotPossible."""
    with transaction.atomic():
        run = progress.lock(run_id)
        steps = list(run.steps.all())
        first = next((one for one in steps if one.name == name), None)
        if run.state != RunState.ACTIVE or first is None:
            raise NotPossible("This run has ended, or has no such step.")
        if first.state == StepState.NOT_STARTED:
            raise NotPossible("This step has not begun yet: there is nothing to repeat.")
        again = following(steps, name)
        blockers = {one.blocker_id for one in steps if one.name in again and one.blocker_id}
        run.steps.filter(name__in=again).update(
            **{"state": StepState.NOT_STARTED, "move": Move.MACHINE, "epoch": F("epoch") + 1, "blocker": None},
            **{"failures": 0, "failing_since": None, "losses": 0, "lease_until": None, "due_at": None, "woken": False},
            **{"reason": "", "detail": "", "links": [], "since": Now(), "began_at": None, "ended_at": None},
        )
        Effect.objects.filter(step__run=run_id, step__name__in=again, state=EffectState.MADE).update(
            state=EffectState.INTENDED
        )
        progress.make_ready(first)
        record("onramp.run.repeated", f"run:{run_id}", person=person, step=name, steps=again)
        progress.touch(run)
        for blocker in blockers:
            waking.wake_run(blocker)
