"""Re-run, cancel, undo: first a preview of what happens, then the click."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from engine.interventions import NotPossible
from onboarding.actions import onboardings, undos
from onboarding.pages import previews
from onboarding.views.requests import person_of
from onboarding.views.runs import to_step, visible


@require_http_methods(["GET", "HEAD", "POST"])
def rerun(request: HttpRequest, onboarding_id: uuid.UUID) -> HttpResponse:
    """Re-run from a step: first which steps, and what exists of their effects."""
    onboarding, parameters = visible(request, onboarding_id), request.POST if request.method == "POST" else request.GET
    step = parameters.get("step", "")
    if request.method != "POST":
        view = previews.rerun(onboarding, step)
        if view is None:
            messages.warning(request, "This run has ended, or this step has not started yet.")
            return redirect("onboarding", onboarding.pk)
        return render(request, "onboarding/rerun.html", {"onboarding": onboarding, "view": view})
    try:
        onboardings.rerun(person_of(request), onboarding, step)
    except NotPossible as error:
        messages.warning(request, str(error))
    return to_step(onboarding, step)


@require_http_methods(["GET", "HEAD", "POST"])
def cancellation(request: HttpRequest, onboarding_id: uuid.UUID) -> HttpResponse:
    """First what stays in place and what can be undone."""
    onboarding = visible(request, onboarding_id)
    if request.method != "POST":
        context = {"onboarding": onboarding, "view": previews.undo(onboarding)}
        return render(request, "onboarding/cancellation.html", context)
    try:
        onboardings.cancel(person_of(request), onboarding, undo="undo" in request.POST)
    except NotPossible as error:
        messages.warning(request, str(error))
    return redirect("onboarding", onboarding.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, onboarding_id: uuid.UUID) -> HttpResponse:
    """First what would be undone and what stays; later: retry what failed, or stop."""
    onboarding = visible(request, onboarding_id)
    if request.method != "POST":
        return render(request, "onboarding/undo.html", {"onboarding": onboarding, "view": previews.undo(onboarding)})
    acts = {"retry": undos.retry, "stop": undos.stop}
    try:
        acts.get(request.POST.get("act", ""), undos.start)(person_of(request), onboarding)
    except NotPossible as error:
        messages.warning(request, str(error))
    return redirect("onboarding", onboarding.pk)
