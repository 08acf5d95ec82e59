"""The API under /api/v1/: a script can do all that the pages do. Described at /api/v1/openapi.json.

Tokens come from the page “API tokens” and are sent as `Authorization: Bearer …`.
"""

import uuid
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Header, NinjaAPI, Status
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from catalog.models import ApiToken, Person
from onboarding import actions
from onboarding.api.shapes import (
    AddressIn,
    AddressOut,
    CancelIn,
    LeftoverOut,
    OnboardingOut,
    PlanIn,
    PlanOut,
    Problem,
    RetryIn,
    SettingsIn,
    SettingsOut,
    StartIn,
    UndoOut,
    leftover_out,
    onboarding_out,
    plan_out,
    undo_out,
)
from onboarding.models import Onboarding, Plan, Undo


class Bearer(HttpBearer):
    """A living token; reading tokens may only GET."""

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        found = ApiToken.find(token)
        if found is None:
            return None
        if request.method not in ("GET", "HEAD") and not found.writes:
            raise HttpError(403, "This token may only read. Make one that may write.")
        return found.person


api = NinjaAPI(
    title="Onramp",
    version="1",
    description="An address goes in, a running and observed service comes out.",
    auth=Bearer(),
    urls_namespace="api",
    docs_url=None,  # its page loads scripts from elsewhere; the description at openapi.json is for any viewer
)


Problems = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem}
KINDS = {400: "unreadable", 401: "unauthorized", 403: "forbidden", 404: "not-found"}


@api.exception_handler(HttpError)
def said_no(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What is refused before an operation is reached: no token, a reading one, a body that is no JSON."""
    kind = KINDS.get(error.status_code, "refused")
    detail = "A living token is needed, as “Authorization: Bearer …”." if error.status_code == 401 else str(error)
    return api.create_response(
        request, {"kind": kind, "detail": detail.removesuffix(".") + "."}, status=error.status_code
    )


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Each field that is wrong, by its place in the request."""
    places = {".".join(str(part) for part in one["loc"]): str(one["msg"]) for one in error.errors}
    detail = "; ".join(f"{place}: {says}" for place, says in places.items())
    return api.create_response(request, {"kind": "invalid", "detail": f"{detail}."}, status=422)


@api.exception_handler(actions.Refused)
def refused(request: HttpRequest, error: actions.Refused) -> HttpResponse:
    return api.create_response(request, {"kind": error.kind, "detail": error.says}, status=422)


@api.exception_handler(actions.PlanMoved)
def moved(request: HttpRequest, error: actions.PlanMoved) -> HttpResponse:
    return api.create_response(request, {"kind": "plan-moved", "detail": str(error)}, status=409)


@api.exception_handler(actions.KeyReused)
def reused(request: HttpRequest, error: actions.KeyReused) -> HttpResponse:
    return api.create_response(request, {"kind": "key-reused", "detail": str(error)}, status=422)


@api.exception_handler(actions.NotPossible)
def impossible(request: HttpRequest, error: actions.NotPossible) -> HttpResponse:
    return api.create_response(request, {"kind": "not-possible", "detail": str(error)}, status=409)


@api.exception_handler(Onboarding.DoesNotExist)
@api.exception_handler(Plan.DoesNotExist)
@api.exception_handler(Undo.DoesNotExist)
def absent(request: HttpRequest, error: Exception) -> HttpResponse:
    return api.create_response(
        request, {"kind": "not-found", "detail": "There is nothing here that you may see."}, status=404
    )


@api.post(
    "/addresses", response={200: AddressOut, **Problems}, summary="What an address means", operation_id="checkAddress"
)
def check_address(request: HttpRequest, body: AddressIn) -> AddressOut:
    look = actions.check(_person(request), body.address)
    return AddressOut(
        repository=look.facts.full_name,
        url=look.facts.url,
        default_branch=look.facts.default_branch,
        private=look.facts.private,
        archived=look.facts.archived,
        onboarded=look.onboarded,
        active_onboarding=look.active.pk if look.active else None,
    )


@api.post(
    "/plans", response={201: PlanOut, **Problems}, summary="Work out a plan; changes nothing", operation_id="makePlan"
)
def make_plan(request: HttpRequest, body: PlanIn) -> Status[PlanOut]:
    return Status(201, plan_out(actions.plan(_person(request), body.address, body.corrections, body.choices)))


@api.get("/plans/{plan_id}", response={200: PlanOut, **Problems}, summary="Read a plan", operation_id="readPlan")
def read_plan(request: HttpRequest, plan_id: uuid.UUID) -> PlanOut:
    return plan_out(actions.visible_plan(_person(request), plan_id))


@api.post(
    "/onboardings",
    response={200: OnboardingOut, 201: OnboardingOut, **Problems},
    summary="Start a plan; 200 where it runs already",
    operation_id="startOnboarding",
)
def start(
    request: HttpRequest,
    body: StartIn,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=200)] = "",
) -> Status[OnboardingOut]:
    person = _person(request)
    onboarding, created = actions.start(person, actions.visible_plan(person, body.plan), body.digest, idempotency_key)
    return Status(201 if created else 200, onboarding_out(onboarding))


