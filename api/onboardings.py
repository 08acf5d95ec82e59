"""Onboardings and everything that people do to them."""

import uuid
from typing import Annotated

from django.http import HttpRequest
from ninja import Header, Router, Status

from api.answers import onboarding_out
from api.authentication import person_of
from api.problems import RESPONSES
from api.shapes import (
    CancelIn,
    OnboardingOut,
    SettingsIn,
    SettingsOut,
    StartIn,
    StepIn,
)
from onboarding.actions import onboardings, secret_values
from onboarding.models import Onboarding, Plan

router = Router()
MAX_LISTED = 50


def visible(request: HttpRequest, onboarding_id: uuid.UUID) -> Onboarding:
    """Raises Onboarding.DoesNotExist."""
    return Onboarding.objects.visible_to(person_of(request)).with_rows().get(pk=onboarding_id)


@router.post(
    "",
    response={200: OnboardingOut, 201: OnboardingOut, **RESPONSES},
    summary="Start a plan; 200 where the repository is already being onboarded",
    operation_id="startOnboarding",
)
def start(
    request: HttpRequest,
    body: StartIn,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=200)] = "",
) -> Status[OnboardingOut]:
    person = person_of(request)
    plan = Plan.objects.visible_to(person).select_related("repository", "team", "target", "person").get(pk=body.plan)
    onboarding, created = onboardings.start(person, plan, body.digest, idempotency_key)
    return Status(201 if created else 200, onboarding_out(onboarding))


@router.get(
    "",
    response={200: list[OnboardingOut], **RESPONSES},
    summary=f"List the newest {MAX_LISTED} that you can see",
    operation_id="listOnboardings",
)
def list_onboardings(request: HttpRequest) -> list[OnboardingOut]:
    rows = Onboarding.objects.visible_to(person_of(request)).with_rows().order_by("-run__created_at")
    return [onboarding_out(row) for row in rows[:MAX_LISTED]]


@router.get(
    "/{onboarding_id}",
    response={200: OnboardingOut, **RESPONSES},
    summary="Get an onboarding with its steps, effects and tickets",
    operation_id="getOnboarding",
)
def get(request: HttpRequest, onboarding_id: uuid.UUID) -> OnboardingOut:
    return onboarding_out(visible(request, onboarding_id))


@router.post(
    "/{onboarding_id}/agreement",
    response={200: OnboardingOut, **RESPONSES},
    summary="Agree, for the team, that the run deploys into its namespace",
    operation_id="agreeToOnboarding",
)
def agree(request: HttpRequest, onboarding_id: uuid.UUID) -> OnboardingOut:
    onboardings.agree(person_of(request), visible(request, onboarding_id))
    return onboarding_out(visible(request, onboarding_id))


@router.post(
    "/{onboarding_id}/retries",
    response={202: OnboardingOut, **RESPONSES},
    summary="Retry a failed step, or check now what a step waits for",
    operation_id="retryStep",
)
def retry(request: HttpRequest, onboarding_id: uuid.UUID, body: StepIn) -> Status[OnboardingOut]:
    onboarding = visible(request, onboarding_id)
    onboardings.retry(person_of(request), onboarding, body.step)
    return Status(202, onboarding_out(onboarding))


@router.post(
    "/{onboarding_id}/reruns",
    response={202: OnboardingOut, **RESPONSES},
    summary="Run a step and everything after it again; nothing is created twice",
    operation_id="rerunFromStep",
)
def rerun(request: HttpRequest, onboarding_id: uuid.UUID, body: StepIn) -> Status[OnboardingOut]:
    onboardings.rerun(person_of(request), visible(request, onboarding_id), body.step)
    return Status(202, onboarding_out(visible(request, onboarding_id)))


@router.post(
    "/{onboarding_id}/settings",
    response={200: SettingsOut, **RESPONSES},
    summary="Enter values of an application's variables; Onramp neither stores nor shows them",
    operation_id="enterSettings",
)
def enter_settings(request: HttpRequest, onboarding_id: uuid.UUID, body: SettingsIn) -> SettingsOut:
    values = {name: value.get_secret_value() for name, value in body.values.items()}
    onboarding = visible(request, onboarding_id)
    saved = secret_values.enter(person_of(request), onboarding, body.application, values)
    return SettingsOut(application=body.application, saved=saved)


@router.post(
    "/{onboarding_id}/cancellation",
    response={200: OnboardingOut, **RESPONSES},
    summary="End an onboarding where it is",
    operation_id="cancelOnboarding",
)
def cancel(request: HttpRequest, onboarding_id: uuid.UUID, body: CancelIn | None = None) -> OnboardingOut:
    undo_too = body is not None and body.undo
    onboardings.cancel(person_of(request), visible(request, onboarding_id), undo=undo_too)
    return onboarding_out(visible(request, onboarding_id))
