"""The experiment of one round: many runs at once, the sequence of faults, what people do, and what holds in the end."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.core.management import call_command
from django.db import connection

from engine.models import Run, RunState
from events import intake
from tests.chaos import invariants, lease_audit
from tests.chaos.faults import Injector
from tests.chaos.people import People, tolerate_faults
from tests.chaos.sequence import Fault
from tests.chaos.surroundings import Surroundings
from tests.journey.actors import Actors

TIMEOUT = 240.0
"""Seconds after the last fault within which every run must end."""
INTERVAL = 0.3


@dataclass
class Result:
    seed: int
    runs: int
    finished: int
    faults: dict[str, int]
    """Kind → how often it struck."""
    crashes: int
    duplicates: int
    violations: list[str]
    seconds: float

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def run(seed: int, count: int, faults: list[Fault], surroundings: Surroundings) -> Result:
    people = People(Actors(surroundings.sandbox))
    _prepare(people, count)
    began = time.monotonic()
    people.start()
    surroundings.work()
    injector = Injector(surroundings, faults)
    try:
        _wait_until(lambda: injector.is_over or people.finished() == count, surroundings, people, injector)
        injector.stop()
        _wait_until(
            lambda: people.finished() == count and _is_at_rest(),
            surroundings,
            people,
            injector,
            deadline=time.monotonic() + TIMEOUT,
        )
    finally:
        injector.stop()
    seconds = time.monotonic() - began
    connection.close()
    violations = invariants.violations(people.actors, people.runs)
    return Result(
        seed=seed,
        runs=count,
        finished=people.finished(),
        faults=injector.counts(),
        crashes=lease_audit.crashes(),
        duplicates=sum(violation.is_duplicate for violation in violations),
        violations=[violation.message for violation in violations],
        seconds=seconds,
    )


def _prepare(people: People, count: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("seed_demo", verbosity=0)
    lease_audit.install()
    people.prepare(count)


def _wait_until(
    condition: Callable[[], bool],
    surroundings: Surroundings,
    people: People,
    injector: Injector,
    deadline: float = float("inf"),
) -> None:
    while not condition() and time.monotonic() < deadline:
        injector.step()
        surroundings.restart_dead()
        people.move()
        time.sleep(INTERVAL)


def _is_at_rest() -> bool:
    """All runs except the watches have ended, also those of blockers and messages, and every webhook is handled."""
    with tolerate_faults():
        active = Run.objects.filter(state=RunState.ACTIVE).exclude(kind="watch")
        return not active.exists() and not intake.unhandled()
    return False
