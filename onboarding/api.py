"""The API under /api/v1/: a script can do all that the pages do. Described at /api/v1/openapi.json.

Tokens come from the page “API tokens” and are sent as `Authorization: Bearer …`.
"""

import uuid
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Header, NinjaAPI, Schema, Status
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from catalog.models import ApiToken, Person
from onboarding import actions
from onboarding.content import Correction
from onboarding.models import Effect, Onboarding, Plan, Step


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
    corrections: list[Correction] = []


class PlanOut(Schema):
    id: uuid.UUID
    digest: str
    repository: str
    head: str
    team: str | None
    can_start: bool
    content: dict[str, Any]


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
    return Status(201, _plan(actions.plan(_person(request), body.address, body.corrections)))


@api.get("/plans/{plan_id}", response={200: PlanOut, **Problems}, summary="Read a plan", operation_id="readPlan")
def read_plan(request: HttpRequest, plan_id: uuid.UUID) -> PlanOut:
    return _plan(actions.visible_plan(_person(request), plan_id))


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
    return Status(201 if created else 200, _onboarding(onboarding))


@api.get(
    "/onboardings",
    response={200: list[OnboardingOut], **Problems},
    summary="The newest 50 that you may see",
    operation_id="listOnboardings",
)
def list_onboardings(request: HttpRequest) -> list[OnboardingOut]:
    return [_onboarding(one) for one in actions.all_visible(_person(request))[:50]]


@api.get(
    "/onboardings/{onboarding_id}",
    response={200: OnboardingOut, **Problems},
    summary="An onboarding with its steps, effects and tickets",
    operation_id="readOnboarding",
)
def read(request: HttpRequest, onboarding_id: uuid.UUID) -> OnboardingOut:
    return _onboarding(actions.visible(_person(request), onboarding_id))


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
    return Status(202, _onboarding(onboarding))


@api.post(
    "/onboardings/{onboarding_id}/cancellation",
    response={200: OnboardingOut, **Problems},
    summary="End an onboarding where it is",
    operation_id="cancelOnboarding",
)
def cancel(request: HttpRequest, onboarding_id: uuid.UUID) -> OnboardingOut:
    person = _person(request)
    onboarding = actions.visible(person, onboarding_id)
    actions.cancel(person, onboarding)
    return _onboarding(actions.visible(person, onboarding_id))


def _person(request: HttpRequest) -> Person:
    person = getattr(request, "auth", None)
    assert isinstance(person, Person)
    return person


def _plan(plan: Plan) -> PlanOut:
    return PlanOut(
        id=plan.pk,
        digest=plan.digest,
        repository=plan.repository.full_name,
        head=plan.head,
        team=plan.team.slug if plan.team else None,
        can_start=actions.can_start(plan),
        content=plan.content,
    )


def _onboarding(row: Onboarding) -> OnboardingOut:
    steps = row.run.steps.select_related("blocker").prefetch_related("effects")
    return OnboardingOut(
        id=row.pk,
        repository=row.repository.full_name,
        state=row.run.state,
        plan=row.plan_id,
        started_by=row.person.username,
        created_at=row.run.created_at,
        ended_at=row.run.ended_at,
        steps=[_step(step) for step in steps],
    )


def _step(step: Step) -> StepOut:
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
        effects=[_effect(effect) for effect in step.effects.all()],
        ticket=ticket,
    )


def _effect(effect: Effect) -> EffectOut:
    return EffectOut(kind=effect.kind, name=effect.name, state=effect.state, url=effect.url)
