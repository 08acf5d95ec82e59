"""Plans: created, shown, edited, left."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Person
from onboarding.actions import plans as actions
from onboarding.models import Plan
from onboarding.pages import plan_form, plans
from onboarding.plans.content import Content, Correction
from onboarding.plans.preflight import RequestRejected
from onboarding.views import addresses
from onboarding.views.requests import person_of


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """A plan for the pasted URL; with `edits`, for that plan's repository with the form's edits."""
    person, pasted = person_of(request), request.POST.get("address", "")
    try:
        if "edits" in request.POST:
            return _edit(request, person, visible(person, request.POST["edits"]))
        plan = actions.create(person, pasted)
    except RequestRejected as error:
        return addresses.page(request, 422, address=pasted, rejected=error.message)
    return redirect("plan", plan.pk)


def _edit(request: HttpRequest, person: Person, plan: Plan) -> HttpResponse:
    content = Content.model_validate(plan.content)
    try:
        edits = _edits(request, content)
    except plan_form.InvalidForm as error:
        messages.error(request, str(error))
        return redirect("plan", plan.pk)
    choices = dict(content.choices) | plan_form.choices(content, request.POST.dict())
    updated = actions.create(person, plan.repository.url, edits, choices)
    message = "This plan includes your edits. They are saved for this repository." if edits else "Edits discarded."
    if "files-only" in request.POST:
        message = "This plan includes your choice of files."
    messages.success(request, message)
    return redirect("plan", updated.pk)


def _edits(request: HttpRequest, content: Content) -> list[Correction]:
    """The edits in the form. Raises InvalidForm."""
    if "discard" in request.POST:
        return []
    if "files-only" in request.POST:
        return content.corrections
    return plan_form.corrections(content, request.POST.dict())


@require_safe
def show(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    person = person_of(request)
    return render(request, "onboarding/plan.html", {"view": plans.of(visible(person, plan_id), person)})


@require_POST
def leave(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Recorded, because it shows where people stumble."""
    person = person_of(request)
    actions.leave(person, visible(person, plan_id))
    return redirect("home")


def visible(person: Person, plan_id: uuid.UUID | str) -> Plan:
    """Raises Http404 alike for a plan that does not exist and for one that this person cannot see."""
    try:
        rows = Plan.objects.visible_to(person).select_related("repository", "team", "target", "person")
        return rows.get(pk=uuid.UUID(str(plan_id)))
    except (Plan.DoesNotExist, ValueError) as error:
        raise Http404("There is no such plan, or you cannot see it.") from error
