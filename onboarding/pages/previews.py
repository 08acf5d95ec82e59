"""What a click would do, before it is made: re-run from a step, or undo what a run created."""

from dataclasses import dataclass

from engine import interventions
from engine.models import Effect, RunState, StepState
from onboarding.models import Onboarding
from onboarding.pages.headline import title
from onboarding.steps import undoing
from onboarding.steps.undoing import Leftover, LeftoverState


@dataclass(frozen=True)
class Group:
    """Effects with the same reason."""

    reason: str
    effects: list[Effect]


@dataclass(frozen=True)
class UndoPreview:
    """What exists of a run, by what an undo would do with it."""

    leftovers: list[Leftover]

    def _groups(self, *states: LeftoverState) -> list[Group]:
        groups: dict[str, list[Effect]] = {}
        for leftover in self.leftovers:
            if leftover.state in states:
                groups.setdefault(leftover.reason, []).append(leftover.effect)
        return [Group(reason, effects) for reason, effects in groups.items()]

    @property
    def undone(self) -> list[Group]:
        return self._groups(LeftoverState.EXISTS, LeftoverState.INCLUDED)

    @property
    def kept(self) -> list[Group]:
        return self._groups(LeftoverState.KEPT)

    @property
    def gone(self) -> list[Group]:
        return self._groups(LeftoverState.GONE)

    @property
    def unknown(self) -> list[Group]:
        return self._groups(LeftoverState.UNKNOWN)


def undo(onboarding: Onboarding) -> UndoPreview:
    """Reads from the providers."""
    return UndoPreview(undoing.leftovers(onboarding))


@dataclass(frozen=True)
class RerunPreview:
    """The titles of the steps that would run again, and what exists of their effects."""

    step: str
    title: str
    titles: list[str]
    effects: UndoPreview


def rerun(onboarding: Onboarding, name: str) -> RerunPreview | None:
    """None where there is nothing to re-run. Reads from the providers."""
    steps = list(onboarding.run.steps.all())
    first = next((step for step in steps if step.name == name), None)
    if first is None or onboarding.run.state != RunState.ACTIVE or first.state == StepState.NOT_STARTED:
        return None
    names = interventions.from_step(steps, name)
    titles = [title(onboarding.run, step) for step in steps if step.name in names]
    effects = UndoPreview(undoing.leftovers(onboarding, names))
    return RerunPreview(name, title(onboarding.run, first), titles, effects)
