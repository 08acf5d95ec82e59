"""Plans: worked out, shown, corrected, left."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Person
from onboarding import actions
from onboarding.content import Content, Correction
from onboarding.models import Plan
from onboarding.reading import plans
from onboarding.views import addresses
from onboarding.views.asking import person_of


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """A plan of the pasted address; with `corrects`, of that plan's repository as the form sets it right."""
    person, pasted = person_of(request), request.POST.get("address", "")
    try:
        if "corrects" in request.POST:
            return _corrected(request, person, visible(person, request.POST["corrects"]))
        made = actions.plan(person, pasted)
    except actions.Refused as error:
        return addresses.page(request, 422, address=pasted, refused=error.says)
    return redirect("plan", made.pk)


def _corrected(request: HttpRequest, person: Person, before: Plan) -> HttpResponse:
    content = Content.model_validate(before.content)
    try:
        given = _given(request, content)
    except ValueError as error:
        messages.error(request, str(error))
        return redirect("plan", before.pk)
    chosen = dict(content.choices) | plans.choices(content, request.POST.dict())
    made = actions.plan(person, before.repository.url, given, chosen)
    says = "with your corrections. They are kept for this repository" if given else "as the repository is read"
    messages.success(request, f"This is the plan {says}.")
    return redirect("plan", made.pk)


def _given(request: HttpRequest, content: Content) -> list[Correction]:
    """The corrections that a form of the plan's page means. Raises ValueError with a sentence."""
    if "forget" in request.POST:
        return []
    return content.corrections if "files-only" in request.POST else plans.corrections(content, request.POST.dict())


@require_safe
def show(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    person = person_of(request)
    return render(request, "onboarding/plan.html", {"view": plans.of(visible(person, plan_id), person)})


@require_POST
def leave(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Not now: it tells us where people stumble."""
    person = person_of(request)
    actions.leave(person, visible(person, plan_id))
    return redirect("home")


def visible(person: Person, plan_id: uuid.UUID | str) -> Plan:
    """Raises Http404 for what is not there and for what this person may not see, alike."""
    try:
        return actions.visible_plan(person, uuid.UUID(str(plan_id)))
    except (Plan.DoesNotExist, ValueError) as error:
        raise Http404("There is no such plan that you may see.") from error
