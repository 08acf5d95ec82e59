"""Onboardings: listed, started, shown, retried; the log of an attempt."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from engine.interventions import NotPossible
from engine.models import Attempt
from onboarding.actions import onboardings
from onboarding.actions import plans as plan_actions
from onboarding.models import Onboarding, Plan
from onboarding.pages import lists, runs, versions
from onboarding.pages.paging import page_of
from onboarding.plans.content import Content
from onboarding.plans.preflight import RequestRejected
from onboarding.views import plans
from onboarding.views.requests import is_current, person_of, wants_fragment

PER_PAGE = 50
STOP_POLLING = 286
"""htmx's status that ends a poll and still swaps."""


@require_http_methods(["GET", "HEAD", "POST"])
def collection(request: HttpRequest) -> HttpResponse:
    return create(request) if request.method == "POST" else index(request)


def index(request: HttpRequest) -> HttpResponse:
    """All runs that this person may see."""
    person, which, text = person_of(request), request.GET.get("show", "all"), request.GET.get("q", "").strip()[:100]
    page = page_of(lists.filtered(person, which, text), request.GET.get("page"), PER_PAGE)
    context = {
        "page": page,
        "lines": lists.lines(person, page),
        "which": which,
        "text": text,
        "filters": lists.FILTERS,
    }
    return render(request, "onboarding/list.html", context)


def create(request: HttpRequest) -> HttpResponse:
    """Start what was shown; where the repository moved, the current plan is shown first."""
    person = person_of(request)
    plan = plans.visible(person, request.POST.get("plan", ""))
    try:
        onboarding, created = onboardings.start(person, plan, request.POST.get("digest", ""))
    except onboardings.PlanMoved as error:
        return _show_current_plan(request, plan, str(error))
    except RequestRejected as error:
        messages.error(request, error.message)
        return redirect("plan", plan.pk)
    if not created:
        messages.info(request, "This repository is already being onboarded. This is its run.")
    return redirect("onboarding", onboarding.pk)


def _show_current_plan(request: HttpRequest, plan: Plan, message: str) -> HttpResponse:
    content = Content.model_validate(plan.content)
    try:
        current = plan_actions.create(
            person_of(request), plan.repository.url, content.corrections or None, content.choices
        )
    except RequestRejected as error:
        messages.error(request, f"{message} {error.message}")
        return redirect("home")
    messages.warning(request, message)
    return redirect("plan", current.pk)


@require_safe
@vary_on_headers("HX-Request")
def show(request: HttpRequest, onboarding_id: uuid.UUID) -> HttpResponse:
    """The run as it is now; to a page that polls, only what is newer than its `version`."""
    person = person_of(request)
    onboarding = visible(request, onboarding_id)
    if not wants_fragment(request):
        return render(request, "onboarding/run.html", {"view": runs.of(onboarding, person)})
    versions.record_presence(onboarding, person)
    if is_current(request, "version", versions.of_run(onboarding.pk)):
        return HttpResponse(status=204)
    view = runs.of(onboarding, person)
    return render(request, "onboarding/run.html#run", {"view": view}, status=200 if view.changing else STOP_POLLING)


@require_POST
def retry(request: HttpRequest, onboarding_id: uuid.UUID) -> HttpResponse:
    """Retry a failed step, or check now what a step waits for."""
    onboarding, step = visible(request, onboarding_id), request.POST.get("step", "")
    try:
        onboardings.retry(person_of(request), onboarding, step)
    except NotPossible as error:
        messages.warning(request, str(error))
    return to_step(onboarding, step)


@require_POST
def agree(request: HttpRequest, onboarding_id: uuid.UUID) -> HttpResponse:
    """Let the run into the team's namespace."""
    onboarding = visible(request, onboarding_id)
    try:
        onboardings.agree(person_of(request), onboarding)
        messages.success(request, f"You agreed for {onboarding.team}. The run resumes.")
    except NotPossible as error:
        messages.warning(request, str(error))
    return redirect("onboarding", onboarding.pk)


@require_safe
def log(request: HttpRequest, onboarding_id: uuid.UUID, attempt_id: int) -> HttpResponse:
    """The log of one attempt as a file."""
    onboarding = visible(request, onboarding_id)
    try:
        attempt = Attempt.objects.select_related("step").get(pk=attempt_id, step__run=onboarding.run)
    except Attempt.DoesNotExist as error:
        raise Http404("There is no such attempt.") from error
    name = f"{attempt.step.name}-attempt-{attempt.number}.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(attempt.log, content_type="text/plain; charset=utf-8", headers=headers)


def to_step(onboarding: Onboarding, step: str) -> HttpResponse:
    """Back to the step on the page of its run."""
    return redirect(f"{reverse('onboarding', args=[onboarding.pk])}#step-{step}")


def visible(request: HttpRequest, onboarding_id: uuid.UUID) -> Onboarding:
    """Raises Http404 alike for an onboarding that does not exist and for one that this person cannot see."""
    try:
        return Onboarding.objects.visible_to(person_of(request)).with_rows().get(pk=onboarding_id)
    except Onboarding.DoesNotExist as error:
        raise Http404("There is no such onboarding, or you cannot see it.") from error
