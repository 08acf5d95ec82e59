"""Onboardings: started, watched, retried, cancelled, undone."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from onboarding import actions
from onboarding.content import Content
from onboarding.models import Attempt, Onboarding, Plan
from onboarding.reading import entering, lists, previews, runs
from onboarding.reading.words import listed
from onboarding.views import plans
from onboarding.views.asking import is_quiet, person_of, wants_fragment

PER_PAGE = 50
STOP_POLLING = 286
"""htmx's answer that ends a poll and still swaps."""


@require_http_methods(["GET", "HEAD", "POST"])
def collection(request: HttpRequest) -> HttpResponse:
    return create(request) if request.method == "POST" else index(request)


def index(request: HttpRequest) -> HttpResponse:
    """All runs one may see."""
    person, which, text = person_of(request), request.GET.get("show", "all"), request.GET.get("q", "").strip()[:100]
    page = Paginator(lists.filtered(person, which, text), PER_PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "lines": lists.lines(person, page.object_list), "which": which, "text": text}
    return render(request, "onboarding/list.html", shown | {"filters": lists.FILTERS})


def create(request: HttpRequest) -> HttpResponse:
    """Start what was shown; a plan that moved is shown anew."""
    person = person_of(request)
    plan = plans.visible(person, request.POST.get("plan", ""))
    try:
        onboarding, created = actions.start(person, plan, request.POST.get("digest", ""))
    except actions.PlanMoved as error:
        return _shown_anew(request, plan, str(error))
    except actions.Refused as error:
        messages.error(request, error.says)
        return redirect("plan", plan.pk)
    if not created:
        messages.info(request, "This repository is being onboarded already. This is its run.")
    return redirect("onboarding", onboarding.pk)


def _shown_anew(request: HttpRequest, plan: Plan, says: str) -> HttpResponse:
    try:
        before = Content.model_validate(plan.content)
        anew = actions.plan(person_of(request), plan.repository.url, before.corrections or None, before.choices)
    except actions.Refused as error:
        messages.error(request, f"{says} {error.says}")
        return redirect("home")
    messages.warning(request, says)
    return redirect("plan", anew.pk)


@require_safe
@vary_on_headers("HX-Request")
def show(request: HttpRequest, onboarding_id: uuid.UUID) -> HttpResponse:
    """The run as it is now; to a page that asks for news, only what is newer than its `version`."""
    person = person_of(request)
    onboarding = visible(request, onboarding_id)
    if not wants_fragment(request):
        return render(request, "onboarding/run.html", {"view": runs.of(onboarding, person)})
    runs.watched(onboarding, person)
    if is_quiet(request, "version", runs.version(onboarding.pk)):
        return HttpResponse(status=204)
    view = runs.of(onboarding, person)
    return render(request, "onboarding/run.html#run", {"view": view}, status=200 if view.changing else STOP_POLLING)


@require_POST
def retry(request: HttpRequest, onboarding_id: uuid.UUID) -> HttpResponse:
    """Try a failed step again, or look now at what a step waits for."""
    onboarding, step = visible(request, onboarding_id), request.POST.get("step", "")
    try:
        actions.retry(person_of(request), onboarding, step)
    except actions.NotPossible as error:
        messages.warning(request, str(error))
    return redirect(f"{request.path.removesuffix('retries/')}#step-{step}")


@require_http_methods(["GET", "HEAD", "POST"])
def repetition(request: HttpRequest, onboarding_id: uuid.UUID) -> HttpResponse:
    """From this step on once more: first which steps and what of theirs is there, then the click."""
    onboarding, asked = visible(request, onboarding_id), request.POST if request.method == "POST" else request.GET
    step = asked.get("step", "")
    if request.method != "POST":
        view = previews.repetition(onboarding, step)
        if view is None:
            messages.warning(request, "This run has ended, or has no such step that has begun.")
            return redirect("onboarding", onboarding.pk)
        return render(request, "onboarding/repetition.html", {"onboarding": onboarding, "view": view})
    try:
        actions.repeat(person_of(request), onboarding, step)
    except actions.NotPossible as error:
        messages.warning(request, str(error))
    return redirect(f"/onboardings/{onboarding.pk}/#step-{step}")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def settings(request: HttpRequest, onboarding_id: uuid.UUID) -> HttpResponse:
    """The values of an application's variables: which are there, and a form for new ones. What is entered goes straight to
    the cluster and is never shown."""
    onboarding = visible(request, onboarding_id)
    if request.method != "POST":
        return render(request, "onboarding/settings.html", {"view": entering.of(onboarding)})
    application = request.POST.get("application", "")
    values = {
        name[6:]: value for name, value in request.POST.items() if name.startswith("value-") and isinstance(value, str)
    }
    try:
        entered = actions.enter(person_of(request), onboarding, application, values)
    except actions.Refused as error:
        messages.error(request, error.says)
        return redirect("settings", onboarding.pk)
    except actions.NotPossible as error:
        messages.warning(request, str(error))
        return redirect("onboarding", onboarding.pk)
    messages.success(
        request, f"{listed(entered)} {'is' if len(entered) == 1 else 'are'} in the Secret of {application} now."
    )
    again = entering.of(onboarding)
    return redirect("settings" if again.left else "onboarding", onboarding.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def cancellation(request: HttpRequest, onboarding_id: uuid.UUID) -> HttpResponse:
    """First what stays behind and what could be taken back, then the click."""
    onboarding = visible(request, onboarding_id)
    if request.method != "POST":
        view = previews.undo(onboarding)
        return render(request, "onboarding/cancellation.html", {"onboarding": onboarding, "view": view})
    try:
        actions.cancel(person_of(request), onboarding, undone="undo" in request.POST)
    except actions.NotPossible as error:
        messages.warning(request, str(error))
    return redirect("onboarding", onboarding.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, onboarding_id: uuid.UUID) -> HttpResponse:
    """First what would be taken back and what stays, then the click; later: again what failed, or no further."""
    onboarding = visible(request, onboarding_id)
    if request.method != "POST":
        view = previews.undo(onboarding)
        return render(request, "onboarding/undo.html", {"onboarding": onboarding, "view": view})
    acts = {"again": actions.undo_again, "stop": actions.stop_undoing}
    try:
        acts.get(request.POST.get("act", ""), actions.undo)(person_of(request), onboarding)
    except actions.NotPossible as error:
        messages.warning(request, str(error))
    return redirect("onboarding", onboarding.pk)


@require_safe
def log(request: HttpRequest, onboarding_id: uuid.UUID, attempt_id: int) -> HttpResponse:
    """The log of one attempt as a file."""
    try:
        attempt = runs.attempt(visible(request, onboarding_id), attempt_id)
    except Attempt.DoesNotExist as error:
        raise Http404("There is no such attempt.") from error
    name = f"{attempt.step.name}-attempt-{attempt.number}.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(attempt.log, content_type="text/plain; charset=utf-8", headers=headers)


def visible(request: HttpRequest, onboarding_id: uuid.UUID) -> Onboarding:
    """Raises Http404 for what is not there and for what this person may not see, alike."""
    try:
        return actions.visible(person_of(request), onboarding_id)
    except Onboarding.DoesNotExist as error:
        raise Http404("There is no such onboarding that you may see.") from error