@api.get(
    "/onboardings",
    response={200: list[OnboardingOut], **Problems},
    summary="The newest 50 that you may see",
    operation_id="listOnboardings",
)
def list_onboardings(request: HttpRequest) -> list[OnboardingOut]:
    return [onboarding_out(one) for one in actions.all_visible(_person(request))[:50]]


@api.get(
    "/onboardings/{onboarding_id}",
    response={200: OnboardingOut, **Problems},
    summary="An onboarding with its steps, effects and tickets",
    operation_id="readOnboarding",
)
def read(request: HttpRequest, onboarding_id: uuid.UUID) -> OnboardingOut:
    return onboarding_out(actions.visible(_person(request), onboarding_id))


@api.post(
    "/onboardings/{onboarding_id}/retries",
    response={202: OnboardingOut, **Problems},
    summary="Try a failed step again, or look now at what a step waits for",
    operation_id="retryStep",
)
def retry(request: HttpRequest, onboarding_id: uuid.UUID, body: RetryIn) -> Status[OnboardingOut]:
    person = _person(request)
    onboarding = actions.visible(person, onboarding_id)
    actions.retry(person, onboarding, body.step)
    return Status(202, onboarding_out(onboarding))


@api.post(
    "/onboardings/{onboarding_id}/repetitions",
    response={202: OnboardingOut, **Problems},
    summary="Do a step and all after it once more; nothing is made twice",
    operation_id="repeatFromStep",
)
def repeat(request: HttpRequest, onboarding_id: uuid.UUID, body: RetryIn) -> Status[OnboardingOut]:
    person = _person(request)
    onboarding = actions.visible(person, onboarding_id)
    actions.repeat(person, onboarding, body.step)
    return Status(202, onboarding_out(actions.visible(person, onboarding_id)))


@api.post(
    "/onboardings/{onboarding_id}/settings",
    response={200: SettingsOut, **Problems},
    summary="Enter values of an application's variables; they are neither kept nor shown",
    operation_id="enterSettings",
)
def enter(request: HttpRequest, onboarding_id: uuid.UUID, body: SettingsIn) -> SettingsOut:
    person = _person(request)
    onboarding = actions.visible(person, onboarding_id)
    values = {name: value.get_secret_value() for name, value in body.values.items()}
    return SettingsOut(
        application=body.application, entered=actions.enter(person, onboarding, body.application, values)
    )


@api.post(
    "/onboardings/{onboarding_id}/cancellation",
    response={200: OnboardingOut, **Problems},
    summary="End an onboarding where it is",
    operation_id="cancelOnboarding",
)
def cancel(request: HttpRequest, onboarding_id: uuid.UUID, body: CancelIn | None = None) -> OnboardingOut:
    person = _person(request)
    onboarding = actions.visible(person, onboarding_id)
    actions.cancel(person, onboarding, undone=body is not None and body.undo)
    return onboarding_out(actions.visible(person, onboarding_id))


@api.get(
    "/onboardings/{onboarding_id}/leftovers",
    response={200: list[LeftoverOut], **Problems},
    summary="What is there of what an onboarding made, and what an undo would do with it; asks the providers",
    operation_id="listLeftovers",
)
def leftovers(request: HttpRequest, onboarding_id: uuid.UUID) -> list[LeftoverOut]:
    return [leftover_out(one) for one in actions.leftovers(actions.visible(_person(request), onboarding_id))]


@api.post(
    "/onboardings/{onboarding_id}/undo",
    response={202: UndoOut, **Problems},
    summary="Take back what an ended onboarding made",
    operation_id="undoOnboarding",
)
def undo(request: HttpRequest, onboarding_id: uuid.UUID) -> Status[UndoOut]:
    person = _person(request)
    return Status(202, undo_out(actions.undo(person, actions.visible(person, onboarding_id))))


@api.get(
    "/onboardings/{onboarding_id}/undo",
    response={200: UndoOut, **Problems},
    summary="The newest undo of an onboarding",
    operation_id="readUndo",
)
def read_undo(request: HttpRequest, onboarding_id: uuid.UUID) -> UndoOut:
    found = actions.visible(_person(request), onboarding_id).undos.select_related("run").latest("run__created_at")
    return undo_out(found)


def _person(request: HttpRequest) -> Person:
    person = getattr(request, "auth", None)
    assert isinstance(person, Person)
    return person
