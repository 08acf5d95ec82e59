"""What the API accepts and returns."""

import uuid
from datetime import datetime
from typing import Any

from ninja import Field, Schema
from pydantic import SecretStr

from onboarding.plans.content import Choice, Correction


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
        None,
        description="edits, saved for the repository; omitted: the saved ones apply; an empty list discards them",
    )
    choices: dict[str, Choice] = Field({}, description="path → which of two files at that path to keep")


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
    saved: list[str] = Field(description="the names of the values that were saved in the Secret")


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


class StepIn(Schema):
    step: str


class CancelIn(Schema):
    undo: bool = Field(default=False, description="also undo what the run created")


class LeftoverOut(Schema):
    kind: str
    name: str
    url: str
    state: str = Field(
        description="exists: an undo removes it; included: it goes with something else; kept; gone; unknown: the provider "
        "did not answer"
    )
    reason: str


class UndoOut(Schema):
    id: uuid.UUID
    onboarding: uuid.UUID
    state: str
    steps: list[StepOut]
