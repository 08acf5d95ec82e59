"""Kinds of steps for the tests of the engine: each does what its test tells it."""

from collections.abc import Callable, Iterator

import pytest

from onboarding.engine import progress, registry
from onboarding.engine.outcomes import Done, Outcome
from onboarding.engine.registry import StepKind
from onboarding.engine.work import Work
from onboarding.models import Run, Step

KIND = "trial"
Behaviour = Callable[[Work], Outcome]


class Trial:
    """A run kind of four steps: first → (left, right) → last, with a behaviour for each."""

    def __init__(self) -> None:
        self.behaviours: dict[str, Behaviour] = {}
        self.rings: list[tuple[str, int]] = []
        self.performed: list[str] = []

    def perform(self, work: Work) -> Outcome:
        self.performed.append(work.step.name)
        behaviour = self.behaviours.get(work.step.name)
        return behaviour(work) if behaviour else Done("done")

    def start(self, topic: str = "", share: str = "") -> Run:
        run = progress.start(KIND, topic=topic, share=share)
        return run

    def step(self, run: Run, name: str) -> Step:
        return run.steps.get(name=name)

    def states(self, run: Run) -> dict[str, str]:
        return dict(run.steps.values_list("name", "state"))


@pytest.fixture
def trial() -> Iterator[Trial]:
    """Registers the kind, and a bell that only notes who was rung for."""
    made = Trial()
    kinds = [
        StepKind("first", "First", "one", (), made.perform),
        StepKind("left", "Left", "one", ("first",), made.perform),
        StepKind("right", "Right", "two", ("first",), made.perform),
        StepKind("last", "Last", "one", ("left", "right"), made.perform),
    ]
    registry.register(KIND, kinds)
    before = list(registry._bell)
    registry.hang(lambda queue, pk: made.rings.append((queue, pk)))
    yield made
    registry._bell[:] = before
