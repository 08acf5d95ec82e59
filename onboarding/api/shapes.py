"""What the API takes and gives, and how our rows become it."""

import uuid
from datetime import datetime
from typing import Any

from ninja import Field, Schema
from pydantic import SecretStr

from onboarding import actions
from onboarding.content import Choice, Correction
from onboarding.models import Effect, Onboarding, Plan, Step, Undo
from onboarding.steps.undoing import Leftover


class Problem(Schema):
    """Why something was not done: a kind for machines, a sentence for people."""

    kind: str
    detail: str


class AddressIn(Schema):
    address: str = Field(description="any form: https, ssh, owner/name, a link into the repository", max_length=2000)


class AddressOut(Schema):
    repository: str
    url: str
    default_branch: str
    private: bool
    archived: bool
    onboarded: bool
    active_onboarding: uuid.UUID | None


class PlanIn(AddressIn):
    corrections: list[Correction] | None = Field(
        None, description="kept for the repository; left out: with those that are kept; an empty list forgets them"
    )
    choices: dict[str, Choice] = Field({}, description="path → which of two files that meet there shall stand")


class PlanOut(Schema):
    id: uuid.UUID
    digest: str
    repository: str
    head: str
    team: str | None
    can_start: bool
    content: dict[str, Any]


class SettingsIn(Schema):
    application: str
    values: dict[str, SecretStr] = Field(description="variable → value; goes straight into the application's Secret")


class SettingsOut(Schema):
    application: str
    entered: list[str] = Field(description="the names of what is in the Secret now")


class StartIn(Schema):
    plan: uuid.UUID
    digest: str = Field(description="the digest that the plan showed: what you agree to")


class EffectOut(Schema):
    kind: str
    name: str
    state: str
    url: str


class TicketOut(Schema):
    key: str
    url: str
    summary: str
    clears_when: str
    state: str


class StepOut(Schema):
    name: str
    state: str
    move: str
    attempt: int
    reason: str
    detail: str
    since: datetime
    due_at: datetime | None
    links: list[list[str]]
    effects: list[EffectOut]
    ticket: TicketOut | None


class OnboardingOut(Schema):
    id: uuid.UUID
    repository: str
    state: str
    plan: uuid.UUID
    started_by: str
    created_at: datetime
    ended_at: datetime | None
    steps: list[StepOut]


class RetryIn(Schema):
    step: str


class CancelIn(Schema):
    undo: bool = Field(default=False, description="also take back what the run made")


class LeftoverOut(Schema):
    kind: str
    name: str
    url: str
    standing: str = Field(
        description="there: an undo takes it back; with: it goes with that; stays: not; gone; unseen: the provider did not say"
    )
    says: str


class UndoOut(Schema):
    id: uuid.UUID
    onboarding: uuid.UUID
    state: str
    steps: list[StepOut]


def plan_out(plan: Plan) -> PlanOut:
    return PlanOut(
        id=plan.pk,
        digest=plan.digest,
        repository=plan.repository.full_name,
        head=plan.head,
        team=plan.team.slug if plan.team else None,
        can_start=actions.can_start(plan),
        content=plan.content,
    )


def onboarding_out(row: Onboarding) -> OnboardingOut:
    steps = row.run.steps.select_related("blocker").prefetch_related("effects")
    return OnboardingOut(
        id=row.pk,
        repository=row.repository.full_name,
        state=row.run.state,
        plan=row.plan_id,
        started_by=row.person.username,
        created_at=row.run.created_at,
        ended_at=row.run.ended_at,
        steps=[step_out(step) for step in steps],
    )


def undo_out(row: Undo) -> UndoOut:
    steps = row.run.steps.select_related("blocker").prefetch_related("effects")
    return UndoOut(
        id=row.pk, onboarding=row.onboarding_id, state=row.run.state, steps=[step_out(step) for step in steps]
    )


def step_out(step: Step) -> StepOut:
    blocker = step.blocker
    ticket = None
    if blocker is not None:
        ticket = TicketOut(
            key=blocker.ticket_key,
            url=blocker.ticket_url,
            summary=blocker.summary,
            clears_when=blocker.clears_when,
            state=blocker.state,
        )
    return StepOut(
        name=step.name,
        state=step.state,
        move=step.move,
        attempt=step.attempt,
        reason=step.reason,
        detail=step.detail,
        since=step.since,
        due_at=step.due_at,
        links=step.links,
        effects=[effect_out(effect) for effect in step.effects.all()],
        ticket=ticket,
    )


def effect_out(effect: Effect) -> EffectOut:
    return EffectOut(kind=effect.kind, name=effect.name, state=effect.state, url=effect.url)


def leftover_out(found: Leftover) -> LeftoverOut:
    effect = found.effect
    return LeftoverOut(kind=effect.kind, name=effect.name, url=effect.url, standing=found.standing, says=found.says)
