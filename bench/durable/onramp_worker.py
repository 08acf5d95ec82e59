"""This engine, as a worker runs it: one notification drains the queue, in time slices.

Lease, epoch, attempts and events are on, and so are three listeners, as an onboarding has them: they are called in the
transaction in which it becomes a person's move or the run ends, when one of them writes a row. That row is written with a
prepared statement, because the cost of Django's ORM is not the engine's. The broker that carries notifications is left out,
because neither of the other two has one.
"""

import os
import sys
import time

from bench.durable.protocol import Job, serve

os.environ["DATABASE_URL"] = sys.argv[1]
os.environ.update(
    ONRAMP_DEMO="1", SECRET_KEY="only for measuring: 0123456789012345678901234567", REDIS_URL="redis://unused"
)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django

django.setup()

from django.db import transaction  # noqa: E402

from database import prepared  # noqa: E402
from engine import execution, registry, runs  # noqa: E402
from engine.models import Run, RunState, Step  # noqa: E402
from engine.outcomes import Done  # noqa: E402
from engine.registry import StepKind  # noqa: E402

notifications: list[int] = []


def prepare(job: Job) -> list[int]:
    """The runs with all their steps as rows; returns the ids of their first steps.

    The run that warms up has a queue of its own: a notification drains a whole queue, so in a shared one the other workers'
    runs would be done before the clock starts.
    """
    registry.set_notifier(lambda _queue, step_id: notifications.append(step_id))
    perform(_start("warming", f"warming-{os.getpid()}", job.steps, 1))
    return _start("bench", "bench", job.steps, job.runs)


def _start(kind: str, queue: str, steps: int, count: int) -> list[int]:
    """The ids of the first steps of new runs."""
    names = [f"step-{number}" for number in range(steps)]
    needs = [(), *((name,) for name in names)]
    kinds = [
        StepKind(name, name, queue, need, lambda _: Done("done")) for name, need in zip(names, needs, strict=False)
    ]
    registry.register(kind, kinds)
    registry.on_turn(kind, _on_turn)
    for _ in range(2):
        registry.on_turn(kind, lambda _run, _step: None)
    with transaction.atomic():
        started = [runs.start(kind) for _ in range(count)]
    return list(Step.objects.filter(run__in=started, name=names[0]).values_list("pk", flat=True))


def _on_turn(run: Run, step: Step | None) -> None:
    """As the listener that frees the repository for its next onboarding."""
    prepared.execute("UPDATE engine_run SET topic = 'ended' WHERE id = %(run)s", {"run": run.pk})


def perform(first_steps: list[int]) -> None:
    """One notification drains the backlog; those of the other runs would find nothing left."""
    notifications[:] = first_steps[:1]
    while notifications:
        execution.drain(notifications.pop())


def check(job: Job) -> None:
    done = Run.objects.filter(kind="bench", state=RunState.DONE).count()
    if done < job.runs:
        raise RuntimeError(f"only {done} of {job.runs} runs are done")


serve(prepare, perform, check, clock=time.perf_counter)
