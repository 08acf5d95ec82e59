"""A step as the page of its run shows it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from onboarding.models import Attempt, Effect, Onboarding, RunState, Step, StepState
from onboarding.reading import words
from onboarding.reading.causes import Cause
from onboarding.reading.headline import title
from onboarding.reading.words import Reader, Status


@dataclass(frozen=True)
class StepView:
    """One step as the page shows it."""

    step: Step
    title: str
    status: Status
    after: str
    needs_somebody: bool
    mine: bool
    lost: bool
    attempts: list[Attempt]
    effects: list[Effect]
    cause: Cause | None
    may_retry: bool
    may_look: bool
    may_repeat: bool

    @property
    def id(self) -> str:
        return f"step-{self.step.name}"

    @property
    def running(self) -> bool:
        return self.step.state == StepState.RUNNING

    @property
    def links(self) -> list[tuple[str, str]]:
        return [words.link(*one) for one in self.step.links]

    @property
    def reason(self) -> str:
        if self.step.state == StepState.NOT_STARTED:
            return f"Comes after {self.after}." if self.after else ""
        return words.sentence(self.step.reason)


def views(
    onboarding: Onboarding, steps: Sequence[Step], reader: Reader, found: dict[uuid.UUID, Cause]
) -> list[StepView]:
    """The steps as `reader` sees them; `found` are the causes that they wait for."""
    by_name = {step.name: step for step in steps}
    now = timezone.now()
    return [_view(onboarding, step, by_name, reader, found, now) for step in steps]


def _view(
    onboarding: Onboarding,
    step: Step,
    by_name: dict[str, Step],
    reader: Reader,
    found: dict[uuid.UUID, Cause],
    now: datetime,
) -> StepView:
    run = onboarding.run
    before = [by_name[name] for name in _ancestors(step, by_name)]
    awaited = [by_name[name] for name in step.needs if by_name[name].state != StepState.DONE]
    active = run.state == RunState.ACTIVE
    needing = active and words.needs_somebody(step)
    return StepView(
        step=step,
        title=title(run, step),
        status=words.status(step, reader, held_up=any(words.needs_somebody(one) for one in before)),
        after=words.listed(f"“{title(run, one)}”" for one in awaited) if awaited else "",
        needs_somebody=needing,
        mine=needing and reader.is_mine(step.move),
        lost=step.state == StepState.RUNNING and step.lease_until is not None and step.lease_until < now,
        attempts=list(step.attempts.all()),
        effects=list(step.effects.all()),
        cause=found.get(step.blocker_id) if step.blocker_id else None,
        may_retry=active and step.state == StepState.FAILED,
        may_look=active and step.state in (StepState.WAITING, StepState.BLOCKED),
        may_repeat=active and step.state != StepState.NOT_STARTED,
    )


def _ancestors(step: Step, by_name: dict[str, Step]) -> set[str]:
    """Everything that has to be done before this step."""
    found: set[str] = set()
    waiting = list(step.needs)
    while waiting:
        name = waiting.pop()
        if name not in found and name in by_name:
            found.add(name)
            waiting += by_name[name].needs
    return found


def stages(found: list[StepView]) -> list[list[StepView]]:
    """Steps that go side by side stand together; one that all others are before or after stands alone."""
    by_name = {view.step.name: view.step for view in found}
    before = {name: _ancestors(step, by_name) for name, step in by_name.items()}
    alone = {
        one for one in by_name if all(one == other or one in before[other] or other in before[one] for other in by_name)
    }
    grouped: list[list[StepView]] = []
    for view in found:
        if view.step.name in alone or not grouped or grouped[-1][0].step.name in alone:
            grouped.append([view])
        else:
            grouped[-1].append(view)
    return grouped
