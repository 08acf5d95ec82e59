"""What a click would do, before it is made: from a step on once more, or what a run made taken back."""

from dataclasses import dataclass

from onboarding import intervening
from onboarding.models import Effect, Onboarding, RunState, StepState
from onboarding.reading.headline import title
from onboarding.steps import undoing
from onboarding.steps.undoing import Leftover, Standing


@dataclass(frozen=True)
class Group:
    """Effects of which the same is to be said."""

    says: str
    effects: list[Effect]


@dataclass(frozen=True)
class Undoing:
    """What is there of a run, by what an undo would do with it."""

    found: list[Leftover]

    def _of(self, *standings: Standing) -> list[Group]:
        groups: dict[str, list[Effect]] = {}
        for one in self.found:
            if one.standing in standings:
                groups.setdefault(one.says, []).append(one.effect)
        return [Group(says, effects) for says, effects in groups.items()]

    @property
    def taken(self) -> list[Group]:
        return self._of(Standing.THERE, Standing.WITH)

    @property
    def left(self) -> list[Group]:
        return self._of(Standing.STAYS)

    @property
    def gone(self) -> list[Group]:
        return self._of(Standing.GONE)

    @property
    def unseen(self) -> list[Group]:
        return self._of(Standing.UNSEEN)


def undo(onboarding: Onboarding) -> Undoing:
    """Asks the providers, by reading only."""
    return Undoing(undoing.leftovers(onboarding))


@dataclass(frozen=True)
class Repetition:
    """The steps that would go once more (their titles), and what is there of what they made."""

    step: str
    title: str
    again: list[str]
    found: Undoing


def repetition(onboarding: Onboarding, name: str) -> Repetition | None:
    """None where there is nothing to repeat. Asks the providers, by reading only."""
    steps = list(onboarding.run.steps.all())
    first = next((one for one in steps if one.name == name), None)
    if first is None or onboarding.run.state != RunState.ACTIVE or first.state == StepState.NOT_STARTED:
        return None
    again = intervening.following(steps, name)
    titles = [title(onboarding.run, one) for one in steps if one.name in again]
    return Repetition(name, title(onboarding.run, first), titles, Undoing(undoing.leftovers(onboarding, again)))
