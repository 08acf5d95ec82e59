"""A kind of run whose steps do what the test sets, and a notifier that only keeps its notifications."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from engine import claims, execution, registry, runs
from engine.context import Work
from engine.models import Run, Step
from engine.outcomes import Done, Outcome
from engine.registry import StepKind

KIND = "diamond"
Behaviour = Callable[[Work], Outcome]


class Diamond:
    """Runs of four steps: first → (left, right) → last. A step without a behaviour is done at once."""

    def __init__(self) -> None:
        self.behaviours: dict[str, Behaviour] = {}
        """Step name → what the step does."""
        self.notifications: list[tuple[str, int]] = []
        """(queue, step id) of every notification that no worker has received yet, the oldest first."""
        self.performed: list[str] = []
        """Names of the executed steps, in order."""

    def perform(self, work: Work) -> Outcome:
        self.performed.append(work.step.name)
        behaviour = self.behaviours.get(work.step.name)
        return behaviour(work) if behaviour else Done("done")

    def start(self, topic: str = "", share: str = "") -> Run:
        with transaction.atomic():
            return runs.start(KIND, topic=topic, share=share)

    def next_notified(self) -> int:
        """The step id of the oldest notification, as a worker receives it."""
        return self.notifications.pop(0)[1]

    def execute_notified(self) -> None:
        """Execute the step of each notification until none is left."""
        while self.notifications:
            execution.execute(self.next_notified())

    def claim(self, run: Run, name: str) -> Step:
        step = claims.claim(self.step(run, name).pk)
        assert step is not None, f"{name} is not due"
        return step

    def claim_again(self, step: Step) -> Step:
        """Claim a waiting step, as if its time had passed."""
        make_due(step)
        return self.claim(step.run, step.name)

    def step(self, run: Run, name: str) -> Step:
        return run.steps.get(name=name)

    def states(self, run: Run) -> dict[str, str]:
        return dict(run.steps.values_list("name", "state"))


@pytest.fixture
def diamond() -> Iterator[Diamond]:
    diamond = Diamond()
    kinds = [
        StepKind("first", "First", "main", (), diamond.perform),
        StepKind("left", "Left", "main", ("first",), diamond.perform),
        StepKind("right", "Right", "side", ("first",), diamond.perform),
        StepKind("last", "Last", "main", ("left", "right"), diamond.perform),
    ]
    registry.register(KIND, kinds)
    before = list(registry._notifier)
    registry.set_notifier(lambda queue, step_id: diamond.notifications.append((queue, step_id)))
    yield diamond
    registry._notifier[:] = before


@pytest.fixture
def held(diamond: Diamond) -> Step:
    """The first step of a new run, claimed."""
    return diamond.claim(diamond.start(), "first")


def expire_lease(step: Step) -> None:
    """As if the holder had not renewed its lease in time."""
    Step.objects.filter(pk=step.pk).update(lease_until=Now() - timedelta(seconds=1))


def make_due(step: Step) -> None:
    """As if the time of its wait had passed."""
    Step.objects.filter(pk=step.pk).update(due_at=Now())


def wait_for_lock() -> None:
    """Until another connection waits for a lock that this one holds."""
    for _ in range(1_000):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone() != (0,):
                return
        time.sleep(0.01)
    pytest.fail("no other connection waits for a lock of this one")
