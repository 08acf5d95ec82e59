"""One round: so many runs at once, the sequence of faults, the people's moves, and what holds in the end."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.core.management import call_command
from django.db import connection

from events import intake
from onboarding.models import Run, RunState
from tests.chaos import holding, witness
from tests.chaos.faults import Injector
from tests.chaos.people import People, patient
from tests.chaos.sequence import Fault
from tests.chaos.surroundings import Surroundings
from tests.journey.hands import Hands

PATIENCE = 240.0
"""Seconds after the last fault within which everything must have come to its end."""
A_MOMENT = 0.3


@dataclass
class Result:
    seed: int
    runs: int
    finished: int
    faults: dict[str, int]
    losses: int
    doubles: int
    wrong: list[str]
    seconds: float

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def of(seed: int, count: int, faults: list[Fault], to: Surroundings) -> Result:
    people = People(Hands(to.sandbox))
    _prepare(people, count)
    began = time.monotonic()
    people.start()
    to.work()
    injector = Injector(to, faults)
    try:
        _until(lambda: injector.over or people.finished() == count, to, people, injector)
        injector.cease()
        _until(lambda: people.finished() == count and _at_rest(), to, people, injector, time.monotonic() + PATIENCE)
    finally:
        injector.cease()
    seconds = time.monotonic() - began
    connection.close()
    wrong = holding.everything_wrong(people.hands, people.runs)
    doubles = sum(one.double for one in wrong)
    says = [one.says for one in wrong]
    return Result(seed, count, people.finished(), injector.counts(), witness.losses(), doubles, says, seconds)


def _prepare(people: People, count: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("seed_demo", verbosity=0)
    witness.begin()
    people.prepare(count)


def _until(
    holds: Callable[[], bool], to: Surroundings, people: People, injector: Injector, deadline: float = float("inf")
) -> None:
    while not holds() and time.monotonic() < deadline:
        injector.step()
        to.tend()
        people.move()
        time.sleep(A_MOMENT)


def _at_rest() -> bool:
    """Every run but the watches has ended, those of causes and of messages too, and all that was heard is understood."""
    with patient():
        going = Run.objects.filter(state=RunState.ACTIVE).exclude(kind="observation")
        return not going.exists() and not intake.unhandled()
    return False
