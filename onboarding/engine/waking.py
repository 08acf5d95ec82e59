"""Everything that makes a step due: a topic heard of, the sweep, a retry, a blocker that cleared, a cancellation."""

import functools
import logging
import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from events import prepared
from events.log import record
from onboarding.engine import progress, registry, statements
from onboarding.models import Blocker, Effect, EffectState, Move, RunState, Step, StepState

logger = logging.getLogger(__name__)

GRACE = timedelta(seconds=1)
"""The sweep leaves to the bell what became due just now, or it would double every ring."""

BATCH = 4
"""How many of each lane the sweep rings for: whoever answers serves the others, too. With a ring for each of a backlog, rings
come faster than they are answered, until all in the queue are out of date."""


def heard(topic: str) -> int:
    """Something happened to `topic`: the waiting steps of its runs look now. Returns how many."""
    return _wake("r.topic = %(which)s", topic)


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
            wake_run(step.blocker_id)
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
            wake_run(blocker)


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
            wake_run(blocker)
