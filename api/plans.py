"""Addresses and plans."""

import uuid

from django.http import HttpRequest
from ninja import Router, Status

from api.answers import plan_out
from api.authentication import person_of
from api.problems import RESPONSES
from api.shapes import AddressIn, AddressOut, PlanIn, PlanOut
from onboarding.actions import plans
from onboarding.models import Plan

router = Router()


@router.post(
    "/addresses",
    response={200: AddressOut, **RESPONSES},
    summary="Check what an address refers to",
    operation_id="checkAddress",
)
def check_address(request: HttpRequest, body: AddressIn) -> AddressOut:
    check = plans.check_address(person_of(request), body.address)
    return AddressOut(
        repository=check.facts.full_name,
        url=check.facts.url,
        default_branch=check.facts.default_branch,
        private=check.facts.private,
        archived=check.facts.archived,
        onboarded=check.onboarded,
        active_onboarding=check.active.pk if check.active else None,
    )


@router.post(
    "/plans",
    response={201: PlanOut, **RESPONSES},
    summary="Create a plan; changes nothing outside",
    operation_id="createPlan",
)
def create_plan(request: HttpRequest, body: PlanIn) -> Status[PlanOut]:
    plan = plans.create(person_of(request), body.address, body.corrections, body.choices)
    return Status(201, plan_out(plan))


@router.get("/plans/{plan_id}", response={200: PlanOut, **RESPONSES}, summary="Get a plan", operation_id="getPlan")
def get_plan(request: HttpRequest, plan_id: uuid.UUID) -> PlanOut:
    rows = Plan.objects.visible_to(person_of(request)).select_related("repository", "team", "target", "person")
    return plan_out(rows.get(pk=plan_id))
