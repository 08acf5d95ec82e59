"""A run from its start to its end: all its steps are rows from the beginning."""

import functools
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from events.log import record
from onboarding.engine import registry, under_way
from onboarding.models import ENDED_STATES, Move, Run, RunState, Step, StepState


def start(kind: str, *, topic: str = "", share: str = "", names: Iterable[str] | None = None) -> Run:
    """A new run with all its steps as rows; those that need nothing are ready when the transaction commits.

    `names` are the steps that this run has; what needs another one goes on without it."""
    run = Run.objects.create(kind=kind, topic=topic, share=share, trace=under_way.traceparent())
    wanted = None if names is None else set(names)
    chosen = [one for one in registry.kinds(kind) if wanted is None or one.name in wanted]
    there = {one.name for one in chosen}
    steps = Step.objects.bulk_create(
        Step(
            run=run,
            name=one.name,
            position=place,
            queue=one.queue,
            share=share,
            **_first([need for need in one.needs if need in there]),
        )
        for place, one in enumerate(chosen)
    )
    for step in steps:
        if step.state == StepState.READY:
            _ring(step.queue, step.pk)
    return run


def _first(needs: list[str]) -> dict[str, Any]:
    return {"needs": needs} if needs else {"needs": [], "state": StepState.READY, "due_at": Now()}


def lock(run_id: uuid.UUID) -> Run:
    """The run's row, held until the transaction ends: changes of one run come one after the other."""
    return Run.objects.select_for_update(no_key=True).get(pk=run_id)


def make_ready(step: Step) -> None:
    """Due now; the bell rings once the transaction is in."""
    Step.objects.filter(pk=step.pk).update(
        state=StepState.READY,
        due_at=Now(),
        since=Now(),
        move=Move.MACHINE,
        blocker=None,
        failures=0,
        failing_since=None,
    )
    _ring(step.queue, step.pk)


def _ring(queue: str, pk: int) -> None:
    transaction.on_commit(functools.partial(registry.ring, queue, pk))


def end(run: Run, state: RunState) -> None:
    """Close the run; whatever has not ended is cancelled and fenced off."""
    if state != RunState.DONE:
        left = run.steps.exclude(state__in=ENDED_STATES)
        left.update(state=StepState.CANCELLED, epoch=F("epoch") + 1, ended_at=Now(), since=Now(), blocker=None)
    Run.objects.filter(pk=run.pk).update(state=state, ended_at=Now(), version=F("version") + 1)
    run.state = state
    record(f"onramp.{run.kind}.{state}", f"run:{run.pk}")
    registry.changed(run, None)


def touch(run: Run) -> None:
    """Something that a page shows has changed."""
    Run.objects.filter(pk=run.pk).update(version=F("version") + 1)
