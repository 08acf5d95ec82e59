"""A run from its start to its end: all its steps are rows from the beginning."""

import functools
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from engine import registry, tracing
from engine.models import ENDED_STATES, Move, Run, RunState, Step, StepState
from events.log import record


def start(kind: str, *, topic: str = "", share: str = "", names: Iterable[str] | None = None) -> Run:
    """A new run with all its steps as rows; those that need nothing are ready when the transaction commits.

    `names` are the steps that this run has; whatever needs a missing one proceeds without it. `share` is the team whose
    share of the workers it uses.
    """
    run = Run.objects.create(kind=kind, topic=topic, trace=tracing.traceparent())
    wanted = None if names is None else set(names)
    kinds = [step for step in registry.kinds(kind) if wanted is None or step.name in wanted]
    present = {step.name for step in kinds}
    steps = Step.objects.bulk_create(
        Step(
            run=run,
            name=step.name,
            position=position,
            queue=step.queue,
            share=share,
            **_initial([need for need in step.needs if need in present]),
        )
        for position, step in enumerate(kinds)
    )
    for step in steps:
        if step.state == StepState.READY:
            _notify_on_commit(step)
    return run


def _initial(needs: list[str]) -> dict[str, Any]:
    return {"needs": needs} if needs else {"needs": [], "state": StepState.READY, "due_at": Now()}


def lock(run_id: uuid.UUID) -> Run:
    """The run's row, held until the transaction ends: changes of one run happen one after the other."""
    return Run.objects.select_for_update(no_key=True).get(pk=run_id)


def lock_steps(run: Run) -> list[Step]:
    """Lock all steps of a locked run in the order of their keys. Every statement that locks several uses that order, so there
    are no deadlocks."""
    return list(run.steps.select_for_update(no_key=True).order_by("pk"))


def make_ready(step: Step) -> None:
    """Due now; a worker is notified once the transaction has committed."""
    Step.objects.filter(pk=step.pk).update(
        state=StepState.READY,
        due_at=Now(),
        since=Now(),
        move=Move.MACHINE,
        blocked_by=None,
        failures=0,
        failing_since=None,
    )
    _notify_on_commit(step)


def _notify_on_commit(step: Step) -> None:
    transaction.on_commit(functools.partial(registry.notify, step.queue, step.pk))


def end(run: Run, state: RunState) -> None:
    """Close the run; whatever has not ended is cancelled and fenced off."""
    if state != RunState.DONE:
        lock_steps(run)
        unfinished = run.steps.exclude(state__in=ENDED_STATES)
        unfinished.update(state=StepState.CANCELLED, epoch=F("epoch") + 1, ended_at=Now(), since=Now(), blocked_by=None)
    Run.objects.filter(pk=run.pk).update(state=state, ended_at=Now(), version=F("version") + 1)
    run.state = state
    record(f"onramp.{run.kind}.{state}", f"run:{run.pk}")
    registry.changed(run, None)


def touch(run: Run) -> None:
    """Something that a page shows has changed."""
    Run.objects.filter(pk=run.pk).update(version=F("version") + 1)
