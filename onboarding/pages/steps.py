"""A step as the page of its run shows it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from engine.models import Attempt, Effect, Run, RunState, Step, StepState
from onboarding.blockers.agreement import NOT_AGREED
from onboarding.models import Onboarding
from onboarding.pages import wording
from onboarding.pages.blockers import BlockerView
from onboarding.pages.headline import title
from onboarding.pages.wording import Reader, Status


@dataclass(frozen=True)
class StepView:
    """One step as the page shows it. `lost`: its worker stopped responding."""

    step: Step
    title: str
    status: Status
    after: str
    needs_person: bool
    mine: bool
    lost: bool
    attempts: list[Attempt]
    effects: list[Effect]
    blocker: BlockerView | None
    can_retry: bool
    can_check: bool
    can_rerun: bool
    can_agree: bool

    @property
    def id(self) -> str:
        return f"step-{self.step.name}"

    @property
    def running(self) -> bool:
        return self.step.state == StepState.RUNNING

    @property
    def links(self) -> list[tuple[str, str]]:
        return [wording.link(*link) for link in self.step.links]

    @property
    def reason(self) -> str:
        if self.step.state == StepState.NOT_STARTED:
            return f"Comes after {self.after}." if self.after else ""
        return wording.sentence(self.step.reason)


def views(
    onboarding: Onboarding, steps: Sequence[Step], reader: Reader, blockers: dict[uuid.UUID, BlockerView]
) -> list[StepView]:
    """The steps as `reader` sees them, with the blockers that they wait for."""
    by_name = {step.name: step for step in steps}
    now = timezone.now()
    return [_view(onboarding.run, step, by_name, reader, blockers, now) for step in steps]


def _view(
    run: Run,
    step: Step,
    by_name: dict[str, Step],
    reader: Reader,
    blockers: dict[uuid.UUID, BlockerView],
    now: datetime,
) -> StepView:
    earlier = [by_name[name] for name in _ancestors(step, by_name)]
    pending = [by_name[name] for name in step.needs if by_name[name].state != StepState.DONE]
    active = run.state == RunState.ACTIVE
    needs_person = active and wording.needs_person(step)
    blocker = blockers.get(step.blocked_by_id) if step.blocked_by_id else None
    return StepView(
        step=step,
        title=title(run, step),
        status=wording.status(step, reader, held_up=any(wording.needs_person(each) for each in earlier)),
        after=wording.listed(f"“{title(run, each)}”" for each in pending) if pending else "",
        needs_person=needs_person,
        mine=needs_person and reader.is_mine(step.move),
        lost=step.state == StepState.RUNNING and step.lease_until is not None and step.lease_until < now,
        attempts=list(step.attempts.all()),
        effects=list(step.effects.all()),
        blocker=blocker,
        can_retry=active and step.state == StepState.FAILED,
        can_check=active and step.state in (StepState.WAITING, StepState.BLOCKED),
        can_rerun=active and step.state != StepState.NOT_STARTED,
        can_agree=reader.may_agree and blocker is not None and blocker.blocker.kind == NOT_AGREED.name,
    )


def _ancestors(step: Step, by_name: dict[str, Step]) -> set[str]:
    """Everything that has to be done before this step."""
    ancestors: set[str] = set()
    pending = list(step.needs)
    while pending:
        name = pending.pop()
        if name not in ancestors and name in by_name:
            ancestors.add(name)
            pending += by_name[name].needs
    return ancestors


def stages(step_views: list[StepView]) -> list[list[StepView]]:
    """Steps that run in parallel are one stage; a step that comes before or after every other is a stage of its own."""
    by_name = {view.step.name: view.step for view in step_views}
    earlier = {name: _ancestors(step, by_name) for name, step in by_name.items()}
    sequential = {
        name
        for name in by_name
        if all(name == other or name in earlier[other] or other in earlier[name] for other in by_name)
    }
    grouped: list[list[StepView]] = []
    for view in step_views:
        if view.step.name in sequential or not grouped or grouped[-1][0].step.name in sequential:
            grouped.append([view])
        else:
            grouped[-1].append(view)
    return grouped
