"""This engine, as a worker runs it: a ring is answered by whatever is due in the lane, and handed on after a spell. Lease,
epoch, journal and event are on; the broker that carries rings is left out, because neither of the others has one."""

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

from onboarding.engine import progress, registry, work  # noqa: E402
from onboarding.engine.outcomes import Done  # noqa: E402
from onboarding.engine.registry import StepKind  # noqa: E402
from onboarding.models import Run, RunState, Step  # noqa: E402


def prepare(job: Job) -> list[int]:
    """The runs, with all their steps as rows; returns their first steps. One run is done already, in a lane of its own: a ring
    serves all that waits in a lane, and the others' prepared runs would be done before the clock starts."""
    registry.hang(lambda _lane, step: rings.append(step))
    perform(_started("warming", f"warming-{os.getpid()}", job.steps, 1))
    return _started("bench", "bench", job.steps, job.runs)


def _started(kind: str, lane: str, steps: int, runs: int) -> list[int]:
    """The first steps of so many new runs."""
    names = [f"step-{number}" for number in range(steps)]
    before = [(), *((name,) for name in names)]
    registry.register(
        kind,
        [StepKind(name, name, lane, need, lambda _: Done("done")) for name, need in zip(names, before, strict=False)],
    )
    with transaction.atomic():
        made = [progress.start(kind) for _ in range(runs)]
    return list(Step.objects.filter(run__in=made, name=names[0]).values_list("pk", flat=True))


rings: list[int] = []


def perform(firsts: list[int]) -> None:
    """One ring serves a backlog; those of the other runs would find nothing left."""
    rings[:] = firsts[:1]
    while rings:
        work.carry(rings.pop())


def check(job: Job) -> None:
    done = Run.objects.filter(kind="bench", state=RunState.DONE).count()
    if done < job.runs:
        raise RuntimeError(f"{done} of {job.runs} runs are done")


serve(prepare, perform, check, clock=time.perf_counter)
